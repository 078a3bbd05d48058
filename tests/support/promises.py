"""Spotter's promises, held against everything that an account shows after the trouble is over."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from spotter.core.ledger import row_keys
from tests.support.deployed_spotter import DeployedSpotter

ENDED = ("Completed", "Failed", "Stopped")
AFTER_ASKS = 2
"""Attempts beyond `asks`: the one whose end uses them up, and the hand-over that follows a stop all the same."""


@dataclass
class Watcher:
    """Notes each creation that SageMaker took, and lineages of which two attempts run at once."""

    spotter: DeployedSpotter
    created: list[tuple[str, datetime, Mapping[str, Any]]] = field(default_factory=list)
    together: list[str] = field(default_factory=list)
    first: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sagemaker = self.spotter.world.sagemaker
        real = sagemaker.create_training_job

        def create(**request: Any) -> Any:
            answer = real(**request)
            name = request["TrainingJobName"]
            if is_child(name):
                self.created.append((name, self.spotter.world.now, request))
                self.look()
            else:
                self.first[name] = request
            return answer

        sagemaker.create_training_job = create  # type: ignore[method-assign]

    def look(self) -> None:
        running = Counter(root(name) for name in running_jobs(self.spotter))
        self.together += [one for one, count in running.items() if count > 1]


def is_child(name: str) -> bool:
    return "-a" in name


def root(name: str) -> str:
    """The first attempt's name; those of these tests hold one hyphen."""
    return "-".join(name.split("-")[:2])


def running_jobs(spotter: DeployedSpotter) -> list[str]:
    jobs = spotter.world.sagemaker._jobs.values()
    return [job.name for job in jobs if job.status not in ENDED]


def broken(watcher: Watcher, *, clocks_agree: bool = True) -> list[str]:
    """A sentence for each promise that does not hold now. Half an hour before, the trouble ended."""
    spotter = watcher.spotter
    return [
        *spotter.violations,
        *_once(watcher),
        *_bounded(watcher, clocks_agree),
        *_recorded(spotter),
        *_decided(spotter),
        *_published(spotter),
    ]


def _once(watcher: Watcher) -> Iterator[str]:
    names = Counter(name for name, _, _ in watcher.created)
    yield from (f"{name} was created {count} times" for name, count in names.items() if count > 1)
    yield from (f"{one} had two running attempts" for one in watcher.together)


def _bounded(watcher: Watcher, clocks_agree: bool) -> Iterator[str]:
    policy = watcher.spotter.policy
    bounds, rule = policy.resubmission, policy.rules[0]
    children = Counter(root(name) for name, _, _ in watcher.created)
    vain = _never_trained(watcher) if rule.has_deadlines else Counter()
    for name, count in children.items():
        if _opted_out(watcher.first[name]):
            yield f"{name} was resubmitted although its tag excludes it"
        if count < rule.max_attempts:
            continue  # a tag can leave a lineage without its rule's deadline, and then `asks` does not count
        if count + 1 - vain[name] > rule.max_attempts:
            yield f"{name} had {count + 1 - vain[name]} attempts, {rule.max_attempts} are allowed"
        if vain[name] > rule.asks + AFTER_ASKS:
            yield f"{name} had {vain[name]} attempts that never trained, asks is {rule.asks}"
    for name, when, request in watcher.created:
        if request["StoppingCondition"]["MaxRuntimeInSeconds"] > bounds.max_runtime.total_seconds():
            yield f"{name} may run for longer than allowed"
        hour = [w for _, w, _ in watcher.created if timedelta() <= when - w < timedelta(hours=1)]
        if clocks_agree and len(hour) > bounds.max_creations_per_hour:
            yield f"{len(hour)} creations within an hour of {when}"


def _never_trained(watcher: Watcher) -> Counter[str]:
    """How many attempts of each lineage never trained: with a deadline they count against `asks`."""
    truths = watcher.spotter.world.sagemaker.truths()
    return Counter(
        root(one.name) for one in truths if "Training" not in [s for s, _ in one.transitions]
    )


def _opted_out(request: Mapping[str, Any]) -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags", ())}
    return tags.get("spotter:resubmit") == "off"


def _recorded(spotter: DeployedSpotter) -> Iterator[str]:
    """The ledger holds what really happened; of a deleted job, what had been seen of it."""
    world = spotter.world
    rows: dict[tuple[str, int], list[tuple[str, int]]] = {}
    for row in spotter.rows():
        if row[row_keys.SK].startswith("AT#"):
            _, created, start, _, status = row[row_keys.SK].split("#")
            name = row[row_keys.PK].rpartition("/")[2]
            rows.setdefault((name, int(created)), []).append((status, int(start)))
    for truth in world.sagemaker.truths():
        happened = [(s, _ms(at)) for s, at in truth.transitions]
        held = sorted(rows.pop((truth.name, _ms(truth.created)), []), key=lambda one: one[1])
        whole = Counter(held) == Counter(happened)
        if not (whole or (truth.deleted and not Counter(held) - Counter(happened))):
            yield f"{truth.name}: the ledger has {held}, what happened is {happened}"
    yield from (f"{name}: the ledger holds a job that never was" for name, _ in rows)


def _ms(instant: datetime) -> int:
    return round(instant.timestamp() * 1000)


def _decided(spotter: DeployedSpotter) -> Iterator[str]:
    """No ending and no claim is left without a reason."""
    for row in spotter.rows():
        key = row[row_keys.SK]
        if key.startswith("ENDED#") and not (row.get("settled") or row.get("held")):
            yield f"{row[row_keys.PK]} {key} is undecided without a reason"
        if key.startswith("ATTEMPT#") and row["state"] == "creating":
            yield f"{row[row_keys.PK]} {key} was left amid its creation"


def _published(spotter: DeployedSpotter) -> Iterator[str]:
    """Every alert of the ledger was published, and no alert is pending."""
    said = [json.loads(json.loads(p["Message"])["sqs"]) for p in spotter.world.published]
    flat = [one for message in said for one in message.get("alerts", [message])]
    published = {(one["job"], one["kind"]) for one in flat}
    for row in spotter.rows():
        if row[row_keys.SK].startswith("ALERT#"):
            alert = row.get("alert", row)
            if row_keys.OPEN_PK in row:
                yield f"{row[row_keys.SK]} is still pending"
            elif published and not any(kind == _kind(row) for _, kind in published):
                yield f"{alert} was never published"


def _kind(row: Mapping[str, Any]) -> str:
    return str(row[row_keys.SK].split("#")[1])
