"""One publish has a body for each protocol; whatever is in an alert, it fits, and can be read."""

import ast
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from spotter.core.alerts import (
    amazon_q,
    email,
    monthly,
    payload,
    slack,
    sns_message,
    stages,
    timers,
)
from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.rules import alerts
from spotter.core.ledger.alert import Alert, AlertReference, Severity
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.times import iso
from spotter.core.money.digest import monthly_digest
from spotter.core.money.period import Period
from spotter.core.money.savings import Savings
from spotter.core.policy.model import Policy
from tests.support.jobs import NOON, OUT_OF_TIME, job, minutes

SNS_BYTES = 256 * 1024
DOCS = (Path(__file__).parents[3] / "docs/alerts.md").read_text()
RULES = Path(sns_message.__file__).parent
NAMES = vars(timers) | vars(stages)


def alert(**more: Any) -> Alert:
    one = job(OUT_OF_TIME)
    head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
    (found,) = alerts(JobEvidence(head, one.timeline, Policy(), now=NOON + minutes(111)))
    return replace(found, **more)


NOVEMBER = Period.month(2026, 11)
MONTHLY = monthly.facts(
    monthly_digest(Savings(NOVEMBER, NOVEMBER.until)),
    AccountRegion("111122223333", "us-east-1"),
    "Spotter",
    monthly.command(NOVEMBER, "Spotter", "us-east-1"),
)


def bodies(request: dict[str, Any]) -> dict[str, str]:
    assert request["MessageStructure"] == "json"
    return dict(json.loads(request["Message"]))


def sent(publish: dict[str, Any]) -> dict[str, str]:
    return {name: value["StringValue"] for name, value in publish["MessageAttributes"].items()}


def documented(heading: str) -> set[str]:
    """The first column of the table under a heading of docs/alerts.md."""
    section = DOCS.partition(f"\n{heading}\n")[2].partition("\n#")[0]
    return set(re.findall(r"(?m)^\| `(\w+)` \|", section))


def test_an_e_mail_reads_well_in_plain_text():
    text = bodies(sns_message.notice(alert(), "Spotter"))["email"]
    console = "https://us-east-1.console.aws.amazon.com"
    assert text == (
        "CRITICAL: nightly-7 stopped: it ran out of MaxWaitTimeInSeconds (2 h) after it had trained.\n"
        "\n"
        "SageMaker shows Stopped, MaxWaitTimeExceeded, after 2 interruptions: it did not complete.\n"
        "It had trained 30 min; interruptions put at most 20 min of that at risk, less what its "
        "checkpoints saved.\n"
        'Spotter will not resubmit it: the policy has mode = "off".\n'
        "\n"
        "What you can do:\n"
        "- A new job with CheckpointConfig.S3Uri s3://ml-checkpoints/nightly-7/ resumes from its "
        "checkpoints.\n"
        "\n"
        "Severity: critical\n"
        "History:  Starting 10 min > Downloading 10 min > Training 10 min > Interrupted 10 min > "
        "Starting 10 min > Downloading 10 min > Training 10 min > Interrupted 10 min > "
        "Downloading 10 min > Training 10 min > Stopping 10 min > MaxWaitTimeExceeded\n"
        "Job:      nightly-7\n"
        "Lineage:  nightly-7, attempt 1\n"
        "Status:   Stopped / MaxWaitTimeExceeded\n"
        "Capacity: spot, 1 x ml.g5.xlarge\n"
        "Account:  111122223333, us-east-1\n"
        "Created:  2026-11-23T11:59:55.000Z\n"
        "Alert:    111122223333/us-east-1/nightly-7/attempt_ended/1795435195000\n"
        "\n"
        f"Job:         {console}/sagemaker/home?region=us-east-1#/jobs/nightly-7\n"
        f"Logs:        {console}/cloudwatch/home?region=us-east-1#logsV2:log-groups/log-group/"
        "$252Faws$252Fsagemaker$252FTrainingJobs$3FlogStreamNameFilter$3Dnightly-7$252F\n"
        f"Checkpoints: {console}/s3/buckets/ml-checkpoints?region=us-east-1&prefix=nightly-7%2F\n"
        f"Dashboard:   {console}/cloudwatch/home?region=us-east-1#dashboards/dashboard/Spotter-us-east-1\n"
        "Details:     spotter explain nightly-7 --region us-east-1\n"
    )


def test_a_chat_gets_amazon_qs_own_form_with_the_lineage_as_its_thread():
    chat = json.loads(bodies(sns_message.notice(alert(), "Spotter"))["https"])
    assert (chat["version"], chat["source"]) == ("1.0", "custom")
    assert chat["content"]["textType"] == "client-markdown"
    assert chat["metadata"]["threadId"] == str(alert().attempt.root)
    assert chat["metadata"]["relatedResources"] == [alert().arn]


def test_a_queue_and_a_function_get_the_same_json():
    made = bodies(sns_message.notice(alert(), "Spotter"))
    assert made["sqs"] == made["lambda"]
    assert json.loads(made["sqs"])["schema"] == "spotter.alert/1"
    assert made["default"] == made["email"]


@pytest.mark.parametrize(
    ("heading", "fields"),
    [
        ("### `spotter.alert/1`", payload.alert_payload(alert(), "Spotter")),
        ("### `spotter.digest/1`", payload.digest_payload([alert()] * 3, "Spotter")),
        ("### `spotter.savings-digest/1`", MONTHLY),
    ],
)
def test_every_field_is_documented_and_no_other(heading, fields):
    assert documented(heading) == set(fields)


def test_every_message_attribute_is_documented_also_whether_a_digest_has_it():
    tagged = alert(tags=TEAM)
    one, many = (
        sent(sns_message.notice(tagged, "S")),
        sent(sns_message.digest([tagged] * 3, "S")),
    )
    assert documented("### Message attributes") == set(one)
    section = DOCS.partition("### Message attributes")[2].partition("\n#")[0]
    absent = set(re.findall(r"(?m)^\| `(\w+)` \|.*\| absent \|$", section))
    assert set(one) - set(many) == absent
    assert (many["kind"], many["severity"]) == ("digest", "critical")


def kinds_in_the_code() -> set[str]:
    """The first argument of every `evidence.alert(...)`, or all of a choice."""
    found = set()
    for module in RULES.glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "evidence.alert":
                found |= {
                    NAMES[k.id] if isinstance(k, ast.Name) else k.value
                    for k in chosen_from(node.args[0])
                }
    return found


def chosen_from(kind: ast.expr) -> list[ast.expr]:
    """What an expression can be: both sides of each choice."""
    if isinstance(kind, ast.IfExp):
        return chosen_from(kind.body) + chosen_from(kind.orelse)
    return [kind]


def test_every_kind_of_alert_is_explained_and_no_other():
    heading = "## Each kind: what it means, where to look first, what to do"
    assert len(kinds_in_the_code()) == 12
    assert documented(heading) == kinds_in_the_code()


def test_the_dashboard_and_the_commands_are_those_of_the_stack():
    body = payload.alert_payload(alert(), "Watcher")
    assert body["command"] == "spotter explain nightly-7 --region us-east-1 --stack Watcher"
    assert body["links"]["dashboard"].endswith("/Watcher-us-east-1")


def many(count: int = 21) -> list[Alert]:
    calm = alert(severity=Severity.INFO, headline="calm", kind="recovered")
    others = [replace(calm, raised_at=NOON + minutes(n)) for n in range(count - 1)]
    return [*others, alert()]


def test_a_digest_states_how_many_of_what_and_the_worst_first():
    request = sns_message.digest(many(), "Spotter")
    lines = bodies(request)["email"].splitlines()
    assert request["Subject"] == "Spotter critical: 21 alerts about 1 job"
    assert lines[:4] == [
        "CRITICAL: 21 alerts about 1 job.",
        "",
        "By severity: 1 critical, 20 info",
        "By kind:     20 recovered, 1 attempt_ended",
    ]
    assert lines[7].startswith("- critical: nightly-7 stopped")
    assert "and 11 more." in lines
    assert len(json.loads(bodies(request)["sqs"])["worst"]) == 10


def test_a_digest_that_lists_fewer_alerts_than_it_counts_shows_how_many_are_left_out():
    """Long texts leave room for fewer than the worst ten."""
    whole = payload.digest_payload(many(), "Spotter")
    facts = whole | {"alert_count": 5, "alerts": whole["alerts"][:3]}
    assert "The worst:" in email.digest(facts)
    assert "and 2 more.\n" in email.digest(facts)
    assert "and 2 more\n" in amazon_q.digest(facts)["content"]["description"]
    assert "and 2 more" in str(slack.message([facts])["attachments"])


def test_a_digest_names_the_command_and_the_link_that_list_all_of_it():
    body = payload.digest_payload(many(), "Spotter")
    until = iso(NOON + minutes(111)).replace(".000Z", ".001Z")
    assert body["command"] == (
        f"spotter alerts --since {iso(NOON)} --until {until} --region us-east-1"
    )
    for protocol in ("email", "https"):
        text = bodies(sns_message.digest(many(), "Spotter"))[protocol]
        assert body["command"] in text
        assert body["links"]["dashboard"] in text


TEAM = (("team:owner", "vision & speech"),)


def test_all_alerts_about_a_lineage_have_one_subject_whichever_attempt_and_severity():
    root = alert().job
    request = [
        sns_message.notice(
            alert(kind=kind, severity=severity, attempt=Attempt(root, n), headline=kind), "Spotter"
        )
        for n, (kind, severity) in enumerate(
            [
                ("waiting_for_capacity", Severity.WARNING),
                ("attempt_ended", Severity.CRITICAL),
                ("recovered", Severity.INFO),
            ],
            start=1,
        )
    ]
    assert {one["Subject"] for one in request} == {
        "Spotter: nightly-7 (111122223333 us-east-1, 2026-11-23)"
    }
    assert bodies(request[2])["email"].startswith("INFO: recovered.\n")


@pytest.mark.parametrize("region", ["us-east-1", "us-gov-east-1", "ap-southeast-99"])
def test_the_subject_of_a_long_name_keeps_its_end_and_the_rest(region):
    first, second = (
        JobId("1" * 12, region, f"pytorch-{'x' * 32}-2026-11-23-12-00-00-{n}", NOON)
        for n in (100, 101)
    )
    subjects = [email.lineage_subject(one) for one in (first, second)]
    assert all(len(one) == 99 and one.isascii() for one in subjects)
    assert all(one.startswith("Spotter: pytorch") for one in subjects)
    assert subjects[0] != subjects[1]
    assert subjects[0].endswith(f"12-00-00-100 (111111111111 {region}, 2026-11-23)")


def test_the_kept_tags_are_in_the_text_and_the_json_and_absent_is_not_unread():
    def texts(tags: Any) -> tuple[str, Any]:
        made = bodies(sns_message.notice(alert(tags=tags), "Spotter"))
        return made["email"], json.loads(made["sqs"])["tags"]

    text, tags = texts(TEAM)
    assert "Tags:     team:owner=vision & speech\n" in text
    assert tags == {"team:owner": "vision & speech"}
    text, tags = texts(())
    assert "Tags:" not in text
    assert tags == {}
    text, tags = texts(None)
    assert "Tags:     not read\n" in text
    assert tags is None


def tags_sent(request: dict[str, Any]) -> list[str] | None:
    """The attribute `tags`; None where there is none."""
    found = request["MessageAttributes"].get("tags")
    if found is None:
        return None
    assert found["DataType"] == "String.Array"
    return list(json.loads(found["StringValue"]))


@pytest.mark.parametrize(("more", "shown"), [(0, "All of them:"), (1, "and 1 more.")])
def test_a_digest_in_a_mail_states_how_many_it_does_not_list(more, shown):
    some = [alert(key=str(n)) for n in range(payload.FEW + more)]
    mail = bodies(sns_message.digest(some, "S"))["email"]
    assert shown in mail
    assert ("more." in mail) is (more > 0)


def test_a_filter_policy_sees_a_jobs_tags_and_that_they_were_not_read():
    assert tags_sent(sns_message.notice(alert(tags=TEAM), "S")) == ["team:owner=vision & speech"]
    assert tags_sent(sns_message.notice(alert(tags=None), "S")) == ["unlisted"]
    assert tags_sent(sns_message.notice(alert(tags=()), "S")) is None


def test_a_filter_policy_sees_a_tags_characters_and_no_escapes_of_them():
    sent = sns_message.notice(alert(tags=(("team", "Vidéo"),)), "S")["MessageAttributes"]["tags"]
    assert sent["StringValue"] == '["team=Vidéo"]'


def test_a_digest_has_the_tags_of_every_job_in_it_and_what_does_not_fit_is_unlisted():
    def some(*tags: Any) -> list[str] | None:
        return tags_sent(sns_message.digest([alert(tags=one) for one in tags], "S"))

    audio, vision = (("team", "audio"),), (("team", "vision"),)
    assert some(vision, audio, (), vision) == ["team=vision", "team=audio"]
    assert some(vision, None) == ["team=vision", "unlisted"]
    assert some((), ()) is None
    crowd = some(*((("team", f"{n:03d}" + "x" * 200),) for n in range(500)))
    assert crowd[-1] == "unlisted"
    assert 20 < len(crowd) < 50


def test_a_message_has_at_most_ten_attributes_since_sns_discards_more_for_a_raw_queue():
    three = tuple((f"key-{n}", "value") for n in range(3))
    request = sns_message.notice(alert(tags=three, outcome="started"), "S")
    assert {"instance_type", "outcome", "tags"} <= set(request["MessageAttributes"])
    assert len(request["MessageAttributes"]) <= 10


def test_a_follow_up_names_what_it_follows_in_every_text():
    first = AlertReference("waiting_for_capacity", "1" * 13, iso(NOON), alert().job)
    made = bodies(sns_message.notice(alert(follows=first), "Spotter"))
    named = "waiting_for_capacity about nightly-7, raised 2026-11-23T12:00:00.000Z"
    assert f"Follows:  {named}\n" in made["email"]
    assert f"Follows: {named}" in json.loads(made["https"])["content"]["description"]
    assert json.loads(made["sqs"])["follows"] == {
        "id": f"111122223333/us-east-1/nightly-7/waiting_for_capacity/{'1' * 13}",
        "kind": "waiting_for_capacity",
        "key": "1" * 13,
        "job": "nightly-7",
        "raised_at": "2026-11-23T12:00:00.000Z",
    }


@pytest.mark.parametrize(
    ("instances", "kind"),
    [
        ((("ml.g5.xlarge", 1), ("ml.m5.large", 2)), "ml.g5.xlarge"),
        ((("", 1),), None),
        ((), None),
    ],
)
def test_an_instance_type_that_is_not_known_is_no_attribute_since_sns_refuses_an_empty_one(
    instances, kind
):
    assert sent(sns_message.notice(alert(instances=instances), "S")).get("instance_type") == kind


def test_a_monthly_digest_is_plain_text_with_the_answer_first():
    asked = sns_message.monthly(MONTHLY)
    made = bodies(asked)
    assert asked["Subject"] == "Spotter: Spot savings in November 2026 (111122223333 us-east-1)"
    assert made["email"].splitlines()[:3] == [
        "Spot savings in November 2026.",
        "",
        "No attempt ended in November, so there is nothing to compare.",
    ]
    assert "Details:     spotter savings --month 2026-11 --region us-east-1" in made["email"]
    assert sent(asked) == {
        "kind": "monthly_digest",
        "severity": "info",
        "account": "111122223333",
        "region": "us-east-1",
    }
    assert json.loads(made["https"])["metadata"]["threadId"] == "monthly_digest"


def test_a_subject_is_short_plain_ascii():
    long = email.subject("ä\n" + "x" * 200)
    assert len(long) < 100
    assert long.isascii()
    assert long.isprintable()


WIDEST = ("\N{GRINNING FACE}", '"', "\\", "%", "\n", "\N{RIGHT-TO-LEFT OVERRIDE}", "&", "x")


@pytest.mark.parametrize("letter", WIDEST)
@pytest.mark.parametrize("count", [1, 6, 1000])
def test_the_longest_possible_alerts_fit_into_sns(letter, count):
    endless = letter * 5000
    one = alert(
        arn=endless,
        status=endless,
        secondary=endless,
        checkpoint_location=f"s3://bucket/{endless}",
        headline=endless,
        details=(endless,) * 50,
        next_steps=(endless,) * 50,
        status_history=endless,
        instances=((endless, 1),) * 50,
        tags=tuple((f"{n}{endless}", endless) for n in range(9)),
        follows=AlertReference("attempt_ended", "1" * 13, iso(NOON), alert().job),
    ).bounded()
    others = [replace(one, tags=((f"{n}", endless[:256]),)) for n in range(count - 1)]
    request = (
        sns_message.notice(one, "S") if count == 1 else sns_message.digest([one, *others], "S")
    )
    attributes = sum(len(n) + len(v.encode()) for n, v in sent(request).items())
    assert len(request["Message"].encode()) + attributes < SNS_BYTES
    body = json.loads(bodies(request)["sqs"])
    if count > 1:
        assert body["alert_count"] == count
        assert len(body["worst"]) >= 1
        assert len(body["alerts"]) >= min(count, 10)


def test_a_digest_lists_some_hundred_and_fifty_usual_alerts():
    usual = [replace(alert(), key=f"{n:013d}") for n in range(500)]
    assert 150 <= len(payload.digest_payload(usual, "Spotter")["alerts"]) < 300


@pytest.mark.parametrize(
    ("instants", "stack", "command"),
    [
        ([], "Spotter", "spotter alerts --since 24h --region us-east-1"),
        (
            [NOON, NOON + minutes(1)],
            "Spotter-eu",
            "spotter alerts --since 2026-11-23T12:00:00.000Z --until 2026-11-23T12:01:00.001Z --region us-east-1 --stack Spotter-eu",
        ),
    ],
)
def test_a_digest_names_the_command_that_lists_all_of_its_alerts(instants, stack, command):
    assert payload.listing(instants, stack, "us-east-1") == command
