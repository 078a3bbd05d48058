"""SageMaker defines the metrics of its own algorithms: Describe shows them, and Create refuses them."""

import pytest

from laptop.market.refusals import refusal
from spotter.core import rows
from tests.nightly import ACT, claimed, out_of_wait
from tests.world import Killed

XGBOOST = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.5-1"
LEARNER = "226302683700.dkr.ecr-fips.us-gov-west-1.amazonaws.com/linear-learner:1"
ELSEWHERE = "444455556666.dkr.ecr.mx-central-1.amazonaws.com/sagemaker-xgboost:3.0-5"
MARKETPLACE = "arn:aws:sagemaker:us-east-1:865070037744:algorithm/marketplace-trees"
SAGEMAKERS_ANSWER = (
    "You can't override the metric definitions for Amazon SageMaker algorithms. "
    "Please retry the request without specifying metric definitions."
)
METRICS = [{"Name": "validation:rmse", "Regex": "rmse:([0-9.]+)"}]


def algorithm(**more):
    return {"AlgorithmSpecification": {"TrainingInputMode": "File", **more}}


def made(told) -> list:
    """The requests that SageMaker was sent from now on."""
    real, seen = told.sagemaker.create_training_job, []
    told.sagemaker.create_training_job = lambda **asked: seen.append(asked) or real(**asked)
    return seen


def shows(told, metrics):
    """Describe shows metrics that nobody asked for."""

    def shown(answer):
        answer["AlgorithmSpecification"] = answer["AlgorithmSpecification"] | {
            "MetricDefinitions": metrics
        }
        return answer

    told.distort("describe_training_job", shown)


@pytest.mark.parametrize("image", [XGBOOST, LEARNER])
def test_a_built_in_algorithm_is_carried_on_at_the_first_try(world, image):
    told = world(ACT)
    seen = made(told)
    out_of_wait(told, **algorithm(TrainingImage=image))
    told.pass_time(40)
    _, second = told.attempts()
    assert told.statuses(second)[-1] == "Completed"
    assert len(seen) == 2  # the owner's own, and Spotter's
    assert claimed(told)["state"] == "started"


def test_an_algorithm_of_the_marketplace_is_asked_for_once_more_without_its_metrics(world):
    told = world(ACT)
    seen = made(told)
    out_of_wait(told, **algorithm(AlgorithmName=MARKETPLACE))
    told.pass_time(40)
    assert len(told.attempts()) == 2
    with_, without = (asked["AlgorithmSpecification"] for asked in seen[1:])
    assert "MetricDefinitions" in with_
    assert "MetricDefinitions" not in without
    assert claimed(told)["metrics"] is False


def test_the_switch_is_read_again_before_the_second_try(world):
    told = world(ACT)
    real = told.sagemaker.create_training_job

    def create(**asked):
        if "-a2-" in asked["TrainingJobName"]:
            told.switch = "off"
        return real(**asked)

    told.sagemaker.create_training_job = create
    out_of_wait(told, **algorithm(AlgorithmName=MARKETPLACE))
    assert told.attempts() == ["nightly-7"]
    assert claimed(told)["state"] == "waiting"
    told.switch, told.sagemaker.create_training_job = "on", real
    told.pass_time(120, step=10)
    told.sweep()
    assert claimed(told)["state"] == "started"


def test_a_second_try_that_was_cut_off_is_adopted_by_its_own_hash(world):
    told = world(ACT)
    real = told.sagemaker.create_training_job

    def create(**asked):
        answer = real(**asked)
        if "-a2-" in asked["TrainingJobName"]:
            raise Killed
        return answer

    told.sagemaker.create_training_job = create
    with pytest.raises(Killed):
        out_of_wait(told, **algorithm(AlgorithmName=MARKETPLACE))
    told.sagemaker.create_training_job = real
    told.pass_time(200, step=10)
    told.sweep()
    assert len(told.attempts()) == 2
    row = claimed(told)
    assert row["state"] == "started"
    assert rows.OPEN_PK not in row


def test_a_persons_own_metrics_are_carried_over(world):
    told = world(ACT)
    image = "444455556666.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
    out_of_wait(told, **algorithm(TrainingImage=image, MetricDefinitions=METRICS))
    _, second = told.attempts()
    shown = told.sagemaker.describe_training_job(TrainingJobName=second)
    assert shown["AlgorithmSpecification"]["MetricDefinitions"] == METRICS


def test_an_image_of_a_region_that_nobody_listed_is_asked_for_twice(world):
    told = world(ACT)
    real, refused = told.sagemaker.create_training_job, []

    def create(**asked):
        if asked["AlgorithmSpecification"].get("MetricDefinitions"):
            refused.append(asked)
            raise refusal("CreateTrainingJob", "ValidationException", SAGEMAKERS_ANSWER)
        return real(**asked)

    told.sagemaker.create_training_job = create
    shows(told, METRICS)
    out_of_wait(told, **algorithm(TrainingImage=ELSEWHERE))
    assert (len(refused), len(told.attempts())) == (1, 2)
