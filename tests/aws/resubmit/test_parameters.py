"""The switch and the policy's date, as SSM answers them: closed for whatever is not understood."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from spotter.aws.resubmit import parameters
from tests.support.jobs import NOON, minutes


class Parameters:
    """SSM with one parameter: its versions, a few to a page."""

    def __init__(self, *values: str, page: int = 2, error: Exception | None = None):
        self.values, self.page, self.error = values, page, error

    def get_parameter(self, **request: Any) -> dict[str, Any]:
        if self.error or not self.values:
            raise self.error or refusal("ParameterNotFound")
        return {"Parameter": {"Value": self.values[-1]}}

    def get_parameter_history(self, **request: Any) -> dict[str, Any]:
        if self.error or not self.values:
            raise self.error or refusal("ParameterNotFound")
        start = int(request.get("NextToken", 0))
        end = min(start + self.page, len(self.values))
        versions = [
            {"Version": n + 1, "Value": self.values[n], "LastModifiedDate": NOON + minutes(n)}
            for n in range(start, end)
        ]
        more = {"NextToken": str(end)} if end < len(self.values) else {}
        return {"Parameters": versions, **more}


def refusal(code: str) -> ClientError:
    return ClientError({"Error": {"Code": code}}, "GetParameter")


def test_where_nobody_has_ever_paused_there_is_no_switch_and_it_is_on():
    assert parameters.switch(Parameters(), "/Spotter/switch").on


@pytest.mark.parametrize("value", ["off", "off: paused by somebody", "On", "on ", ""])
def test_whatever_else_it_says_is_off(value):
    switch = parameters.switch(Parameters("on", value), "/Spotter/switch")
    assert (switch.on, switch.reason) == (False, f'/Spotter/switch is "{value}"')


def test_a_switch_that_was_resumed_is_on():
    assert parameters.switch(Parameters("off", "on"), "/Spotter/switch").on


@pytest.mark.parametrize(
    "error",
    [
        refusal("AccessDeniedException"),
        refusal("ThrottlingException"),
        refusal("InternalServerError"),
        refusal("ParameterVersionNotFound"),
        refusal("InvalidKeyId"),
        refusal("UnrecognizedClientException"),
        EndpointConnectionError(endpoint_url="ssm"),
    ],
)
def test_a_switch_that_cannot_be_read_is_off_and_says_why(error):
    switch = parameters.switch(Parameters("on", error=error), "/Spotter/switch")
    assert not switch.on
    assert "could not be read" in switch.reason


def test_the_policys_date_is_found_over_all_pages():
    history = Parameters("old", *["new"] * 6)
    assert parameters.in_force(history, "p", "new") == NOON + minutes(1)


def test_another_policy_that_is_deployed_just_now_leaves_the_date_unknown():
    assert parameters.in_force(Parameters("new", "newer"), "p", "new") is None


@pytest.mark.parametrize("error", [refusal("AccessDeniedException"), refusal("ParameterNotFound")])
def test_a_history_that_cannot_be_read_leaves_the_date_unknown(error):
    assert parameters.in_force(Parameters("new", error=error), "p", "new") is None
