"""Who may do what: nobody more than the policy says, and as it comes, nobody creates a job."""

from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.deadline.finish_by import FinishBy
from spotter.core.policy.model import DigestPolicy, Mode
from tests.infra.conftest import Synthesise
from tests.infra.iam_evaluation import Request, allowed, fits_any
from tests.infra.policies import POLICIES
from tests.infra.template import Template
from tests.support.proof_table import ProofCount

JOB = "arn:aws:sagemaker:eu-west-1:111122223333:training-job/nightly-a2"
ROLE = "arn:aws:iam::111122223333:role/service-role/training-vision"
KEY = "arn:aws:kms:eu-west-1:111122223333:key/11112222-3333"
SAGEMAKER = {"iam:PassedToService": "sagemaker.amazonaws.com"}
TAGGED = {"sagemaker:TaggingAction": "CreateTrainingJob"}
GRANT = {"kms:ViaService": "sagemaker.eu-west-1.amazonaws.com", "kms:GrantIsForAWSResource": "true"}
TAKE_NO_RESOURCE = {
    "dynamodb:ListStreams",
    "sagemaker:ListTrainingJobs",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
CREATES = ("sagemaker:CreateTrainingJob", "sagemaker:AddTags", "iam:PassRole", "kms:CreateGrant")


def creation(types: list[str] | None, seconds: int | None) -> Request:
    keys = {"sagemaker:InstanceTypes": types, "sagemaker:MaxRuntimeInSeconds": seconds}
    return Request("sagemaker:CreateTrainingJob", JOB, keys=keys)


@pytest.mark.parametrize("name", ["shipped", "advise"])
@pytest.mark.parametrize("action", CREATES)
def test_only_mode_act_can_create_a_job(
    templates: dict[str, Template], name: str, action: str
) -> None:
    assert any(fits_any(action, s["Action"]) for s in templates["act"].may())
    assert not any(fits_any(action, s["Action"]) for s in templates[name].may())
    assert action not in str(templates[name].raw)


@pytest.mark.parametrize("job", ["smoke-1-a2", "nightly-a2", "x-smoke-1"])
def test_a_policy_of_some_names_may_describe_and_create_these_alone(
    synthesise: Synthesise, job: str
) -> None:
    template = synthesise(replace(POLICIES["act"], job_name_prefix="smoke-"))
    arn = f"{JOB.rpartition('/')[0]}/{job}"
    keys = {"sagemaker:InstanceTypes": ["ml.g5.xlarge"], "sagemaker:MaxRuntimeInSeconds": 60}
    asked = [
        Request("sagemaker:CreateTrainingJob", arn, keys=keys),
        Request("sagemaker:AddTags", arn, keys=TAGGED),
        Request("sagemaker:DescribeTrainingJob", arn),
        Request("sagemaker:ListTags", arn),
    ]
    may = [allowed(one, template.may(template.role_of("resubmit"))) for one in asked]
    may += [allowed(one, template.may(template.role_of("record"))) for one in asked[2:]]
    assert may == [job.startswith("smoke-")] * 6


def test_only_resubmit_can_create_a_job(templates: dict[str, Template]) -> None:
    act = templates["act"]
    others = [r for r in act.all("IAM::Role") if r != act.role_of("resubmit")]
    assert not [s for r in others for s in act.may(r) for a in CREATES if fits_any(a, s["Action"])]


@pytest.mark.parametrize(
    "request_",
    [
        creation(["ml.g5.xlarge"], 3600),
        creation(["ml.g5.xlarge", "ml.p4d.24xlarge"], 60),
        Request("sagemaker:AddTags", JOB, keys=TAGGED),
        Request("iam:PassRole", ROLE, keys=SAGEMAKER),
        Request("kms:CreateGrant", KEY, keys=GRANT),
    ],
)
def test_what_the_policy_allows_passes(templates: dict[str, Template], request_: Request) -> None:
    assert allowed(request_, templates["act"].may(templates["act"].role_of("resubmit")))


DENIED = (
    creation(["ml.p5.48xlarge"], 60),
    creation(["ml.g5.xlarge", "ml.p5.48xlarge"], 60),
    creation(None, 60),
    creation(["ml.g5.xlarge"], 3601),
    creation(["ml.g5.xlarge"], None),
    Request("sagemaker:AddTags", JOB),
    Request("iam:PassRole", ROLE.replace("service-role/training", "admin"), keys=SAGEMAKER),
    Request("iam:PassRole", ROLE, keys={"iam:PassedToService": "ec2.amazonaws.com"}),
    Request("iam:PassRole", ROLE),
    Request("kms:CreateGrant", KEY, keys={**GRANT, "kms:GrantIsForAWSResource": "false"}),
    Request("kms:CreateGrant", KEY + "4", keys=GRANT),
    Request("kms:CreateGrant", KEY, keys={**GRANT, "kms:ViaService": None}),
    Request(
        "kms:CreateGrant",
        KEY,
        keys={**GRANT, "kms:ViaService": "ec2.eu-west-1.amazonaws.com"},
    ),
    Request(
        "kms:CreateGrant",
        KEY,
        keys={**GRANT, "kms:ViaService": "sagemaker.us-east-1.amazonaws.com"},
    ),
    Request("kms:Decrypt", KEY, keys={"kms:ViaService": "ec2.eu-west-1.amazonaws.com"}),
    Request("kms:Decrypt", KEY),
    Request("s3:ListBucket", "arn:aws:s3:::ml-checkpoints", keys={"s3:prefix": "secret/"}),
    Request("s3:ListBucket", "arn:aws:s3:::other"),
)


@pytest.mark.shows(
    "roles",
    "requests beyond the policy: other roles, services, types, runtimes, keys",
)
@pytest.mark.parametrize("request_", DENIED)
def test_what_the_policy_does_not_allow_is_denied(
    templates: dict[str, Template], request_: Request
) -> None:
    assert not allowed(request_, templates["act"].may(templates["act"].role_of("resubmit")))


@pytest.mark.shows("roles", "each condition of the role removed: something denied would pass")
def test_without_any_one_of_its_conditions_something_denied_would_be_allowed(
    templates: dict[str, Template], proof: ProofCount
) -> None:
    """So no condition can be lost unnoticed."""
    may = [*templates["act"].may(templates["act"].role_of("resubmit"))]
    conditions = [
        (n, operator, key)
        for n, statement in enumerate(may)
        for operator, keys in statement.get("Condition", {}).items()
        for key in keys
    ]
    assert len(conditions) >= 9
    proof.count(tries=len(conditions), fired=len(conditions))
    for n, operator, key in conditions:
        left = {
            o: {k: v for k, v in keys.items() if (o, k) != (operator, key)}
            for o, keys in may[n]["Condition"].items()
        }
        looser = [*may[:n], may[n] | {"Condition": left}, *may[n + 1 :]]
        assert any(allowed(one, looser) for one in DENIED), (operator, key)


@pytest.mark.parametrize(
    ("bucket", "prefix", "expected"),
    [
        ("ml-checkpoints", "vision/run-1/", True),
        ("ml-checkpoints", "speech/", True),
        ("ml-checkpoints", "one/run-1", True),
        ("ml-checkpoints", "one/run-1/checkpoint-5/", True),
        ("ml-checkpoints", "one/run-10/", False),
        ("other", "run-1/", True),
        ("ml-checkpoints", "secret/", False),
        ("ml-checkpoints", None, False),
        ("another", "vision/run-1/", False),
    ],
)
def test_checkpoints_are_looked_for_only_where_the_policy_says(
    templates: dict[str, Template], bucket: str, prefix: str | None, expected: bool
) -> None:
    look = Request("s3:ListBucket", f"arn:aws:s3:::{bucket}", keys={"s3:prefix": prefix})
    assert (
        allowed(look, templates["advise"].may(templates["advise"].role_of("resubmit"))) is expected
    )


@pytest.mark.parametrize("mode", ["off", "advise", "act"])
def test_the_sweep_looks_for_checkpoints_in_every_mode(synthesise: Synthesise, mode: str) -> None:
    """A job that saves nothing is worth a word also where nothing is ever resubmitted."""
    act = POLICIES["act"]
    policy = replace(act, resubmission=replace(act.resubmission, mode=Mode(mode)))
    template = synthesise(policy)
    place = "arn:aws:s3:::ml-checkpoints"
    look = Request("s3:ListBucket", place, keys={"s3:prefix": "vision/run-1/"})
    secret = Request("s3:ListBucket", place, keys={"s3:prefix": "secret/"})
    may = [*template.may(template.role_of("sweep"))]
    assert allowed(look, may)
    assert not allowed(secret, may)
    assert "s3://ml-checkpoints/vision/*" in template.outputs["CheckpointsWatched"]


def test_where_the_policy_names_no_place_the_deployment_says_which_key_to_set(
    templates: dict[str, Template],
) -> None:
    shipped = templates["shipped"]
    assert not [s for s in shipped.may() if "s3:ListBucket" in s["Action"]]
    output = shipped.outputs["CheckpointsWatched"]
    assert output.startswith("nowhere")
    assert "`checkpoint_locations`" in output


@pytest.mark.parametrize("name", ["shipped", "advise"])
@pytest.mark.parametrize("action", ["s3:GetObject", "kms:Decrypt"])
def test_nobody_may_read_an_object_unless_the_owner_has_checkpoints_verified(
    templates: dict[str, Template], name: str, action: str
) -> None:
    assert any(fits_any(action, s["Action"]) for s in templates["act"].may())
    assert not any(fits_any(action, s["Action"]) for s in templates[name].may())
    assert action not in str(templates[name].raw)


def test_only_resubmit_may_read_an_object(templates: dict[str, Template]) -> None:
    act = templates["act"]
    others = [r for r in act.all("IAM::Role") if r != act.role_of("resubmit")]
    reads = ("s3:GetObject", "s3:GetObjectVersion", "kms:Decrypt")
    assert not [s for r in others for s in act.may(r) for a in reads if fits_any(a, s["Action"])]


@pytest.mark.parametrize(
    ("object_", "expected"),
    [
        ("ml-checkpoints/vision/run-1/checkpoint-5/model.safetensors", True),
        ("ml-checkpoints/speech/a", True),
        ("ml-checkpoints/one/run-1/a.pt", True),
        ("ml-checkpoints/one/run-10/a.pt", False),
        ("ml-checkpoints/one/run-1", False),
        ("other/a", True),
        ("ml-checkpoints/secret/a", False),
        ("ml-checkpoints", False),
        ("another/vision/run-1/a", False),
    ],
)
def test_objects_are_read_only_where_checkpoints_may_be_listed(
    templates: dict[str, Template], object_: str, expected: bool
) -> None:
    read = Request("s3:GetObject", f"arn:aws:s3:::{object_}")
    assert allowed(read, templates["act"].may(templates["act"].role_of("resubmit"))) is expected


@pytest.mark.parametrize(
    ("key", "service", "expected"),
    [
        (KEY, "s3.eu-west-1.amazonaws.com", True),
        (KEY + "4", "s3.eu-west-1.amazonaws.com", False),
        (KEY, "sagemaker.eu-west-1.amazonaws.com", False),
        (KEY, None, False),
    ],
)
def test_the_policys_keys_decrypt_through_s3_only(
    templates: dict[str, Template], key: str, service: str | None, expected: bool
) -> None:
    decrypt = Request("kms:Decrypt", key, keys={"kms:ViaService": service})
    assert allowed(decrypt, templates["act"].may(templates["act"].role_of("resubmit"))) is expected


def test_only_a_circuit_breaker_needs_to_know_where_spot_was_short(
    templates: dict[str, Template],
) -> None:
    for name, template in templates.items():
        market = [s for s in template.may() if any("/index/market" in r for r in s["Resource"])]
        assert bool(market) is (name != "shipped")
        assert {a for s in market for a in s["Action"]} <= {"dynamodb:Query"}


def test_only_a_monthly_digest_needs_to_list_jobs_by_day_in_the_sweep(
    templates: dict[str, Template], synthesise: Synthesise
) -> None:
    with_digest = synthesise(replace(POLICIES["shipped"], digest=DigestPolicy(monthly=True)))
    for template, expected in [(with_digest, True), (templates["shipped"], False)]:
        may = template.may(template.role_of("sweep"))
        calendar = [s for s in may if any("/index/calendar" in r for r in s["Resource"])]
        assert bool(calendar) is expected
        assert {a for s in calendar for a in s["Action"]} <= {"dynamodb:Query"}


def test_a_rule_with_deadlines_lets_the_sweep_measure_and_list_checkpoints(
    synthesise: Synthesise,
) -> None:
    """Also where no alert about checkpoints is wanted: what remains is counted from the last one."""
    act = POLICIES["act"]
    quiet = replace(act, alerts=replace(act.alerts, checkpoint_quiet=None))
    dated = replace(quiet, rules=(replace(act.rules[0], finish_by_tag=True), *act.rules[1:]))
    look = Request(
        "s3:ListBucket", "arn:aws:s3:::ml-checkpoints", keys={"s3:prefix": "vision/run-1/"}
    )
    for policy, expected in [(quiet, False), (dated, True)]:
        template = synthesise(policy)
        may = [*template.may(template.role_of("sweep"))]
        calendar = [s for s in may if any("/index/calendar" in r for r in s["Resource"])]
        assert (bool(calendar), allowed(look, may)) == (expected, expected)


def test_no_permission_names_its_actions_by_a_pattern(template: Template) -> None:
    assert [a for s in template.may() for a in s["Action"] if "*" in a or "?" in a] == []


def test_every_resource_is_named_where_aws_takes_one(template: Template) -> None:
    assert {
        a for s in template.may() if "*" in s["Resource"] for a in s["Action"]
    } <= TAKE_NO_RESOURCE


def test_no_role_has_a_managed_policy(template: Template) -> None:
    assert not [r for r in template.all("IAM::Role").values() if "ManagedPolicyArns" in r]
    assert template.all("IAM::ManagedPolicy") == {}


def test_a_function_writes_its_own_log_and_no_other(template: Template) -> None:
    for function in template.all("Lambda::Function").values():
        role = function["Role"].removesuffix(".Arn")
        logs = [s for s in template.may(role) if any(a.startswith("logs:") for a in s["Action"])]
        log = function["LoggingConfig"]["LogGroup"]
        assert [s["Resource"] for s in logs] == [[f"{log}.Arn"]]
        assert template.all("Logs::LogGroup")[log]["RetentionInDays"] == 90


def test_a_role_serves_one_function(template: Template) -> None:
    roles = [f["Role"] for f in template.all("Lambda::Function").values()]
    assert len(set(roles)) == len(roles)


def test_the_sweep_may_read_a_jobs_rows(templates: dict[str, Template]) -> None:
    """A query of the table itself: it reads the transitions of an interrupted job, and what is pending."""
    template = templates["shipped"]
    queried = [
        str(one)
        for s in template.may(template.role_of("sweep"))
        if "dynamodb:Query" in s["Action"]
        for one in (s["Resource"] if isinstance(s["Resource"], list) else [s["Resource"]])
    ]
    assert any("index" not in one for one in queried), queried


TIMELY = replace(
    POLICIES["act"],
    rules=(
        replace(
            POLICIES["act"].rules[0],
            tags={"team": "vision-*", "stage": "[!p]rod"},
            finish_by=FinishBy(after=timedelta(hours=12)),
        ),
    ),
)
STOP = "sagemaker:StopTrainingJob"


def stopping(**tags: str) -> Request:
    return Request(STOP, JOB, keys={f"aws:ResourceTag/{key}": tag for key, tag in tags.items()})


@pytest.mark.parametrize("name", POLICIES)
def test_without_a_rule_with_a_deadline_nothing_may_stop_a_job(
    templates: dict[str, Template], name: str
) -> None:
    assert "StopTrainingJob" not in str(templates[name].raw)


def test_a_rule_with_a_deadline_lets_resubmit_stop_the_jobs_with_its_tags_alone(
    synthesise: Synthesise,
) -> None:
    template = synthesise(TIMELY)
    mine = template.role_of("resubmit")
    assert allowed(stopping(team="vision-1", stage="prod"), template.may(mine))
    assert not allowed(stopping(team="speech", stage="prod"), template.may(mine))
    assert not allowed(stopping(team="vision-1"), template.may(mine))
    assert not allowed(stopping(), template.may(mine))
    others = [role for role in template.all("IAM::Role") if role != mine]
    assert not [s for role in others for s in template.may(role) if fits_any(STOP, s["Action"])]


def test_in_mode_advise_nothing_may_stop_a_job(synthesise: Synthesise) -> None:
    advise = replace(TIMELY.resubmission, mode=Mode.ADVISE, roles=())
    assert "StopTrainingJob" not in str(synthesise(replace(TIMELY, resubmission=advise)).raw)
