"""What breaks the API's model is named by its place and the constraint, and never by a value."""

import pytest

from sagemaker_api import model

SHAPE = model.request_shape("CreateTrainingJob")


def faults(**members):
    found = {n: m for n, m in SHAPE.members.items() if n in members}
    return [
        one.without_values
        for n, m in found.items()
        for one in model.violations(members[n], m, (n,))
    ]


@pytest.mark.parametrize(
    ("members", "expected"),
    [
        (
            {"Environment": {"TOKEN": "s" * 513}},
            "Environment[...]: Member must have length less than or equal to 512",
        ),
        ({"Tags": [{"Value": "s"}]}, "Tags[0].Key: Member must not be null"),
        (
            {"AlgorithmSpecification": {"TrainingInputMode": "secret"}},
            "AlgorithmSpecification.TrainingInputMode: Member must satisfy enum value set: [Pipe, File, FastFile]",
        ),
        (
            {"ResourceConfig": {"InstanceType": "secret"}},
            "ResourceConfig.InstanceType: Member must satisfy enum value set: [225 values]",
        ),
    ],
)
def test_a_violation_shows_its_place_and_its_constraint_and_no_value(members, expected):
    count = len(SHAPE.members["ResourceConfig"].members["InstanceType"].enum)
    assert faults(**members) == [expected.replace("225", str(count))]


@pytest.mark.parametrize(
    ("number", "fits"),
    [(2**31 - 1, True), (2**31, False), (10**12, False), (True, False), (1.5, False), ("1", False)],
)
def test_a_number_must_fit_the_bits_of_its_type(number, fits):
    place = "StoppingCondition.MaxRuntimeInSeconds"
    broken = [] if fits else [f"{place}: Member must be of type integer"]
    assert faults(StoppingCondition={"MaxRuntimeInSeconds": number}) == broken


def test_a_long_may_have_more_bits_and_a_date_is_one_of_the_calendar():
    interval = {"S3OutputPath": "s3://b/x", "ProfilingIntervalInMilliseconds": 2**31}
    assert faults(ProfilerConfig=interval) == []
    listed = model.request_shape("ListTrainingJobs")
    for seconds, fits in ((253_402_300_799, True), (253_402_300_800, False)):
        found = list(model.violations({"CreationTimeAfter": seconds}, listed))
        assert (found == []) is fits


def test_a_long_pattern_is_cut():
    [arn] = faults(ServerlessJobConfig={"BaseModelArn": "secret", "JobType": "Evaluation"})
    assert arn.endswith("...")
    assert len(arn) < 220
    assert "secret" not in arn


def test_a_violation_reads_as_sagemaker_writes_it_with_parts_counted_from_one():
    broken = model.violations(
        [{"Key": "k", "Value": "v"}, {"Value": "s"}], SHAPE.members["Tags"], ("Tags",)
    )
    assert [str(one) for one in broken] == [
        "Value null at 'tags.2.member.key' failed to satisfy constraint: Member must not be null"
    ]
    environment = SHAPE.members["Environment"]
    [long] = model.violations({"TOKEN": "s" * 513}, environment, ("Environment",))
    assert str(long).startswith(f"Value '{'s' * 513}' at 'environment.TOKEN.member' failed")


@pytest.mark.parametrize(("count", "fits"), [(0, False), (1, True)])
def test_a_figure_below_the_least_one_is_named(count, fits):
    broken = faults(StoppingCondition={"MaxRuntimeInSeconds": count})
    below = (
        "StoppingCondition.MaxRuntimeInSeconds: Member must have value greater than or equal to "
    )
    assert [one for one in broken if not one.startswith(below)] == []
    assert (broken == []) is fits
