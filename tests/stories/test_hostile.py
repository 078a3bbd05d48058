"""Five thousand hostile strings through every free text of an alert: nothing active, nothing broken out of.

Free text is what a job's user, or SageMaker, may write as they like: names of statuses and types, the
checkpoint location, reasons that quote tags. It reaches e-mail, JSON, Slack and chats.
"""

import json
import random
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from spotter.aws.ledger import codec
from spotter.core.alerts import payload, slack, sns_message
from spotter.core.alerts.outbox import pending
from spotter.core.ledger.alert import Alert, AlertRecord
from tests.core.alerts.test_sns_message import alert
from tests.support.jobs import NOON

COUNT, SHARDS = 5000, 10
SNS_BYTES = 256 * 1024
PIECES = (
    "<!channel>", "<!here|x>", "<@U012AB3CD>", "<https://evil.example|sign in>", "@channel", "@here",
    "@everyone", "https://evil.example/x?a=1&b=2", "HTTP://evil.example", "www.evil.example",
    "ftp://evil.example", "mailto:a@evil.example", "tel:+1", "javascript:alert(1)", "slack://open",
    "[sign in](https://evil.example)", "![x](https://evil.example)", "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>", "&lt;b&gt;", "&amp;", "&", "<", ">", "*bold*", "_it_", "~gone~",
    "`code`", "```", "> quote", "# heading", "| a | b |", "---", ":boom:", "=1+1", "+1+1", "-1", "@SUM(A1)",
    '=cmd|"/c calc"!A1', "'; DROP TABLE", '"}]}', '\\"}', "\\", '"', "'", "{{7*7}}", "${jndi:ldap://x}",
    "%0d%0aSubject: evil", "\r\nSubject: evil", "\n.\n", "\r", "\n", "\t", "\0", "\x1b[31m", "\x1b]8;;x\x07",
    "\x07", "\x7f", "\x9b31m", "\u202e", "\u2066", "\u200b", "\u200f", "\u2028", "\u2029", "\ufeff",
    "\ufffe", "\ud800", "\udfff", "\U0001f600", "\N{LATIN SMALL LETTER E WITH ACUTE}", "e\u0301" * 40,
    "\u0430", "a" * 400, "\U0001f600" * 700, "<" * 3000, "&" * 700, '"' * 700, "\\" * 3000, "\n" * 500,
    "s3://bucket/", "nightly-7",
)  # fmt: skip


def hostile(seed: int) -> str:
    """Some pieces in a row, another string for each seed."""
    chance = random.Random(seed)
    return "".join(chance.choice(PIECES) for _ in range(chance.randint(2, 7)))


def with_it_everywhere(text: str) -> Alert:
    return replace(
        alert(),
        arn=text,
        status=text,
        secondary=text,
        instances=((text, 1), ("ml.g5.xlarge", 2)),
        checkpoint_location=f"s3://bucket/{text}" if len(text) % 2 else text,
        headline=text,
        details=(text, f"Spotter did not, because {text}."),
        next_steps=(f"Do {text}",),
        status_history=f"{text} > Training",
    ).bounded()


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else ():
        yield from strings(inner)
    for inner in value if isinstance(value, list) else ():
        yield from strings(inner)


OURS = re.compile(r"https://us-east-1\.console\.aws\.amazon\.com/[\w/?=&#:$%.-]*")
LIVE = re.compile(r"(?i)(https?|ftp|ldap|slack)://|www\.|mailto:|tel:|@")
SLACK_LINK = re.compile(
    r"<https://us-east-1\.console\.aws\.amazon\.com/[\w/?=&#:$%.;-]*\|(job|logs|checkpoints|dashboard)>"
)
ENTITY = re.compile(r"&(?!amp;|lt;|gt;)|[<>]")


def inactive(text: str, *, lines: bool = True) -> None:
    """Printable, and no link or mention but our own links."""
    assert all(c.isprintable() or (lines and c == "\n") for c in text), repr(text)
    assert not LIVE.search(OURS.sub("", text)), text


def check_mail(request: dict[str, Any], bodies: dict[str, str]) -> None:
    subject = request["Subject"]
    assert len(subject) < 100
    assert re.fullmatch("[ -~]+", subject)
    inactive(bodies["email"])
    assert len(bodies["email"].splitlines()) <= 30, "no line of its own for what is quoted"


def check_chat(body: str) -> None:
    chat = json.loads(body)
    assert set(chat) == {"version", "source", "id", "content", "metadata"}
    for text in strings([chat["content"], chat["metadata"]["summary"]]):
        own = re.sub(rf"\[\w+\]\({OURS.pattern}\)", "", text)
        inactive(own)
        assert not set(own) & set("<>[]`*~|\\"), own


def check_slack(made: dict[str, Any]) -> None:
    assert set(made) == {"text", "mrkdwn", "blocks", "attachments"}
    assert made["mrkdwn"] is False
    (bar,) = made["attachments"]
    assert set(bar) == {"color", "fallback", "blocks"}
    blocks = [*made["blocks"], *bar["blocks"]]
    assert len(blocks) <= 50
    assert sum(map(len, strings(made))) < 13_000
    held = [made["text"], bar["fallback"]]
    for block in blocks:
        texts = ([block["text"]] if "text" in block else []) + block.get("fields", [])
        texts += block.get("elements", [])
        assert texts
        assert len(block.get("fields", [])) <= 10
        for one in texts:
            most = 150 if block["type"] == "header" else 3000
            assert 0 < len(one["text"]) <= most
            if one["type"] == "mrkdwn":
                assert one["verbatim"]
                assert SLACK_LINK.sub("", one["text"]).replace(" | ", "") == ""
            else:
                assert (one["type"], one["emoji"]) == ("plain_text", False)
                held.append(one["text"])
    for text in held:
        inactive(text)
        assert not ENTITY.search(text), text


def check(one: Alert) -> None:
    row = pending(one, NOON).row()
    held = AlertRecord.read(codec.read(codec.written(row)))
    assert held.alert == replace(one, raised_at=NOON)
    assert held.row() == row
    str(row).encode()
    several = [one, replace(one, key="1"), one]
    for request in (sns_message.notice(one, "Spotter"), sns_message.digest(several, "Spotter")):
        assert len(request["Message"].encode()) < SNS_BYTES
        bodies = json.loads(request["Message"])
        assert set(bodies) == {"default", "email", "sqs", "lambda", "https"}
        check_mail(request, bodies)
        check_chat(bodies["https"])
        body = slack.read(bodies["sqs"])
        assert all(t.isprintable() for t in strings(body))
        check_slack(slack.message([body]))
        check_slack(slack.message([body, payload.alert_payload(one, "Spotter")]))
        for value in request["MessageAttributes"].values():
            assert value["StringValue"].isprintable()


@pytest.mark.shows("markup", "texts in e-mail, chat, Slack and logs")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_nothing_hostile_gets_through_anywhere(shard, proof):
    for seed in range(shard, COUNT, SHARDS):
        check(with_it_everywhere(hostile(seed)))
        proof.count(tries=1, fired=1)


@pytest.mark.parametrize("number", range(len(PIECES)))
def test_no_single_piece_gets_through(number):
    check(with_it_everywhere(PIECES[number]))


def test_there_are_as_many_strings_as_are_promised():
    assert len({hostile(seed) for seed in range(COUNT)}) > COUNT * 0.9
