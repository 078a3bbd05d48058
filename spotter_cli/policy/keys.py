"""Every key of `spotter.toml`: what it means, what it takes, and what holds without it.

What a key takes and its default come from the model that reads the file; this module adds what it is
for. `spotter policy keys` prints it, docs/policy.md is generated from it, and a test checks that every
key is described.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, asdict, fields, is_dataclass
from datetime import timedelta
from typing import Any, NamedTuple

from spotter.core.model.times import written
from spotter.core.policy.keys import ALERTS, DIGEST, RESUBMISSION, RULE, TOP, PolicyKey
from spotter.core.policy.model import AlertsPolicy, DigestPolicy, Policy, ResubmissionPolicy, Rule


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
        "What is recorded, and which objects Spotter may list and read. These keys are above the first [table].",
        TOP,
        Policy,
    ),
    PolicyTable("alerts", "When alerts are raised, and where they are sent.", ALERTS, AlertsPolicy),
    PolicyTable(
        "digest", "What is published about savings, beside the alerts.", DIGEST, DigestPolicy
    ),
    PolicyTable(
        "resubmission",
        "Whether jobs are resubmitted, and the limits for all of them. No rule and no tag exceeds them.",
        RESUBMISSION,
        ResubmissionPolicy,
    ),
    PolicyTable(
        "[rule]",
        "Which jobs are resubmitted, after which endings, and on which capacity. The first rule that "
        "matches a job decides; all its conditions must match; a job that matches none is only recorded.",
        RULE,
        Rule,
    ),
)
MEANS = {
    "scope": "Which jobs are recorded: those on spot and all attempts that followed one, or all jobs.",
    "job_name_prefix": "If set, only jobs whose names begin so are described, recorded and resubmitted: the event "
    "rule, the sweep and the permissions leave out all others. A job that was recorded before it was set "
    "stays as it was recorded last, and is not resubmitted.",
    "currency": "The currency of `prices` and `max_spend`, for messages. Reports take theirs from the price file.",
    "recorded_tags": "Tags of jobs whose values are kept in the ledger, so that `spotter savings --by "
    "tag:KEY` can group by them. They are read once, when a job is first recorded. "
    "Charts and the monthly digest group by the first of them.",
    "checkpoint_locations": "Where Spotter may list checkpoints, for alerts about running jobs and for "
    "resubmissions; it lists names, sizes and times. Empty: it lists nothing.",
    "checkpoint_files": "Names of files that hold your own format of weights or optimizer state. The files "
    "of common frameworks are known (docs/checkpoints.md); no other file counts as a checkpoint.",
    "verify_checkpoints": "Whether the files of the newest checkpoint are read under "
    "`checkpoint_locations` and validated before a resubmission. If false, Spotter may read no object.",
    "kms_keys": 'KMS keys of the volumes and checkpoints of your jobs. With `mode = "act"`, SageMaker may '
    "get a grant for an encrypted training volume; with `verify_checkpoints`, objects may be decrypted "
    "through S3. A key alone permits nothing.",
    "alerts.repeated_interruptions": "This many interruptions of one job within this time; again after as "
    "many more.",
    "alerts.waiting_for_capacity": "A job has had no instances for this long, at its start or again.",
    "alerts.wait_budget_used": "A spot job has used this fraction of its MaxWaitTimeInSeconds.",
    "alerts.checkpoint_quiet": "A job trains on spot, and has written no new checkpoint for this long, or "
    "has no place for checkpoints. Only places under `checkpoint_locations` are listed.",
    "alerts.deadlines": "Whether alerts are raised about lineages with a deadline: one that cannot finish in time, and "
    "a pace that fell so far that the deadline is in doubt.",
    "alerts.email": "Addresses that receive every alert; SNS asks each one to confirm.",
    "alerts.include_service_jobs": "Whether alerts are also raised for jobs that hyperparameter tuning, "
    "AutoML, Pipelines, Batch and other services start: five hundred trials are five hundred jobs.",
    "alerts.slack": "Whether alerts are posted to a Slack channel. An empty secret is created: put the "
    "incoming webhook's URL into it.",
    "digest.monthly": "Whether the savings of each month are published on the first days (UTC) of the next "
    "one, to all addresses and channels that receive alerts.",
    "resubmission.mode": "`off`: Spotter decides nothing. `advise`: it records what it would do. `act`: it "
    "also creates jobs. Only `act` gives anything the permission to create a job.",
    "resubmission.roles": "The only roles that Spotter may pass to a next attempt.",
    "resubmission.instance_types": "The only types on which a next attempt may run; empty: any type.",
    "resubmission.max_runtime": "The longest MaxRuntimeInSeconds of a next attempt.",
    "resubmission.max_age": "A job that finished longer ago is never resubmitted.",
    "resubmission.max_lineage_age": "No attempt is created later than this after the lineage's first one.",
    "resubmission.max_instance_hours": "The most instance-hours of a lineage: MaxRuntime times instances, "
    "over all attempts and the next.",
    "resubmission.max_spend": "The same in money, in the unit of `prices`.",
    "resubmission.prices": "On-demand prices of one instance for an hour, for `max_spend`. Reports have prices "
    "of their own: `spotter prices`.",
    "resubmission.circuit_breaker": "After `count` interruptions or jobs without capacity of one instance "
    "type within this time, in the whole account, no attempt uses spot on that type for `open_for`.",
    "resubmission.max_creations_per_hour": "Creations in any sixty minutes, in the whole account.",
    "rule.name": "A pattern for the name of the lineage's first job.",
    "rule.tags": "Tags that the job must have, each with a pattern: a rule with a tag is an opt-in.",
    "rule.role": "The role that the job must have, or a pattern.",
    "rule.instance_types": "Types or patterns that all instances of the first job must match.",
    "rule.on": "The endings after which a job is resubmitted.",
    "rule.max_attempts": "The most attempts of a lineage, the first included.",
    "rule.capacity": "The capacity options for attempts 2, 3, ...; the last one repeats. Without it: spot, "
    "and on demand for the last attempt. An option is `spot` or `on-demand`, then instance types, then "
    "`instances=2`, `volume=200` (GB) or `max_wait=12h` if needed.",
    "rule.require_checkpoint": "Whether an attempt that trained is resubmitted only from a complete "
    "checkpoint that is newer than its start.",
    "rule.on_torn_checkpoint": "What to do if the newest checkpoint is not complete by its listing, or "
    "`verify_checkpoints` finds it torn, and the next attempt would load it: SageMaker copies the whole "
    "prefix. `resubmit` is for a script that loads an older checkpoint by itself.",
    "rule.max_interruptions": "The most interruptions of all attempts together; then no resubmission.",
    "rule.max_errors": "How many attempts may end in an AlgorithmError or InternalServerError.",
    "rule.max_total_runtime": "How long all attempts together may train; the next one gets what is left.",
    "rule.max_creations_per_hour": "Creations of all lineages of this rule in any sixty minutes; other "
    "rules keep theirs.",
    "rule.require_image_digest": "Whether a job is resubmitted only if its image is named by digest, so "
    "that nobody can replace the image behind its name.",
    "rule.backoff": "The pause after an ending: `first`, doubled after each attempt, at most `max`.",
    "rule.finish_by": "The deadline of each lineage: so long after its first attempt was created, or the next "
    "such time of day after that, in its own time zone. Spot is used as long as the deadline allows it, "
    "then the lineage is handed over to the on-demand option of `capacity` (docs/deadlines.md). The rule needs "
    "`tags`: Spotter may stop jobs that bear them, and no others. What is "
    "claimed holds if on demand starts in time and training keeps its pace; nothing is guaranteed.",
    "rule.finish_by_tag": "Whether a job's own tag `spotter:finish-by` may set the deadline or bring it "
    "forward, and `spotter:needs` may exceed `needs`. Without it such a tag can only make the deadline "
    "later: an earlier one costs money.",
    "rule.needs": "How long a whole lineage trains, all attempts together. It counts times 1.2, until steps in the "
    "names of checkpoints show the pace. Without it the lineages that completed under this rule count, "
    "and before there are five of them, MaxRuntimeInSeconds.",
    "rule.patience": "How long an attempt may wait for spot before it is stopped and the next spot option of "
    "`capacity` is tried; after the last one the first again. Only for lineages with a deadline.",
    "rule.patience_from": "The first attempt whose vain wait may be ended. Attempt 1 is your own job: it is "
    "stopped for its wait only if this is 1.",
    "rule.margin": "Time that is added to what a hand-over takes, for what is not measured.",
    "rule.asks": "How many attempts of a lineage may end without having trained. They count against this number "
    "and not against `max_attempts`; each takes a place in `max_creations_per_hour`. "
    "The last one is on demand where the attempt before it ended by itself.",
}


def described(table: PolicyTable) -> Iterator[Described]:
    """Every key of a table; KeyError for one without a description in MEANS."""
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
        return f'"{written(value)}"'
    if is_dataclass(value) and not isinstance(value, type):
        inner = (f"{name} = {_toml(part, off=off)}" for name, part in asdict(value).items())
        return "{ " + ", ".join(inner) + " }"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple | dict):
        return "empty" if not value else str(value)
    return str(value)
