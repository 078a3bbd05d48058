"""Which changes of rows wake alert and resubmit, by the patterns that the stack deploys."""

from typing import Any

import pytest

from spotter.core.ledger.wake_filters import WAKES_ALERT, wakes_resubmit
from tests.support.spotter_in_one_process import wakes

WITH, WITHOUT = wakes_resubmit(deadlines=True), wakes_resubmit(deadlines=False)
HEAD, NOTICE, ENDED, ATTEMPT = "HEAD#1", "NOTICED#quiet#1", "ENDED#001", "ATTEMPT#002"
ALERT, EVALUATION, DEADLINE, TRANSITION = (
    "ALERT#a#1",
    "EVALUATION#1",
    "DEADLINE#1",
    "AT#1#2#3#Training",
)
AGAIN = {"retriggered_at": {"S": "2026-11-23T12:00:00.000Z"}}
NEWS = {"news": {"S": "x"}}
DATED = {"spot": {"BOOL": True}, "no_deadline": {"S": ""}, "open_pk": {"S": "RUNNING#0"}}


def due(step: str) -> dict[str, Any]:
    return {"figures": {"M": {"step": {"S": step}}}}


def change(sk: str, image: dict[str, Any], event: str) -> dict[str, Any]:
    keys = {"pk": {"S": "x"}, "sk": {"S": sk}}
    return {"eventName": event, "dynamodb": {"Keys": keys, "NewImage": keys | image}}


@pytest.mark.parametrize(
    ("sk", "image", "events", "who"),
    [
        (HEAD, {"notable": {"BOOL": True}}, ("INSERT", "MODIFY"), "alert"),
        (HEAD, {"notable": {"BOOL": False}}, ("INSERT", "MODIFY"), ""),
        (NOTICE, {}, ("INSERT",), "alert"),
        (NOTICE, {}, ("MODIFY",), ""),
        (ENDED, {}, ("INSERT",), "resubmit"),
        (ENDED, {}, ("MODIFY",), ""),
        (ENDED, NEWS, ("MODIFY",), "alert"),
        (ATTEMPT, {}, ("INSERT", "MODIFY"), ""),
        (ATTEMPT, NEWS, ("MODIFY",), "alert"),
        (ENDED, AGAIN, ("MODIFY",), "resubmit"),
        (ATTEMPT, AGAIN, ("MODIFY",), "resubmit"),
        (ALERT, AGAIN, ("MODIFY",), "alert"),
        (EVALUATION, AGAIN, ("MODIFY",), "alert"),
        (ALERT, {}, ("INSERT", "MODIFY"), ""),
        (EVALUATION, {}, ("INSERT", "MODIFY"), ""),
        (TRANSITION, {}, ("INSERT", "MODIFY"), ""),
        (HEAD, DATED, ("INSERT", "MODIFY"), "resubmit for deadlines"),
        (HEAD, DATED | {"spot": {"BOOL": False}}, ("INSERT", "MODIFY"), ""),
        (HEAD, DATED | {"no_deadline": {"S": "hash"}}, ("INSERT", "MODIFY"), ""),
        (HEAD, {name: DATED[name] for name in ("spot", "no_deadline")}, ("MODIFY",), ""),
        (DEADLINE, due("hand over to on demand"), ("MODIFY",), "resubmit for deadlines"),
        (DEADLINE, due("try the next spot entry"), ("MODIFY",), "resubmit for deadlines"),
        (DEADLINE, due("stay"), ("MODIFY",), ""),
        (DEADLINE, due("hand over to on demand"), ("INSERT",), ""),
        (HEAD, DATED, ("REMOVE",), ""),
    ],
)
def test_a_change_wakes_whom_it_concerns_and_nobody_else(sk, image, events, who):
    for event in events:
        one = change(sk, image, event)
        assert wakes(WAKES_ALERT, one) is (who == "alert")
        assert wakes(WITHOUT, one) is (who == "resubmit")
        assert wakes(WITH, one) is who.startswith("resubmit")
