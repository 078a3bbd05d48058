"""What Spotter promises where it stops jobs, held against every StopTrainingJob that SageMaker took."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from spotter.core.ledger import row_keys
from spotter.core.policy.model import Mode
from tests.support.deployed_spotter import DeployedSpotter
from tests.support.promises import is_child, root

ALERTS = ("handed_over", "attempt_ended")


@dataclass
class StopWatcher:
    """Notes who stopped which job, and what was wrong with a stop of Spotter's at that moment."""

    spotter: DeployedSpotter
    ours: set[tuple[str, datetime]] = field(default_factory=set)
    users: set[tuple[str, datetime]] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        sagemaker = self.spotter.world.sagemaker
        real = sagemaker.stop_training_job

        def stop(**request: Any) -> Any:
            answer = real(**request)
            job = sagemaker._jobs[request["TrainingJobName"]]
            identity = job.name, job.created
            if self.spotter.calls.watched:
                self.ours.add(identity)
                self.wrong += self._wrong(job.name, job.request)
            else:
                self.users.add(identity)
            return answer

        sagemaker.stop_training_job = stop  # type: ignore[method-assign]

    def _wrong(self, name: str, request: Mapping[str, Any]) -> Iterator[str]:
        policy = self.spotter.policy
        tags = {tag["Key"]: tag["Value"] for tag in request.get("Tags", ())}
        if not all(tags.get(key) == value for key, value in policy.rules[0].tags.items()):
            yield f"{name} was stopped, although no rule with a deadline is for it"
        if policy.resubmission.mode is not Mode.ACT:
            yield f"{name} was stopped, although the mode is {policy.resubmission.mode}"
        if self.spotter.world.switch not in ("on", None):
            yield f"{name} was stopped, although the switch is {self.spotter.world.switch!r}"
        if not any(self._is_order(row, name) for row in self.spotter.rows()):
            yield f"{name} was stopped without an order that said so before"

    @staticmethod
    def _is_order(row: Mapping[str, Any], name: str) -> bool:
        return (
            row[row_keys.SK].startswith("STOP#")
            and row.get("state") == "calling"
            and f"/{name}#" in str(row.get("job"))
        )

    def broken(self) -> Iterator[str]:
        """A sentence for each promise about stops that does not hold after the trouble."""
        yield from self.wrong
        jobs = [
            job for job in self.spotter.world.sagemaker._jobs.values() if job.status == "Stopped"
        ]
        names = list(self.spotter.world.sagemaker._jobs)
        alerted = {
            row[row_keys.PK].rpartition("/")[2]
            for row in self.spotter.rows()
            if row[row_keys.SK].startswith(tuple(f"ALERT#{kind}#" for kind in ALERTS))
        }
        for job in jobs:
            continued = _last_attempt(names, job.name) > _attempt(job.name)
            if (job.name, job.created) in self.users and continued:
                yield f"{job.name} was stopped by a user, and its lineage went on"
            if (job.name, job.created) in self.ours and not continued and job.name not in alerted:
                yield f"{job.name} was stopped by Spotter, and neither went on nor has an alert"


def _last_attempt(names: list[str], name: str) -> int:
    return max(_attempt(one) for one in names if root(one) == root(name))


def _attempt(name: str) -> int:
    """`n-4-a3-0123456789ab` is attempt 3."""
    return int(name.split("-")[2][1:]) if is_child(name) else 1
