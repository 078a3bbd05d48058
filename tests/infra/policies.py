"""The policies that the promises are held against: as shipped, and with resubmission in each mode."""

from pathlib import Path

from spotter.core.policy.model import Policy
from spotter.core.policy.parse import parse_policy, read_policy

REPOSITORY = Path(__file__).parents[2]
SHIPPED = REPOSITORY / "spotter.toml"
RESUBMITS = """
checkpoint_locations = ["s3://ml-checkpoints/vision/*", "s3://ml-checkpoints/speech/*", "s3://other/*",
               "s3://ml-checkpoints/one/run-1"]
verify_checkpoints = VERIFY
kms_keys = ["arn:aws:kms:eu-west-1:111122223333:key/11112222-3333"]

[alerts]
email = ["team@example.com"]
slack = SLACK

[resubmission]
mode = "MODE"
roles = ["arn:aws:iam::111122223333:role/service-role/training-*"]
instance_types = ["ml.g5.*", "ml.p4d.24xlarge"]
max_runtime = "1h"
circuit_breaker = { count = 10, within = "1h", open_for = "2h" }

[[rule]]
name = "nightly-*"
on = ["MaxWaitTimeExceeded"]
max_attempts = 4
"""


def _resubmits(mode: str, *, slack: str, verify: str) -> Policy:
    values = {"MODE": mode, "SLACK": slack, "VERIFY": verify}
    text = RESUBMITS
    for mark, value in values.items():
        text = text.replace(mark, value)
    return parse_policy(mode, text)


POLICIES = {
    "shipped": read_policy(SHIPPED),
    "advise": _resubmits("advise", slack="false", verify="false"),
    "act": _resubmits("act", slack="true", verify="true"),
}
