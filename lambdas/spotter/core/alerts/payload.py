"""An alert as JSON: for queues and functions, and as the source of e-mail, Slack and Amazon Q.

`spotter.alert/1` and `spotter.digest/1`; docs/alerts.md names every field. A field may be added within
a version; none is taken away or changes its meaning.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from spotter.core.ledger import monthly_digest
from spotter.core.ledger.alert import SEVERITIES, Alert, AlertReference
from spotter.core.model import console_links, instances
from spotter.core.model.sanitize import line
from spotter.core.model.times import counted, iso

ALERT, DIGEST = "spotter.alert/1", "spotter.digest/1"
MONTHLY = monthly_digest.SCHEMA
FEW = 10
"""The worst of a digest: shown to people, and held whole."""
WHOLE_BYTES, SHORT_BYTES = 50_000, 40_000
"""Of the alerts that a digest holds whole and in short. Both stand twice in a message, beside bodies
for people of some 50 KB at the very worst: below SNS's 256 KB whatever is in them."""
SHORT_HEADLINE = 120
Facts = dict[str, Any]


def alert_payload(one: Alert, stack: str) -> Facts:
    """`spotter.alert/1`: one alert about one job."""
    return {
        "schema": ALERT,
        "id": one.id,
        "kind": one.kind,
        "key": one.key,
        "severity": one.severity.value,
        "raised_at": iso(one.raised_at) if one.raised_at else None,
        "headline": one.headline,
        "details": list(one.details),
        "next_steps": list(one.next_steps),
        "status_history": one.status_history,
        "job": one.job.name,
        "job_created_at": iso(one.job.created),
        "arn": one.arn,
        "account": one.job.account,
        "region": one.job.region,
        "lineage": one.attempt.root.name,
        "lineage_id": str(one.attempt.root),
        "attempt": one.attempt.number,
        "status": one.status,
        "secondary_status": one.secondary,
        "spot": one.spot,
        "instances": instances.facts(one.instances),
        "interruptions": one.interruptions,
        "checkpoint_location": one.checkpoint_location,
        "ending": one.ending,
        "outcome": one.outcome,
        "follows": _reference(one.follows) if one.follows else None,
        "tags": None if one.tags is None else dict(one.tags),
        "stack": stack,
        "command": f"spotter explain {one.job.name}{where(stack, one.job.region)}",
        "links": {
            "job": console_links.job(one.job),
            "logs": console_links.logs(one.job),
            "checkpoints": console_links.checkpoints(one.job.region, one.checkpoint_location),
            "dashboard": console_links.dashboard(one.job.region, stack),
        },
    }


def _reference(one: AlertReference) -> Facts:
    """What names the alert that another one follows."""
    return {
        "id": one.id,
        "kind": one.kind,
        "key": one.key,
        "job": one.job.name,
        "raised_at": one.raised_at,
    }


def digest_payload(alerts: Sequence[Alert], stack: str) -> Facts:
    """`spotter.digest/1`: many alerts, the worst few whole, and where to find them all."""
    worst = sorted(alerts, key=lambda a: SEVERITIES.index(a.severity))
    first, jobs = worst[0], len({one.job for one in worst})
    whole = list(_fitting((alert_payload(one, stack) for one in worst[:FEW]), WHOLE_BYTES))
    short = list(_fitting(map(_short, worst), SHORT_BYTES))
    instants = sorted(one.raised_at for one in worst if one.raised_at)
    return {
        "schema": DIGEST,
        "severity": first.severity.value,
        "headline": f"{counted(len(worst), 'alert')} about {counted(jobs, 'job')}",
        "alert_count": len(worst),
        "job_count": jobs,
        "by_severity": dict(Counter(one.severity.value for one in worst)),
        "by_kind": dict(Counter(one.kind for one in worst).most_common()),
        "first_raised_at": iso(instants[0]) if instants else None,
        "last_raised_at": iso(instants[-1]) if instants else None,
        "worst": whole,
        "alerts": short,
        "account": first.job.account,
        "region": first.job.region,
        "stack": stack,
        "command": listing(instants, stack, first.job.region),
        "links": {"dashboard": console_links.dashboard(first.job.region, stack)},
    }


def _short(one: Alert) -> Facts:
    return {
        "kind": one.kind,
        "key": one.key,
        "severity": one.severity.value,
        "job": one.job.name,
        "tags": None if one.tags is None else dict(one.tags),
        "headline": line(one.headline, SHORT_HEADLINE),
    }


def _fitting(payloads: Iterable[Facts], left: int) -> Iterator[Facts]:
    """As many, from the first, as there is room for: JSON within JSON, so escaped twice."""
    for one in payloads:
        left -= len(json.dumps(json.dumps(one, ensure_ascii=False), ensure_ascii=False).encode())
        if left < 0:
            return
        yield one


def worst(digest: Mapping[str, Any]) -> tuple[list[str], int]:
    """A line for each of the worst few alerts of a digest, and how many more there are."""
    lines = [f"{one['severity']}: {one['headline']}" for one in digest["alerts"][:FEW]]
    return lines, digest["alert_count"] - len(lines)


def listing(instants: Sequence[datetime], stack: str, region: str) -> str:
    """The command that lists these alerts and whatever else was raised meanwhile."""
    if not instants:
        return f"spotter alerts --since 24h{where(stack, region)}"
    until = instants[-1] + timedelta(milliseconds=1)
    since = f"--since {iso(instants[0])} --until {iso(until)}"
    return f"spotter alerts {since}{where(stack, region)}"


def where(stack: str, region: str) -> str:
    """The options of a command that name the Region and, unless it is the usual one, the stack."""
    return f" --region {region}" + (f" --stack {stack}" if stack != "Spotter" else "")
