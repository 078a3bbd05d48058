"""What Slack is sent can be read, fits, and says how bad it is in words."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from spotter.core.alerts import payload, slack
from spotter.core.ledger.alert import AlertReference, Severity
from spotter.core.model.times import iso
from tests.core.alerts.test_sns_message import MONTHLY, alert, many
from tests.support.jobs import NOON, minutes


def message(*payloads: dict[str, Any]) -> dict[str, Any]:
    return slack.message(payloads)


def bar(made: dict[str, Any]) -> dict[str, Any]:
    """The one attachment, which has the coloured bar."""
    (attachment,) = made["attachments"]
    return dict(attachment)


def texts(made: dict[str, Any]) -> list[str]:
    """Everything that the blocks show, in order."""
    found = []
    for block in [*made["blocks"], *bar(made)["blocks"]]:
        held = [block["text"]] if "text" in block else []
        held += block.get("fields", []) + block.get("elements", [])
        found += [one["text"] for one in held]
    return found


ONE = payload.alert_payload(alert(), "Spotter")


def test_a_message_states_what_happened_its_status_history_what_follows_and_what_to_do():
    shown = texts(message(ONE))
    assert (
        shown[0]
        == "CRITICAL: nightly-7 stopped: it ran out of MaxWaitTimeInSeconds (2 h) after it had trained"
    )
    assert "will not resubmit it" in shown[1]
    assert shown[2].startswith("What you can do:\n- A new job with")
    assert shown[3].startswith(
        "Status history: Starting 10 min &gt; Downloading 10 min &gt; Training"
    )
    assert "Capacity: spot, 1 x ml.g5.xlarge" in shown
    assert "spotter explain nightly-7 --region us-east-1" in shown[-1]


def test_a_bar_in_the_severitys_colour_stands_beside_all_but_the_header_which_has_the_word():
    made = {one: message(payload.alert_payload(alert(severity=one), "Spotter")) for one in Severity}
    assert len({bar(one)["color"] for one in made.values()}) == 3
    for severity, one in made.items():
        assert re.fullmatch("#[0-9a-f]{6}", bar(one)["color"])
        (header,) = one["blocks"]
        assert header["type"] == "header"
        assert header["text"]["text"].startswith(severity.value.upper())
        assert "header" not in {block["type"] for block in bar(one)["blocks"]}


def test_the_bar_of_several_messages_is_that_of_the_worst_and_of_an_unknown_severity_the_darkest():
    calm = payload.alert_payload(alert(severity=Severity.INFO), "Spotter")
    for worst in (ONE, calm | {"severity": "dire"}):
        assert bar(message(calm, worst))["color"] == bar(message(ONE))["color"]


def test_it_links_to_the_job_its_logs_its_checkpoints_and_the_dashboard():
    (linked,) = [text for text in texts(message(ONE)) if text.startswith("<https://")]
    for name in ("job", "logs", "checkpoints", "dashboard"):
        url = ONE["links"][name].replace("&", "&amp;")
        assert f"<{url}|{name}>" in linked


def test_a_job_without_checkpoints_has_no_link_to_them():
    none = payload.alert_payload(alert(checkpoint_location=None), "Spotter")
    assert "|checkpoints>" not in str(message(none))


def test_the_text_alone_carries_the_whole_message():
    text = message(ONE)["text"]
    assert text.startswith(
        "CRITICAL: nightly-7 stopped: it ran out of MaxWaitTimeInSeconds (2 h) after it had trained."
    )
    for sentence in (*ONE["details"], *ONE["next_steps"], ONE["command"]):
        assert sentence in text
    assert "History:  Starting 10 min &gt; Downloading" in text
    assert "http" not in text


def test_the_kept_tags_and_what_a_follow_up_follows_are_shown():
    first = AlertReference("waiting_for_capacity", "1" * 13, iso(NOON), alert().job)
    one = payload.alert_payload(alert(tags=(("team", "vision"),), follows=first), "Spotter")
    shown = texts(message(one))
    assert "Tags: team=vision" in shown
    assert "Follows: waiting_for_capacity about nightly-7, raised 2026-11-23T12:00" in shown[1]


def test_a_message_of_an_older_spotter_is_shown_without_them():
    old = {name: value for name, value in ONE.items() if name not in ("id", "tags")}
    old["follows"] = {"kind": "attempt_ended", "key": "1", "raised_at": iso(NOON)}
    shown = texts(message(slack.read(json.dumps(old))))
    assert "Follows: attempt_ended, raised 2026-11-23T12:00" in shown[1]
    assert not any(text.startswith("Tags") for text in shown)


def test_a_digest_states_how_many_the_worst_few_and_where_all_are():
    digest = payload.digest_payload(many(), "Spotter")
    shown = "\n".join(texts(message(digest)))
    assert "CRITICAL: 21 alerts about 1 job" in shown
    assert "1 critical, 20 info" in shown
    assert "- critical: nightly-7 stopped" in shown
    assert "and 11 more" in shown
    assert digest["command"] in shown
    assert "|dashboard>" in shown


def test_several_messages_become_one_digest_that_counts_all_and_lists_the_worst_first():
    calm = alert(severity=Severity.INFO, kind="recovered", headline="calm", raised_at=NOON)
    payloads = [
        payload.alert_payload(calm, "Watcher"),
        payload.digest_payload(
            [replace(calm, raised_at=NOON + minutes(n)) for n in range(5, 45)], "Watcher"
        ),
        payload.alert_payload(alert(raised_at=NOON + minutes(50)), "Watcher"),
    ]
    one = slack.merged(payloads)
    assert (one["alert_count"], one["by_severity"]) == (42, {"critical": 1, "info": 41})
    assert one["by_kind"] == {"recovered": 41, "attempt_ended": 1}
    assert one["alerts"][0]["severity"] == one["severity"] == "critical"
    assert one["command"] == (
        "spotter alerts --since 2026-11-23T12:00:00.000Z --until 2026-11-23T12:50:00.001Z "
        "--region us-east-1 --stack Watcher"
    )
    assert "and 32 more" in "\n".join(texts(slack.message(payloads)))


def test_the_command_of_one_digest_reaches_from_its_first_to_its_last_alert():
    alone = slack.merged([DIGEST])
    assert (alone["first_raised_at"], alone["last_raised_at"]) == (
        DIGEST["first_raised_at"],
        DIGEST["last_raised_at"],
    )
    assert alone["command"] == DIGEST["command"]


def test_a_digest_of_messages_names_the_stack_of_the_first():
    other = payload.alert_payload(alert(), "Watcher")
    assert slack.merged([other, ONE])["command"].endswith("--stack Watcher")
    assert "--stack" not in slack.merged([ONE, other])["command"]


def test_what_comes_from_the_queue_is_what_was_published():
    for body in (ONE, payload.digest_payload(many(), "Spotter")):
        assert slack.read(json.dumps(body)) == body


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("{", "not JSON"),
        ("[]", "is none of spotter.alert/1, spotter.digest/1, spotter.savings-digest/1"),
        ('{"schema": "spotter.alert/2"}', "is none of"),
        ('{"schema": ["x"]}', "is none of"),
        ('{"schema": "spotter.alert/1"}', "lacks severity"),
    ],
)
def test_what_is_no_alert_is_named(body, sentence):
    with pytest.raises(slack.UnreadableAlert, match=sentence):
        slack.read(body)


DIGEST = payload.digest_payload(many(), "Spotter")


@pytest.mark.parametrize(
    "body",
    [
        ONE | {"raised_at": "yesterday"},
        DIGEST | {"by_severity": {"critical": "many"}},
        DIGEST | {"by_kind": {"recovered": True}},
        DIGEST | {"first_raised_at": "yesterday"},
    ],
    ids=lambda body: str({k: v for k, v in body.items() if v not in (ONE.get(k), DIGEST.get(k))}),
)
def test_a_number_or_an_instant_that_is_none_makes_a_message_unreadable(body):
    with pytest.raises(slack.UnreadableAlert, match="none that an alert holds"):
        slack.read(json.dumps(body))


@pytest.mark.parametrize(
    ("raised", "shown"),
    [(ONE["raised_at"], f"raised {ONE['raised_at']}. "), (None, "raised at an unknown time. ")],
)
def test_its_last_line_has_the_instant_at_which_it_was_raised(raised, shown):
    assert shown in texts(message(ONE | {"raised_at": raised}))[-1]


@pytest.mark.parametrize(("beyond", "end"), [(0, "x"), (1, "...")])
def test_a_header_fills_what_slack_takes_before_it_is_cut(beyond, end):
    severity = len("CRITICAL: ")
    headline = "x" * (slack.HEADER - severity + beyond)
    (header,) = message(ONE | {"headline": headline})["blocks"]
    text = header["text"]["text"]
    assert len(text) == slack.HEADER
    assert text.endswith(end)


def test_a_long_monthly_digest_is_cut_in_whole_lines_when_they_fill_the_section():
    def lines(last: int) -> list[str]:
        long = ["x" * 99] * (slack.DETAILS // 100 - 1) + ["y" * last]
        return texts(message(MONTHLY | {"lines": ["The answer.", *long, "z" * 30]}))[2].split("\n")

    assert lines(98)[-1] == "y" * 98
    assert lines(99)[-1] == "x" * 99


def test_a_link_that_leads_out_of_the_console_is_none():
    forged = ONE | {"links": {"job": "https://evil.example/", "logs": None}}
    assert "evil" not in str(message(forged))


def test_what_turns_or_hides_text_is_not_sent_whoever_put_it_into_the_queue():
    forged = ONE | {
        "headline": "\u202e\x1b[31m\0",
        "details": ["\x07\u2066"],
        "status_history": "\r",
    }
    shown = [*texts(message(forged)), message(forged)["text"]]
    assert all(c.isprintable() or c == "\n" for text in shown for c in text)


def test_a_monthly_digest_is_shown_and_is_a_message_of_its_own():
    body = json.dumps(MONTHLY)
    assert slack.read(body) == MONTHLY
    assert slack.is_message_of_its_own(MONTHLY)
    assert not slack.is_message_of_its_own(ONE)
    shown = texts(message(MONTHLY))
    assert shown[:2] == [
        "INFO: Spot savings in November 2026",
        "No attempt ended in November, so there is nothing to compare.",
    ]
    assert shown[-1].endswith("spotter savings --month 2026-11 --region us-east-1")
    with pytest.raises(slack.UnreadableAlert, match="none that an alert holds"):
        slack.read(json.dumps(MONTHLY | {"lines": []}))


def test_a_severity_that_is_not_known_is_taken_for_the_worst():
    odd = ONE | {"severity": "dire"}
    assert slack.merged([ONE, odd])["severity"] == "dire"


def test_a_digest_reaches_from_the_first_to_the_last_instant_of_its_alerts():
    three = [alert(raised_at=NOON + minutes(n)) for n in (7, 1, 4)]
    found = payload.digest_payload(three, "Spotter")
    assert (found["first_raised_at"], found["last_raised_at"]) == (
        iso(NOON + minutes(1)),
        iso(NOON + minutes(7)),
    )
