"""What SageMaker refuses, the market refuses with the same code."""

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from laptop.simulated_sagemaker import request_rules
from sagemaker_api import model

REFUSED = {
    "64 characters": {"TrainingJobName": "n" * 64},
    "a name that ends in a dash": {"TrainingJobName": "name-"},
    "an underscore in the name": {"TrainingJobName": "a_name"},
    "no role": {"RoleArn": None},
    "a role of another shape": {"RoleArn": "arn:aws:iam::1:user/nobody"},
    "an unknown member": {"Colour": "blue"},
    "an unknown inner member": {"ResourceConfig__Colour": "blue"},
    "an unknown instance type": {"ResourceConfig__InstanceType": "ml.none.large"},
    "a number that is a string": {"ResourceConfig__InstanceCount": "1"},
    "a number that is a flag": {"ResourceConfig__InstanceCount": True},
    "a member that is None": {"VpcConfig": {"SecurityGroupIds": None, "Subnets": ["subnet-1"]}},
    "a runtime of nothing": {"StoppingCondition__MaxRuntimeInSeconds": 0},
    "101 hyperparameters": {"HyperParameters": {str(number): "" for number in range(101)}},
    "a hyperparameter of 2,501 characters": {"HyperParameters": {"long": "x" * 2501}},
    "no instances": {"ResourceConfig": None},
    "no wait budget": {"StoppingCondition__MaxWaitTimeInSeconds": None},
    "a wait below the runtime": {"StoppingCondition__MaxWaitTimeInSeconds": 3599},
    "a wait on demand": {"EnableManagedSpotTraining": False},
    "29 days": {
        "StoppingCondition__MaxRuntimeInSeconds": 29 * 86400,
        "StoppingCondition__MaxWaitTimeInSeconds": 30 * 86400,
    },
    "a warm pool": {"ResourceConfig__KeepAlivePeriodInSeconds": 60},
    "a selected instance type": {"ResourceConfig__SelectedInstanceType": "ml.g5.xlarge"},
    "a selected instance count": {"ResourceConfig__SelectedInstanceCount": 1},
    "instance preferences with spot": {
        "ResourceConfig": {
            "InstancePreferences": [{"InstanceType": "ml.g5.xlarge", "InstanceCount": 1}]
        }
    },
    "two algorithms": {"AlgorithmSpecification__AlgorithmName": "mine"},
    "no algorithm": {"AlgorithmSpecification__TrainingImage": None},
    "an aws: tag": {"Tags": [{"Key": "aws:mine", "Value": ""}]},
    "a tag twice": {"Tags": [{"Key": "a", "Value": "1"}, {"Key": "A", "Value": "2"}]},
    "51 tags": {"Tags": [{"Key": f"k{number}", "Value": ""} for number in range(51)]},
    "a tag with a line break": {"Tags": [{"Key": "a", "Value": "1\n2"}]},
}
ACCEPTED = {
    "the plain request": {},
    "63 characters": {"TrainingJobName": "n" * 63},
    "a wait equal to the runtime": {"StoppingCondition__MaxWaitTimeInSeconds": 3600},
    "letters of any script in a tag": {"Tags": [{"Key": "größe", "Value": "大 +1 @channel"}]},
    "50 tags": {"Tags": [{"Key": f"k{number}", "Value": ""} for number in range(50)]},
}


@pytest.mark.parametrize("what", REFUSED)
def test_it_is_refused(what, sagemaker, spot):
    with pytest.raises(ClientError) as refused:
        sagemaker.create_training_job(**spot(**REFUSED[what]))
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    assert sagemaker.truths() == []


@pytest.mark.parametrize("what", ACCEPTED)
def test_it_is_accepted(what, sagemaker, spot):
    assert sagemaker.create_training_job(**spot(**ACCEPTED[what]))["TrainingJobArn"]


def test_on_demand_a_wait_needs_a_retry_strategy(sagemaker, on_demand):
    wait = {"StoppingCondition__MaxWaitTimeInSeconds": 7200}
    with pytest.raises(
        ClientError, match="only supported when EnableManagedSpotTraining is set to true"
    ):
        sagemaker.create_training_job(**on_demand(**wait))
    sagemaker.create_training_job(**on_demand(**wait, RetryStrategy={"MaximumRetryAttempts": 1}))
    with pytest.raises(ClientError, match="greater than or equal to MaxRuntimeInSeconds"):
        sagemaker.create_training_job(
            **on_demand(
                TrainingJobName="short",
                RetryStrategy={"MaximumRetryAttempts": 1},
                StoppingCondition__MaxWaitTimeInSeconds=3599,
            )
        )


def test_on_demand_instances_may_be_preferred(sagemaker, on_demand):
    preferred = {"InstancePreferences": [{"InstanceType": "ml.g5.xlarge", "InstanceCount": 1}]}
    sagemaker.create_training_job(**on_demand(ResourceConfig=preferred))
    with pytest.raises(ClientError, match="mutually exclusive"):
        sagemaker.create_training_job(
            **on_demand(ResourceConfig=preferred | {"InstanceType": "ml.g5.xlarge"})
        )


def test_a_refusal_names_every_fault_in_the_words_of_sagemaker(sagemaker, spot):
    with pytest.raises(ClientError) as refused:
        sagemaker.create_training_job(**spot(TrainingJobName="a_b", RoleArn=None))
    message = refused.value.response["Error"]["Message"]
    assert message == (
        "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; "
        "Value 'a_b' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression "
        "pattern: [a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )


@given(st.text(alphabet="ab-_.", min_size=1, max_size=70))
def test_names_are_taken_just_when_the_pattern_and_the_length_allow(name):
    shape = model.request_shape("DescribeTrainingJob")
    good = (
        not name.startswith("-")
        and not name.endswith("-")
        and not {"_", "."} & {*name}
        and len(name) <= 63
    )
    assert (not [*model.violations({"TrainingJobName": name}, shape)]) == good


def test_each_rule_says_where_it_is_documented():
    assert all(rule.__doc__ for rule in request_rules.RULES)


def patterns_in(shape, seen):
    """Every pattern below this shape."""
    if shape.name in seen:
        return
    seen.add(shape.name)
    if "pattern" in shape.metadata:
        yield shape.metadata["pattern"]
    inner = {"structure": lambda: shape.members.values(), "list": lambda: [shape.member]}
    inner["map"] = lambda: [shape.key, shape.value]
    for member in inner.get(shape.type_name, list)():
        yield from patterns_in(member, seen)


def test_every_pattern_of_a_request_is_understood():
    """Java's patterns are not all Python's."""
    for operation in ("CreateTrainingJob", "ListTrainingJobs", "AddTags", "ListTags", "DeleteTags"):
        found = [*patterns_in(model.request_shape(operation), set())]
        assert found
        assert [model.pattern(pattern).pattern for pattern in found]
