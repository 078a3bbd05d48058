"""SageMaker defines the metrics of its own algorithms: Describe shows them, and Create refuses them."""

import pytest

from laptop.simulated_sagemaker.errors import refusal
from spotter.core.ledger import row_keys
from tests.support.nightly_lineage import ACT, claimed, out_of_wait
from tests.support.spotter_in_one_process import Killed

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


def made(world) -> list:
    """The requests that SageMaker was sent from now on."""
    real, seen = world.sagemaker.create_training_job, []
    world.sagemaker.create_training_job = lambda **request: seen.append(request) or real(**request)
    return seen


def shows(world, metrics):
    """Describe shows metrics that no request had."""

    def shown(answer):
        answer["AlgorithmSpecification"] = answer["AlgorithmSpecification"] | {
            "MetricDefinitions": metrics
        }
        return answer

    world.distort("describe_training_job", shown)


@pytest.mark.parametrize("image", [XGBOOST, LEARNER])
def test_a_built_in_algorithm_is_resubmitted_at_the_first_try(new_world, image):
    world = new_world(ACT)
    seen = made(world)
    out_of_wait(world, **algorithm(TrainingImage=image))
    world.pass_time(40)
    _, second = world.attempts()
    assert world.statuses(second)[-1] == "Completed"
    assert len(seen) == 2  # the owner's own, and Spotter's
    assert claimed(world)["state"] == "started"


def test_an_algorithm_of_the_marketplace_is_asked_for_once_more_without_its_metrics(new_world):
    world = new_world(ACT)
    seen = made(world)
    out_of_wait(world, **algorithm(AlgorithmName=MARKETPLACE))
    world.pass_time(40)
    assert len(world.attempts()) == 2
    with_, without = (request["AlgorithmSpecification"] for request in seen[1:])
    assert "MetricDefinitions" in with_
    assert "MetricDefinitions" not in without
    assert claimed(world)["metrics"] is False


def test_the_switch_is_read_again_before_the_second_try(new_world):
    world = new_world(ACT)
    real = world.sagemaker.create_training_job

    def create(**request):
        if "-a2-" in request["TrainingJobName"]:
            world.switch = "off"
        return real(**request)

    world.sagemaker.create_training_job = create
    out_of_wait(world, **algorithm(AlgorithmName=MARKETPLACE))
    assert world.attempts() == ["nightly-7"]
    assert claimed(world)["state"] == "waiting"
    world.switch, world.sagemaker.create_training_job = "on", real
    world.pass_time(120, step=10)
    world.sweep()
    assert claimed(world)["state"] == "started"


def test_a_second_try_that_was_cut_off_is_adopted_by_its_own_hash(new_world):
    world = new_world(ACT)
    real = world.sagemaker.create_training_job

    def create(**request):
        answer = real(**request)
        if "-a2-" in request["TrainingJobName"]:
            raise Killed
        return answer

    world.sagemaker.create_training_job = create
    with pytest.raises(Killed):
        out_of_wait(world, **algorithm(AlgorithmName=MARKETPLACE))
    world.sagemaker.create_training_job = real
    world.pass_time(200, step=10)
    world.sweep()
    assert len(world.attempts()) == 2
    row = claimed(world)
    assert row["state"] == "started"
    assert row_keys.OPEN_PK not in row


def test_a_persons_own_metrics_are_carried_over(new_world):
    world = new_world(ACT)
    image = "444455556666.dkr.ecr.us-east-1.amazonaws.com/linear-learner:1"
    out_of_wait(world, **algorithm(TrainingImage=image, MetricDefinitions=METRICS))
    _, second = world.attempts()
    shown = world.sagemaker.describe_training_job(TrainingJobName=second)
    assert shown["AlgorithmSpecification"]["MetricDefinitions"] == METRICS


def test_an_image_of_a_region_that_nobody_listed_is_asked_for_twice(new_world):
    world = new_world(ACT)
    real, refused = world.sagemaker.create_training_job, []

    def create(**request):
        if request["AlgorithmSpecification"].get("MetricDefinitions"):
            refused.append(request)
            raise refusal("CreateTrainingJob", "ValidationException", SAGEMAKERS_ANSWER)
        return real(**request)

    world.sagemaker.create_training_job = create
    shows(world, METRICS)
    out_of_wait(world, **algorithm(TrainingImage=ELSEWHERE))
    assert (len(refused), len(world.attempts())) == (1, 2)
