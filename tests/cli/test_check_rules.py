"""Each rule of `spotter check` finds what it is named for, says nothing of a wise request, and guesses nothing."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from laptop.simulated_sagemaker import request_rules
from sagemaker_api import model
from spotter.core.check.findings import Finding, check
from spotter.core.check.request import Request, Unknown
from spotter.core.check.rules import RULES
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.policy.model import Mode, Policy, ResubmissionPolicy, Rule
from spotter_cli.check.account_checks import bucket_of, name_of
from tests.cli.check_requests import (
    WISE,
    changed,
    check_input,
    found,
    left_out,
    results,
    seen,
    titles,
)
from tests.support.jobs import described

GROUPS = [{"InstanceType": "ml.g5.xlarge", "InstanceCount": 1, "InstanceGroupName": "gpu"}]
PROFILED = [
    {
        "RuleConfigurationName": "x",
        "RuleEvaluatorImage": "1.dkr.ecr.us-east-1.amazonaws.com/rules:1",
    }
]
KMEANS = "664544806723.dkr.ecr.eu-central-1.amazonaws.com/kmeans:1"
WAIT, RUN = "StoppingCondition__MaxWaitTimeInSeconds", "StoppingCondition__MaxRuntimeInSeconds"
PLACE, FOLDER = "CheckpointConfig__S3Uri", "CheckpointConfig__LocalPath"
IMAGE, RESOURCES = "AlgorithmSpecification__TrainingImage", "ResourceConfig"
ON_DEMAND = {"EnableManagedSpotTraining": None, WAIT: None}
PREFERENCES = [{"InstanceType": "ml.g5.xlarge"}, {"InstanceType": "ml.g5.2xlarge"}]
MEMBERS, VALUES = (
    "its members are as the API describes them",
    "its values are ones that botocore knows",
)
NO_PLACE = Unknown("it is not of the form s3://<bucket>/<prefix>")
NO_BUCKET = Unknown("S3 accepts no bucket of that name")
NOTED = {"it asks for spot": "note"}

SAVED = {"what the script saves is copied": "unwise"}
FINDINGS = [
    ("wise", {}, {}),
    ("saves into the model", {"HyperParameters": {"output_dir": "/opt/ml/model"}}, SAVED),
    ("saves, as the SDK writes it", {"HyperParameters": {"output_dir": '"/opt/ml/model"'}}, SAVED),
    ("saves beside", {"HyperParameters": {"save_dir": "/opt/ml/checkpoints-2"}}, SAVED),
    ("saves at the checkpoints", {"HyperParameters": {"output_dir": "/opt/ml/checkpoints"}}, {}),
    ("saves below them", {"HyperParameters": {"output_dir": "/opt/ml/checkpoints/run"}}, {}),
    (
        "saves at a folder of its own",
        {"HyperParameters": {"output_dir": "/data"}, FOLDER: "/data"},
        {},
    ),
    ("saves at a relative place", {"HyperParameters": {"output_dir": "out"}}, {}),
    (
        "starts from a channel",
        {
            "HyperParameters": {
                "output_dir": "/opt/ml/checkpoints",
                "resume_from_checkpoint": "/opt/ml/input/data/warm",
            }
        },
        {},
    ),
    (
        "loads a file of a channel",
        {"HyperParameters": {"checkpoint_path": "/opt/ml/input/data/pretrained/model.ckpt"}},
        {},
    ),
    (
        "starts from what its image holds",
        {"HyperParameters": {"resume_from_checkpoint": "/opt/pretrained"}},
        {},
    ),
    (
        "resumes from the checkpoints",
        {"HyperParameters": {"resume_from_checkpoint": "/opt/ml/checkpoints/checkpoint-500"}},
        {},
    ),
    (
        "resumes from the model",
        {"HyperParameters": {"resume_from_checkpoint": "/opt/ml/model/last"}},
        SAVED,
    ),
    (
        "one subnet",
        {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
        {"it may start in several availability zones": "note"},
    ),
    (
        "two subnets",
        {"VpcConfig": {"Subnets": ["subnet-1", "subnet-2"], "SecurityGroupIds": ["sg-1"]}},
        {},
    ),
    ("on demand", ON_DEMAND, NOTED),
    (
        "no checkpoints",
        {"CheckpointConfig": None},
        {"a spot job has a place for checkpoints": "unwise"},
    ),
    ("no slash", {PLACE: "s3://b/run-1"}, {"a place for checkpoints ends in a slash": "unwise"}),
    (
        "a whole bucket",
        {PLACE: "s3://b"},
        {"a place for checkpoints is not a whole bucket": "unwise"},
    ),
    (
        "a bucket's root",
        {PLACE: "s3://b/"},
        {"a place for checkpoints is not a whole bucket": "unwise"},
    ),
    ("no wait", {WAIT: None}, {"a spot job says how long it may wait": "refused"}),
    ("short wait", {WAIT: 35999}, {"a wait is no shorter than the run": "refused"}),
    (
        "a day's run by default",
        {RUN: None, WAIT: 86399},
        {"a wait is no shorter than the run": "refused"},
    ),
    ("equal", {WAIT: 36000}, {"a wait is longer than the run": "unwise"}),
    ("little room", {WAIT: 39599}, {"a wait leaves room for interruptions": "unwise"}),
    ("a tenth of room", {WAIT: 39600}, {}),
    (
        "little room of a short run",
        {RUN: 60, WAIT: 659},
        {"a wait leaves room for interruptions": "unwise"},
    ),
    ("ten minutes of room", {RUN: 60, WAIT: 660}, {}),
    (
        "waiting on demand",
        {"EnableManagedSpotTraining": False},
        NOTED | {"only a spot job waits": "refused"},
    ),
    ("too long", {RUN: 2419201, WAIT: 3000000}, {"a run takes at most 28 days": "refused"}),
    ("28 days", {RUN: 2419200, WAIT: 3000000}, {}),
    (
        "saves nothing",
        {IMAGE: KMEANS, RUN: 600, WAIT: 3601},
        {
            "an algorithm that saves nothing waits an hour at most": "refused",
            "an algorithm that saves nothing starts over": "note",
        },
    ),
    (
        "saves nothing, within the hour",
        {IMAGE: KMEANS, RUN: 600, WAIT: 3600},
        {"an algorithm that saves nothing starts over": "note"},
    ),
    (
        "a built-in algorithm that does not checkpoint, and no place for checkpoints",
        {IMAGE: KMEANS, RUN: 600, WAIT: 3600, "CheckpointConfig": None},
        {"an algorithm that saves nothing starts over": "note"},
    ),
    (
        "a built-in algorithm that checkpoints, and no place for them",
        {IMAGE: KMEANS.replace("kmeans", "object-detection"), "CheckpointConfig": None},
        {"a spot job has a place for checkpoints": "unwise"},
    ),
    (
        "another account's image of that name",
        {IMAGE: KMEANS.replace("664544806723", "444455556666")},
        {},
    ),
    ("an own image of that name", {IMAGE: KMEANS.replace("664544806723", "111122223333")}, {}),
    (
        "from the marketplace",
        {IMAGE: None, "AlgorithmSpecification__AlgorithmName": "arn-of-it"},
        {"an algorithm from the marketplace may wait an hour": "note"},
    ),
    (
        "retries",
        {"RetryStrategy": {"MaximumRetryAttempts": 2}},
        {"a RetryStrategy is for internal errors": "note"},
    ),
    (
        "a warm pool",
        {f"{RESOURCES}__KeepAlivePeriodInSeconds": 600},
        {"no warm pool is kept for spot": "refused"},
    ),
    ("no warm pool", {f"{RESOURCES}__KeepAlivePeriodInSeconds": 0}, {}),
    (
        "a warm pool on demand",
        ON_DEMAND | {f"{RESOURCES}__KeepAlivePeriodInSeconds": 600},
        NOTED,
    ),
    (
        "preferences",
        {f"{RESOURCES}__InstancePreferences": PREFERENCES, f"{RESOURCES}__InstanceType": None},
        {"instance preferences stand alone": "refused"},
    ),
    (
        "preferences and a type",
        ON_DEMAND | {f"{RESOURCES}__InstancePreferences": PREFERENCES},
        NOTED | {"instance preferences stand alone": "refused"},
    ),
    (
        "groups and a count",
        {f"{RESOURCES}__InstanceGroups": GROUPS, f"{RESOURCES}__InstanceType": None},
        {"instance groups stand alone": "refused"},
    ),
    (
        "groups",
        {
            f"{RESOURCES}__InstanceGroups": GROUPS,
            f"{RESOURCES}__InstanceType": None,
            f"{RESOURCES}__InstanceCount": None,
        },
        {},
    ),
    (
        "a rule without a profiler",
        {"ProfilerConfig": {"DisableProfiler": True}, "ProfilerRuleConfigurations": PROFILED},
        {"no rule profiles without a profiler": "refused"},
    ),
    (
        "session tags",
        {"SessionChainingConfig": {"EnableSessionTagChaining": True}},
        {"its session tags are not kept": "note"},
    ),
    (
        "selected",
        {f"{RESOURCES}__SelectedInstanceType": "ml.g5.xlarge"},
        {"what SageMaker selects is left out": "refused"},
    ),
    ("no instances", {f"{RESOURCES}__InstanceCount": 0}, {"its instances are named": "refused"}),
    ("no algorithm", {IMAGE: None}, {"it names one algorithm": "refused"}),
    ("a name", {"TrainingJobName": "night_7"}, {"its name is one that SageMaker takes": "refused"}),
    (
        "a long name",
        {"TrainingJobName": "n" * 64},
        {"its name is one that SageMaker takes": "refused"},
    ),
    ("the longest name", {"TrainingJobName": "n" * 63}, {}),
    (
        "a hyphen",
        {"TrainingJobName": "nightly-"},
        {"its name is one that SageMaker takes": "refused"},
    ),
    (
        "AWS's tag",
        {"Tags": [{"Key": "aws:x", "Value": "1"}]},
        {"its tags are ones that SageMaker takes": "refused"},
    ),
    (
        "a tag twice",
        {"Tags": [{"Key": "Team", "Value": "1"}, {"Key": "team", "Value": "2"}]},
        {"its tags are ones that SageMaker takes": "refused"},
    ),
    (
        "51 tags",
        {"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(51)]},
        {"its tags are ones that SageMaker takes": "refused"},
    ),
    ("a number as a tag's value", {"Tags": [{"Key": "epochs", "Value": 5}]}, {MEMBERS: "refused"}),
    ("a tag's long value", {"Tags": [{"Key": "k", "Value": "v" * 257}]}, {MEMBERS: "refused"}),
    ("a tag's longest value", {"Tags": [{"Key": "k", "Value": "v" * 256}]}, {}),
    (
        "a tag's key of other characters",
        {"Tags": [{"Key": "k#", "Value": ""}]},
        {MEMBERS: "refused"},
    ),
    ("a tag that is a text", {"Tags": ["x"]}, {MEMBERS: "refused"}),
    ("a tag that is null", {"Tags": [None]}, {MEMBERS: "refused"}),
    ("tags as a mapping", {"Tags": {"team": "vision"}}, {MEMBERS: "refused"}),
    ("a number as a name", {"TrainingJobName": 7}, {MEMBERS: "refused"}),
    ("50 tags", {"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(50)]}, {}),
    (
        "output among checkpoints",
        {"OutputDataConfig__S3OutputPath": "s3://ml-checkpoints/nightly-7/out"},
        {"checkpoints and output are apart": "unwise"},
    ),
    (
        "output at the checkpoints",
        {"OutputDataConfig__S3OutputPath": "s3://ml-checkpoints/nightly-7"},
        {"checkpoints and output are apart": "unwise"},
    ),
    (
        "output above them, written among them under the job's name",
        {"OutputDataConfig__S3OutputPath": "s3://ml-checkpoints/"},
        {"checkpoints and output are apart": "unwise"},
    ),
    (
        "the same, where they lie in the folder of the output",
        {
            "OutputDataConfig__S3OutputPath": "s3://ml-checkpoints",
            PLACE: "s3://ml-checkpoints/nightly-7/output/",
        },
        {"checkpoints and output are apart": "unwise"},
    ),
    (
        "below the output",
        {
            "OutputDataConfig__S3OutputPath": "s3://ml-checkpoints/",
            PLACE: "s3://ml-checkpoints/nightly-7/checkpoints/",
        },
        {},
    ),
    (
        "output above them, and the job has another name",
        {"OutputDataConfig__S3OutputPath": "s3://ml-checkpoints/", "TrainingJobName": "nightly-8"},
        {},
    ),
    (
        "the model's folder",
        {FOLDER: "/opt/ml/model"},
        {"checkpoints have a folder of their own": "unwise"},
    ),
    (
        "inside it",
        {FOLDER: "/opt/ml/output/x/"},
        {"checkpoints have a folder of their own": "unwise"},
    ),
    ("around it", {FOLDER: "/opt/ml"}, {"checkpoints have a folder of their own": "unwise"}),
    ("the default folder", {FOLDER: "/opt/ml/checkpoints/"}, {}),
    ("a neighbour of it", {FOLDER: "/opt/ml/models"}, {}),
    ("not of the API", {"Spot": True}, {MEMBERS: "refused"}),
    ("of a wrong type", {"RoleArn": 7}, {MEMBERS: "refused"}),
    ("a secret of a wrong type", {"Environment": {"TOKEN": 1}}, {MEMBERS: "refused"}),
    (
        "an unknown instance type",
        {f"{RESOURCES}__InstanceType": "ml.z9.xlarge"},
        {VALUES: "unwise"},
    ),
    (
        "a training plan",
        {
            f"{RESOURCES}__TrainingPlanArn": f"arn:aws:sagemaker:eu-west-1:111122223333:training-plan/{'p' * 9}"
        },
        {"no other service manages it": "note"},
    ),
    (
        "Pipelines",
        {"Tags": [{"Key": "sagemaker:pipeline-execution-arn", "Value": "arn"}]},
        {"no other service manages it": "note"},
    ),
    ("Batch", {"TrainingJobName": "AWSBatch-7"}, {"no other service manages it": "note"}),
]


@pytest.mark.parametrize(
    ("changes", "expected"), [f[1:] for f in FINDINGS], ids=[f[0] for f in FINDINGS]
)
def test_what_is_found_is_what_is_there(changes, expected):
    assert found(check_input(changed(**changes))) == expected


def test_a_place_that_a_script_only_loads_from_is_not_named_as_where_it_saves():
    resuming = changed(HyperParameters={"resume_from_checkpoint": "/opt/ml/model/last"})
    [only] = results(check_input(resuming))
    assert "HyperParameters.resume_from_checkpoint" in only.where
    assert only.problem == (
        "the script resumes from /opt/ml/model/last, and a restart finds only /opt/ml/checkpoints/ as it was"
    )


def test_nothing_is_left_unchecked_of_a_request_that_is_known():
    assert left_out(check_input(WISE)) == {}


def test_the_laptops_job_fits_the_api():
    request = json.loads((Path(__file__).parents[2] / "laptop/job.json").read_text())
    assert found(check_input(request)) == {"a wait is longer than the run": "unwise"}


def running(name: str, place: str) -> JobRecord:
    answer = described(
        ("Starting", "Training"), TrainingJobName=name, CheckpointConfig={"S3Uri": place}
    )
    job = Job.described(answer)
    return JobRecord.of(job, Attempt(job.id, 1), in_scope=True)


@pytest.mark.parametrize(
    ("place", "shared"),
    [
        ("s3://ml-checkpoints/nightly-7/", True),
        ("s3://ml-checkpoints/nightly-7", True),
        ("s3://ml-checkpoints/nightly-7/deeper/", True),
        ("s3://ml-checkpoints/", True),
        ("s3://ml-checkpoints/nightly", True),
        ("s3://ml-checkpoints/nightly-70/", False),
        ("s3://elsewhere/nightly-7/", False),
    ],
)
def test_a_running_job_keeps_its_checkpoints(place, shared):
    heads = (running("other", place),)
    there = found(check_input(WISE, seen=seen(running=heads)))
    assert ("its checkpoints are its own" in there) == shared


def test_a_prefix_without_a_slash_meets_its_neighbours():
    heads = (running("other", "s3://ml-checkpoints/run-10/"),)
    one = check_input(changed(**{PLACE: "s3://ml-checkpoints/run-1"}), seen=seen(running=heads))
    assert "its checkpoints are its own" in found(one)


def test_a_job_does_not_meet_itself():
    heads = (running("nightly-7", "s3://ml-checkpoints/nightly-7/"),)
    one = check_input(WISE, seen=seen(running=heads), accepted=True)
    assert "its checkpoints are its own" not in found(one)


@pytest.mark.parametrize(
    ("shown", "rule", "severity"),
    [
        ({"taken": True}, "its name is free", "refused"),
        ({"bucket": ""}, "its bucket is there", "unwise"),
        ({"bucket": "us-east-1"}, "its bucket is in the Region of the job", "unwise"),
    ],
)
def test_what_aws_shows_is_found(shown, rule, severity):
    assert found(check_input(WISE, seen=seen(**shown))) == {rule: severity}


@pytest.mark.parametrize("name", ["place", "taken", "bucket", "running"])
def test_what_aws_does_not_show_is_not_checked_and_says_why(name):
    about = check_input(WISE, seen=seen(**{name: Unknown("nobody is logged in")}))
    assert found(about) == {}
    assert set(left_out(about).values()) == {"nobody is logged in"}


@pytest.mark.parametrize(
    ("where", "bucket"),
    [
        ("s3://ml-checkpoints/x/", "ml-checkpoints"),
        ("s3://ml-checkpoints", "ml-checkpoints"),
        ("https://s3.amazonaws.com/ml-checkpoints/x/", NO_PLACE),
        ("s3:///x/", NO_PLACE),
        ("ml-checkpoints/x/", NO_PLACE),
        ("s3://No_Bucket/x/", NO_BUCKET),
        ("s3://b/x/", NO_BUCKET),
    ],
)
def test_s3_is_asked_for_buckets_only(where, bucket):
    assert bucket_of(Request("request.json", changed(**{PLACE: where}))) == bucket


@pytest.mark.parametrize("name", ["night_7", "n" * 64, "../x", "-"])
def test_sagemaker_is_asked_for_names_only(name):
    request = Request("request.json", changed(TrainingJobName=name))
    assert name_of(request) == Unknown("SageMaker accepts no such name")
    assert name_of(Request("request.json", changed())) == "nightly-7"


def test_a_job_that_exists_is_not_looked_up_by_name_again():
    """What Describe adds to a request is no mistake in it, and its own name is taken by itself."""
    described_request = changed(**{f"{RESOURCES}__SelectedInstanceType": "ml.g5.xlarge"})
    tags = [{"Key": "aws:cloudformation:stack-name", "Value": "x"}]
    one = check_input(described_request | {"Tags": tags}, seen=seen(taken=True), accepted=True)
    assert found(one) == {"no other service manages it": "note"}


def resubmitting(**bounds) -> Policy:
    plain = {
        "mode": Mode.ACT,
        "roles": ("arn:aws:iam::*:role/training-*",),
    }
    rule = Rule(name="nightly-*", on=(Ending.OUT_OF_WAIT,), max_attempts=3)
    places = bounds.pop("checkpoints", ("s3://ml-checkpoints/*",))
    bounded = ResubmissionPolicy(**(plain | bounds))
    return Policy(checkpoint_locations=places, resubmission=bounded, rules=(rule,))


def by_policy(policy: Policy, **changes) -> dict[str, str]:
    about = check_input(changed(**changes), policy)
    return {one.rule: one.severity for one in check(about, RULES) if isinstance(one, Finding)}


@pytest.mark.parametrize(
    ("bounds", "changes", "expected"),
    [
        ({}, {}, {}),
        ({}, {"TrainingJobName": "other"}, {"a rule of the policy names it": "note"}),
        ({"mode": Mode.OFF}, {}, {"the policy resubmits something": "note"}),
        ({"roles": ("arn:aws:iam::*:role/x",)}, {}, {"its role may be passed": "unwise"}),
        ({"checkpoints": ("s3://other/*",)}, {}, {"its checkpoints may be listed": "unwise"}),
        ({"instance_types": ("ml.p4*",)}, {}, {"its instance types may be started": "unwise"}),
        ({}, {RUN: 500000, WAIT: 900000}, {"its run is within the policy's": "unwise"}),
        ({"max_instance_hours": 19}, {}, {"two attempts are within the policy's budget": "unwise"}),
        ({"max_instance_hours": 20}, {}, {}),
        (
            {},
            {"Tags": [{"Key": f"k{n}", "Value": ""} for n in range(49)]},
            {"its tags leave room for those of Spotter": "unwise"},
        ),
        (
            {},
            {"Tags": [{"Key": "spotter:resubmit", "Value": "off"}]},
            {"its tags allow resubmission": "note"},
        ),
        (
            {"roles": ("arn:aws:iam::*:role/x",), "checkpoints": ("s3://other/*",)},
            {"TrainingJobName": "other"},
            {"a rule of the policy names it": "note"},
        ),
    ],
)
def test_what_the_policy_would_refuse_is_found_beforehand(bounds, changes, expected):
    assert by_policy(resubmitting(**bounds), **changes) == expected


def test_values_that_a_user_wrote_are_never_said():
    """They may be secrets; a fault is named by its place."""
    wrong = changed(
        Environment={"TOKEN": ["hunter2"], "OTHER": "hunter2" * 999},
        HyperParameters={"password": "hunter2" * 999},
        AlgorithmSpecification__ContainerArguments=["hunter2" * 999],
    )
    everything = [str(one) for one in results(check_input(wrong))]
    assert len(everything) == 4
    assert "hunter2" not in "".join(everything)


UNKNOWNS = [
    "TrainingJobName", "AlgorithmSpecification", "RoleArn", "OutputDataConfig", "ResourceConfig",
    "StoppingCondition", "EnableManagedSpotTraining", "CheckpointConfig", "Tags", "RetryStrategy",
    "ServerlessJobConfig",
]  # fmt: skip


@pytest.mark.parametrize("name", UNKNOWNS)
def test_what_is_unknown_is_neither_refused_nor_unwise(name):
    about = check_input(WISE | {name: Unknown("it is computed")}, resubmitting())
    assert found(about) == {}
    assert left_out(about)
    assert all("it is computed" in because for because in left_out(about).values())


def test_what_is_not_what_the_api_wants_is_not_checked_either():
    for wrong in ({WAIT: "long"}, {RUN: True}, {"EnableManagedSpotTraining": 1}):
        about = check_input(changed(**wrong))
        assert found(about) == {MEMBERS: "refused"}
        assert "it is not " in " ".join(left_out(about).values())


@pytest.mark.parametrize(("changes"), [f[1] for f in FINDINGS], ids=[f[0] for f in FINDINGS])
def test_the_simulated_sagemaker_refuses_what_is_found_to_be_refused_and_nothing_else(changes):
    request = changed(**changes)
    faults = list(model.violations(request, model.request_shape("CreateTrainingJob")))
    refused = bool(faults) or any(rule(request) for rule in request_rules.RULES)
    severities = found(check_input(request))
    unknown_to_the_simulator = (
        VALUES in severities
        or "an algorithm that saves nothing waits an hour at most" in severities
    )
    assert refused == ("refused" in severities.values()) or unknown_to_the_simulator


def test_every_rule_is_seen_to_find_something():
    """A row of the tables above names it, or a test of its own does."""
    tests = (
        Path(__file__).read_text() + (Path(__file__).parent / "test_check_scripts.py").read_text()
    )
    assert [one for one in titles() if f'"{one}"' not in tests] == []


def dated(text: str, **more: object) -> Policy:
    """A policy whose rule for the wise request has a deadline."""
    rule = Rule((Ending.CAPACITY,), 4, name="nightly-*", finish_by=FinishBy.parse(text), **more)
    return Policy(
        checkpoint_locations=("s3://ml-checkpoints/*",),
        resubmission=ResubmissionPolicy(
            mode=Mode.ADVISE, roles=("arn:aws:iam::111122223333:role/training-*",)
        ),
        rules=(rule,),
    )


REACH = "its wait reaches the safety point of its deadline"
HOLDS = "its run holds what its lineage needs"
LEAVES = "its deadline leaves time for spot"


@pytest.mark.parametrize(
    ("policy", "changes", "expected"),
    [
        (dated("12h"), {}, []),  # ten hours of run leave 115 min, and it hands over at 100
        (dated("12h"), {WAIT: 41159}, [REACH]),  # 12 h less a hand-over of 34 min: 41,160 s
        (dated("12h"), {WAIT: 41160}, []),
        (dated("07:00 Europe/Berlin"), {WAIT: 80000}, [REACH]),
        (dated("12h", needs=timedelta(hours=6)), {RUN: 18000}, [HOLDS]),
        (dated("11h"), {}, [LEAVES]),
        (dated("11h", needs=timedelta(hours=6)), {}, []),
        (dated("7h", needs=timedelta(hours=6)), {}, [LEAVES]),
        (dated("12h"), ON_DEMAND, []),
    ],
)
def test_a_job_s_own_limits_leave_its_deadline_a_chance(policy, changes, expected):
    about = check_input(changed(**changes), policy)
    ours = {REACH, HOLDS, LEAVES}
    assert [one for one in found(about) if one in ours] == expected


def test_a_deadline_that_no_job_could_meet_says_what_it_rests_on():
    soon = check_input(changed(), dated("9h"))
    [only] = [one for one in results(soon) if one.rule == LEAVES]
    assert "its deadline is 9 h after its creation" in only.problem
    assert "MaxRuntimeInSeconds is 10 h" in only.problem
    assert "cannot finish in time" in only.problem
    assert "state needs" in only.remedy


def test_a_deadline_by_a_tag_counts_where_the_rule_lets_it():
    tagged = changed(Tags=[{"Key": "spotter:finish-by", "Value": "9h"}])
    rule = Rule((Ending.CAPACITY,), 4, name="nightly-*", finish_by_tag=True)
    policy = replace(dated("12h"), rules=(rule,))
    assert LEAVES in found(check_input(tagged, policy))
    assert LEAVES not in found(check_input(changed(), policy))
