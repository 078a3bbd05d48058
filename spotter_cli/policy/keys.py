"""Every key of `spotter.toml`: what it means, what it takes, and what holds without it.

What a key takes and its default come from the model that reads the file; here stands only what it is
for. `spotter policy keys` shows it, docs/policy.md is made of it, and a test asks for every key.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, asdict, fields, is_dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from spotter.core.model.times import UNITS
from spotter.core.policy.keys import ALERTS, RESUBMISSION, RULE, TOP, PolicyKey
from spotter.core.policy.model import AlertsPolicy, Policy, ResubmissionPolicy, Rule


class Described(NamedTuple):
    """One key, as its reader needs it."""

    name: str
    means: str
    allowed: str
    default: str


class PolicyTable(NamedTuple):
    """One table of the file: its name in TOML, what it is for, its keys and the values they fill."""

    name: str
    means: str
    keys: Mapping[str, PolicyKey]
    model: type


TABLES = (
    PolicyTable(
        "",
        "What is recorded, and where Spotter may look. These keys stand above the first [table].",
        TOP,
        Policy,
    ),
    PolicyTable("alerts", "When to speak up, and where.", ALERTS, AlertsPolicy),
    PolicyTable(
        "resubmission",
        "Whether and within which bounds jobs are carried on. No rule and no tag goes beyond them.",
        RESUBMISSION,
        ResubmissionPolicy,
    ),
    PolicyTable(
        "[rule]",
        "Which jobs are carried on, after what, and on what. The first rule that matches a job decides; "
        "all its conditions must hold; a job that matches none is only watched.",
        RULE,
        Rule,
    ),
)
MEANS = {
    "scope": "Which jobs are recorded: those on spot and all attempts that followed one, or all jobs.",
    "keep_tags": "Tags of jobs whose values are kept in the ledger, so that `spotter savings --by tag:KEY` "
    "can group by them. They are read once, when a job is first seen.",
    "checkpoints": "The places where Spotter may look for checkpoints, to watch jobs that train as well as "
    "to resubmit those that ended; it lists names, sizes and times. Empty: it looks nowhere.",
    "checkpoint_files": "Names of files that hold your own format of weights or optimizer state. What the "
    "frameworks write is known (docs/checkpoints.md); any other file is no checkpoint, whatever its age.",
    "verify_checkpoints": "Whether the newest checkpoint's files are read under `checkpoints` and held "
    "against their own formats before a resubmission. Without it, Spotter may read no object.",
    "kms_keys": "KMS keys of what your jobs write. A key lets nothing happen by itself: with `mode = "
    '"act"` a grant may be made for an encrypted training volume, through SageMaker only; with '
    "`verify_checkpoints` objects may be decrypted, through S3 only.",
    "alerts.repeated_interruptions": "So many interruptions of one job within so long; again after as "
    "many more.",
    "alerts.waiting_for_capacity": "A job has been without instances for so long, at its start or again.",
    "alerts.wait_budget_used": "A spot job has used this much of its MaxWaitTimeInSeconds.",
    "alerts.checkpoint_quiet": "A job trains on spot, and nothing new came to its checkpoints for so "
    "long, or it has no place for any. Spotter looks only under `checkpoints`.",
    "alerts.email": "Addresses that get every alert; each is asked by SNS to confirm.",
    "alerts.owned_by_services": "Whether there are alerts about jobs of hyperparameter tuning, AutoML, "
    "Pipelines, Batch and other services that start jobs by themselves: five hundred trials are five "
    "hundred jobs.",
    "alerts.slack": "Whether alerts go to a Slack channel. A secret is created empty: put the incoming "
    "webhook's URL into it.",
    "resubmission.mode": "Whether ended jobs are left alone, decided about in words only, or carried on. "
    "Only `act` lets anything create a job.",
    "resubmission.roles": "The only roles that Spotter may pass to a next attempt.",
    "resubmission.instance_types": "The only types on which a next attempt may run; without it, any.",
    "resubmission.max_runtime": "No next attempt may ask for a longer MaxRuntimeInSeconds.",
    "resubmission.max_age": "What ended longer ago is history, and never carried on.",
    "resubmission.max_lineage_age": "How long after its first attempt was created a lineage may go on.",
    "resubmission.max_instance_hours": "Instance-hours of a lineage at the worst: MaxRuntime times "
    "instances, over all attempts and the next.",
    "resubmission.max_spend": "The same in money, in the unit of `prices`.",
    "resubmission.prices": "On-demand prices of one instance for an hour. Reports tell money by them, too.",
    "resubmission.circuit_breaker": "After so many interruptions or starved jobs of one instance type in "
    "the whole account, spot on that type is left alone for a pause.",
    "resubmission.creations_per_hour": "Creations in any sixty minutes, in the whole account.",
    "rule.name": "A pattern for the name of the lineage's first job.",
    "rule.tags": "Tags that the job must have, each with a pattern: a rule that asks for one is an opt-in.",
    "rule.role": "The role that the job must have, or a pattern.",
    "rule.instance_types": "Types or patterns, all of which the first job's instances must fit.",
    "rule.on": "The endings that are carried on.",
    "rule.attempts": "All attempts of a lineage, the first included.",
    "rule.ladder": "The capacity for attempts 2, 3, ...; the last rung repeats. Without it: spot, and on "
    "demand at the last attempt. A rung is `spot` or `on-demand`, then instance types, and `instances=2`, "
    "`volume=200` (GB) or `max_wait=12h` where wanted.",
    "rule.needs_checkpoint": "Whether an attempt that trained is carried on only from a complete "
    "checkpoint that is newer than its start.",
    "rule.torn_newest": "What becomes of an ending whose newest checkpoint is torn, as `verify_checkpoints` "
    "shows, where resuming would load it: SageMaker copies the whole prefix. `resubmit` is for a script "
    "that takes an older checkpoint by itself.",
    "rule.interruptions": "Interruptions of all attempts together, after which nothing is carried on.",
    "rule.errors": "How many attempts may end in an AlgorithmError or InternalServerError.",
    "rule.total_runtime": "What all attempts together may train; the next one gets what is left.",
    "rule.creations_per_hour": "Creations of all its lineages in any sixty minutes; others keep theirs.",
    "rule.same_image": "Whether a job is carried on only if its image is named by digest, so that nobody "
    "can put another one behind its name.",
    "rule.backoff": "The pause after an ending: the first, doubled each time, and the longest.",
}


def described(table: PolicyTable) -> Iterator[Described]:
    """Every key of a table; KeyError for one that nobody has described."""
    defaults = {field.name: field for field in fields(table.model)}
    where = table.name.strip("[]")
    for name, key in table.keys.items():
        means = MEANS[f"{where}.{name}" if where else name]
        yield Described(name, means, key.allowed, _default(defaults[name]))


def lines() -> Iterator[str]:
    """For a terminal."""
    for table in TABLES:
        yield f"[{table.name}]: {table.means}" if table.name else table.means
        for key in described(table):
            yield f"  {key.name} (default: {key.default})"
            yield f"    {key.means}"
            yield f"    Takes {key.allowed}."


def facts() -> dict[str, Any]:
    """For scripts."""
    return {
        "schema": "spotter.policy-keys/1",
        "tables": [
            {
                "table": table.name or None,
                "means": table.means,
                "keys": [key._asdict() for key in described(table)],
            }
            for table in TABLES
        ],
    }


def _default(field: Field[Any]) -> str:
    """As TOML writes it; a key without a default must be given."""
    if field.default is not MISSING:
        made = field.default
    elif field.default_factory is not MISSING:
        made = field.default_factory()
    else:
        return "none, it must be given"
    return _toml(made, off=field.name in (*ALERTS, "circuit_breaker"))


def _toml(value: Any, *, off: bool) -> str:
    if value is None:
        return "false" if off else "not set"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, timedelta):
        return f'"{_span(value)}"'
    if is_dataclass(value) and not isinstance(value, type):
        inner = (f"{name} = {_toml(part, off=off)}" for name, part in asdict(value).items())
        return "{ " + ", ".join(inner) + " }"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple | dict):
        return "empty" if not value else str(value)
    return str(value)


def _span(value: timedelta) -> str:
    """`24h`, as the file would say it."""
    seconds = int(value.total_seconds())
    unit = next(u for u in ("d", "h", "m", "s") if seconds % UNITS[u] == 0)
    return f"{seconds // UNITS[unit]}{unit}"
