"""What a filter policy of SNS sees of a message: its attributes.

At most ten: SNS discards a message with more for a queue with raw delivery, as Slack's is
(https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html). So all kept tags of a job are one
attribute, `tags`, a String.Array of `key=value`: a filter policy matches it if any element matches. The keys
are in values, which may hold any character; the names of attributes may not.

A filter cannot match what it does not see. So where a message is about a job whose tags were not read, or
about more tags than are listed, `tags` also holds the word `unlisted`: who must not miss an alert takes
that as well. Without a kept tag there is no attribute, which `{"exists": false}` matches.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any

from spotter.core.ledger.alert import Alert

UNLISTED = "unlisted"
MOST_BYTES = 8_000
"""Of listed tags: some two hundred usual ones. The bodies leave that much room in SNS's 256 KB."""
Attributes = dict[str, str | list[str]]


def of_alert(alert: Alert) -> Attributes:
    """The attributes of one alert."""
    kinds = [kind for kind, _ in alert.instances]
    return {
        "kind": alert.kind,
        "severity": alert.severity.value,
        "job": alert.job.name,
        "lineage": alert.attempt.root.name,
        "account": alert.job.account,
        "region": alert.job.region,
        **({"instance_type": kinds[0]} if kinds and kinds[0] else {}),
        **({"outcome": alert.outcome} if alert.outcome else {}),
        **_tags([alert]),
    }


def of_digest(facts: Mapping[str, Any], alerts: Sequence[Alert]) -> Attributes:
    """The attributes of a digest: the tags are those of any job in it."""
    return {
        "kind": "digest",
        "severity": facts["severity"],
        "account": facts["account"],
        "region": facts["region"],
        **_tags(alerts),
    }


def of_monthly_digest(facts: Mapping[str, Any]) -> Attributes:
    """The attributes of a monthly digest: it is about all jobs, so it carries no tags."""
    return {name: facts[name] for name in ("kind", "severity", "account", "region")}


def written(attributes: Attributes) -> dict[str, dict[str, str]]:
    """As SNS takes them."""
    return {name: _written(value) for name, value in attributes.items()}


def _written(value: str | list[str]) -> dict[str, str]:
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    return {"DataType": "String.Array", "StringValue": json.dumps(value, ensure_ascii=False)}


def _tags(alerts: Iterable[Alert]) -> Attributes:
    held = [one.tags for one in alerts]
    every = dict.fromkeys(f"{key}={value}" for tags in held for key, value in tags or ())
    sizes = accumulate(len(json.dumps(one, ensure_ascii=False).encode()) + 2 for one in every)
    listed = [one for one, size in zip(every, sizes, strict=True) if size <= MOST_BYTES]
    if None in held or len(listed) < len(every):
        listed.append(UNLISTED)
    return {"tags": listed} if listed else {}
