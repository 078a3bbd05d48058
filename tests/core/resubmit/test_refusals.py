"""Of SageMaker's answers only names that are known survive, and each says what can be done."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.aws.resubmit import training_request
from spotter.core.resubmit.refusals import Cause, Refusal, refusal
from tests.support.spotter_in_one_process import MODEL

PARAMETERS = training_request.parameters(MODEL)
QUOTA = "ml.p4d.24xlarge for training job usage"
CANARY = "Hunter2"
SHAPES = (
    "User: {0} is not authorized to perform: s3:{0} on resource: arn:aws:s3:::{0}",
    "'{0} for training job usage' is 0 Instances",
    "'ml.{0}.xlarge for {0} usage' is {0} Instances",
    "Value '{0}' at 'hyperParameters.{0}.member' failed to satisfy constraint: {0}",
    "training-job/ml.{0}.{0} is not available in this region",
    "with an explicit deny in a {0} policy",
    "Invalid {0}. It must {0}",
    "on resource: arn:aws:{0}:x:1:{0}/{0} and arn:aws:iam::1:role/{0}",
    "Could not access S3 prefix s3://{0}/perform: s3:{0}. The role arn:aws:iam::1:role/{0} needs {0}",
)
CODES = ("ValidationException", "AccessDeniedException", "ResourceLimitExceeded", "Other")


@given(
    st.lists(st.sampled_from(SHAPES), min_size=1, max_size=4),
    st.text(max_size=12),
    st.text(max_size=12),
    st.sampled_from(CODES),
)
def test_nothing_that_a_user_wrote_comes_through(shapes, before, after, code):
    text = " ".join(shape.format(f"{before}{CANARY}{after}") for shape in shapes)
    found = refusal(code, text, PARAMETERS)
    assert CANARY not in f"{found.row()}{found.reason}{found.remedy}"
    assert Refusal.read(found.row()) == found


@pytest.mark.parametrize(
    ("code", "text", "kind", "named"),
    [
        ("ResourceLimitExceeded", f"The account-level service limit '{QUOTA}' is 0 Instances, with", Cause.NO_QUOTA, QUOTA),
        ("ResourceLimitExceeded", f"The account-level service limit '{QUOTA}' is 8 Instances, with", Cause.IN_USE, QUOTA),
        ("ResourceLimitExceeded", "The requested resource training-job/ml.p2.xlarge is not available in this region", Cause.NOT_HERE, "ml.p2.xlarge"),
        ("AccessDeniedException", "User: x is not authorized to perform: iam:PassRole on resource: arn:aws:iam::111122223333:role/y because no", Cause.DENIED, "iam:PassRole"),
        ("ValidationException", "Could not access S3 prefix s3://b/data. The role needs s3:ListBucket", Cause.INVALID, "s3:ListBucket"),
        ("ValidationException", "1 validation error detected: Value '9' at 'resourceConfig.volumeSizeInGB' failed", Cause.INVALID, "ResourceConfig.VolumeSizeInGB"),
    ],
)  # fmt: skip
def test_the_remedy_names_the_very_quota_action_or_parameter(code, text, kind, named):
    found = refusal(code, text, PARAMETERS)
    assert found.kind is kind
    assert named in found.remedy
    assert named in found.reason


@pytest.mark.parametrize(
    ("arn", "resource"),
    [
        ("arn:aws:iam::111122223333:role/y", " on a role"),
        ("arn:aws:kms:us-east-1:111122223333:key/1", " on a key"),
        ("arn:aws:sagemaker:us-east-1:111122223333:training-job/z", " on a training-job"),
        ("arn:aws:s3:::bucket/data", ""),
    ],
)
def test_the_reason_names_the_kind_of_the_resource_and_not_its_name(arn, resource):
    message = f"User: x is not authorized to perform: iam:PassRole on resource: {arn} because no"
    found = refusal("AccessDeniedException", message)
    assert found.reason == (
        f"SageMaker answered AccessDeniedException: iam:PassRole{resource} is not allowed"
    )


@pytest.mark.parametrize("code", ["", "odd code", "odd", "X", "Y" * 62, "Secret1Exception"])
def test_a_code_that_looks_like_none_of_awss_is_not_repeated(code):
    assert refusal(code, "text").code == "an error"
    assert refusal("ThrottlingException", "text").code == "ThrottlingException"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"kind": "quota in use", "limit": 8}, "SageMaker answered X: a quota (8) is in use"),
        ({"kind": "quota in use"}, "SageMaker answered X: a quota is in use"),
        ({"kind": "breaks the API's model"}, "CreateTrainingJob would reject its request"),
        (
            {"kind": "breaks the API's model", "parameter": "Name"},
            "CreateTrainingJob would reject Name",
        ),
    ],
)
def test_the_reason_is_whole_where_the_answer_names_little(row, reason):
    assert Refusal.read({"code": "X"} | row).reason == reason


def test_a_row_of_a_newer_spotter_can_be_read():
    assert Refusal.read({"code": "X", "kind": "of tomorrow", "more": 1}).kind is Cause.OTHER


@pytest.mark.parametrize(
    ("text", "by"),
    [
        (
            "with an explicit deny in a service control policy",
            "explicit deny in a service control policy",
        ),
        ("because no identity-based policy allows it", "no identity-based policy"),
        ("because of something else", None),
    ],
)
def test_a_denial_names_the_kind_of_policy_that_denies(text, by):
    message = f"User: x is not authorized to perform: iam:PassRole on resource: y {text}"
    assert refusal("AccessDeniedException", message, PARAMETERS).by == by
