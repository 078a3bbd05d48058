"""Whatever Describe may answer, the next attempt's request is one that SageMaker takes, on every capacity option."""

import copy
from typing import Any

import pytest

from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.simulated_sagemaker.spot_market import SpotMarket
from sagemaker_api import model
from spotter.aws.resubmit import training_request
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.policy.capacity_options import CapacityOption
from spotter.core.resubmit.past_attempts import NOTHING
from spotter.core.resubmit.plan import plan
from tests.aws.resubmit.test_training_request import OPTIONS
from tests.support import generated_requests
from tests.support.jobs import ACCOUNT, NOON, REGION, minutes
from tests.support.spotter_in_one_process import MODEL

SEEDS = 250
AWS_TAGS = {"aws:createdBy": "x", "aws:cloudformation:stack-name": "y"}


@pytest.fixture(scope="module")
def sagemaker() -> SimulatedSageMaker:
    return SimulatedSageMaker(
        account=ACCOUNT,
        region=REGION,
        clock=lambda: NOON,
        market=SpotMarket(),
        emit=lambda e: None,
        quotas={},
    )


def answered(sagemaker: SimulatedSageMaker, seed: int) -> dict[str, Any]:
    request = generated_requests.created(seed)
    sagemaker.create_training_job(**copy.deepcopy(request))
    answer = sagemaker.describe_training_job(TrainingJobName=request["TrainingJobName"])
    return generated_requests.described(answer, seed)


def made_again(
    sagemaker: SimulatedSageMaker, answer: dict[str, Any], number: int, option: CapacityOption
) -> Any:
    job = Job.described(answer)
    listed = sagemaker.list_tags(ResourceArn=answer["TrainingJobArn"])["Tags"]
    tags = {tag["Key"]: tag["Value"] for tag in listed} | AWS_TAGS
    planned = plan(option, job, left=minutes(number), before=NOTHING, prices={})
    attempt = Attempt(job.id, number)
    return training_request.next_request(MODEL, answer, tags, attempt, planned)


@pytest.mark.parametrize("seed", range(SEEDS))
def test_every_capacity_option_of_every_answer_is_taken(sagemaker, seed):
    answer = answered(sagemaker, seed)
    for number, option in enumerate(OPTIONS, start=2):
        request = made_again(sagemaker, answer, number, option)
        sagemaker.create_training_job(**copy.deepcopy(request))
        assert set(request) <= set(model.request_shape("CreateTrainingJob").members)
        assert not {"SelectedInstanceType", "SelectedInstanceCount"} & set(
            request["ResourceConfig"]
        )
        assert not [tag for tag in request["Tags"] if tag["Key"].startswith("aws:")]
        assert option.spot == bool(request.get("EnableManagedSpotTraining"))
        assert option.spot == ("MaxWaitTimeInSeconds" in request["StoppingCondition"])
        assert unchanged(answer, request)


def unchanged(answer: dict[str, Any], request: dict[str, Any]) -> bool:
    """Everything but the name, the tags, the capacity and the limits is as the first attempt had it."""
    may = (
        "TrainingJobName",
        "Tags",
        "ResourceConfig",
        "StoppingCondition",
        "EnableManagedSpotTraining",
    )
    kept = {k: v for k, v in request.items() if k not in may}
    lost = [
        name
        for name in model.members_of_request_and_answer()
        if name not in may and not empty(answer.get(name)) and name not in kept
    ]
    return training_request.describes(answer, kept) and not lost


def empty(value: Any) -> bool:
    """True of what says nothing, however deep."""
    inside = isinstance(value, dict) and all(map(empty, value.values()))
    return inside or value in (None, "", [])


def test_the_answers_are_of_many_kinds(sagemaker):
    """Each member that both shapes have is there in some of them and absent in others."""
    request = [set(generated_requests.created(seed)) for seed in range(SEEDS)]
    always, ever = set.intersection(*request), set.union(*request)
    shared = set(model.members_of_request_and_answer()) - {"ServerlessJobConfig"}
    assert shared <= ever | {"ModelPackageConfig", "MlflowConfig"}
    assert len(shared - always) >= 15
