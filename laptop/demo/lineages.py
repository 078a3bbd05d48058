"""Lineages as the ledger holds them, and how they differ from what really happened."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from laptop.location import ACCOUNT, REGION
from spotter.aws.ledger.table import Ledger
from spotter.core.ledger.alert import AlertRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import JobId
from spotter.core.model.timeline import Timeline
from spotter.core.model.times import at, ms
from spotter.core.reports.lineage import AttemptView, LineageView

Truth = dict[str, Any]


@dataclass
class Lineage:
    """An attempt and all that followed it, with their alerts and decisions."""

    name: str
    attempts: list[tuple[JobRecord, Timeline]] = field(default_factory=list)
    raised: list[AlertRecord] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    @property
    def statuses(self) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(t.status for t in line) for _, line in self.attempts)

    @property
    def interruptions(self) -> int:
        return sum(len(line.interruptions) for _, line in self.attempts)

    @property
    def alerts(self) -> list[str]:
        """The kinds of the alerts about it, each with its outcome if it has one."""
        return [_label(record) for record in self.raised]

    @property
    def alert_values(self) -> set[str]:
        """The kinds and the outcomes of the alerts about it."""
        values = (value for one in self.raised for value in (one.alert.kind, one.alert.outcome))
        return {value for value in values if value}

    @property
    def savings(self) -> float | None:
        """Percent over all attempts for which SageMaker gives both numbers; None if for no attempt."""
        return LineageView([AttemptView(h, line, h.modified) for h, line in self.attempts]).saved


def _label(record: AlertRecord) -> str:
    """`attempt_ended (started)`: an alert's kind, and its outcome if it has one."""
    kind, result = record.alert.kind, record.alert.outcome
    return f"{kind} ({result})" if result else kind


def lineages(ledger: Ledger, now: datetime) -> dict[str, Lineage]:
    """All lineages whose first job was created today or yesterday, by the root's name."""
    days = {(now - timedelta(days=1)).date(), now.date()}
    jobs = [job for day in sorted(days) for job in ledger.created_on(day)]
    found: dict[str, Lineage] = {}
    for job in jobs:
        held = ledger.jobs_at(job.place)
        head = held.heads[job]
        one = found.setdefault(head.attempt.root.name, Lineage(head.attempt.root.name))
        one.attempts.append((head, held.timelines[job]))
        one.raised += [record for record in held.alerts.values() if record]
    for one in found.values():
        one.attempts.sort(key=lambda pair: pair[0].attempt.number)
        root = one.attempts[0][0].attempt.root
        decided = ledger.lineage(root).endings.values()
        one.reasons = [ending.reason for ending in decided if ending.reason]
    return found


def differences(ledger: Ledger, truths: list[Truth]) -> list[str]:
    """One sentence for each job whose transitions in the ledger are not those that happened."""
    found = []
    for truth in truths:
        created = at(round(truth["created"] * 1000))
        really = [(status, round(start * 1000)) for status, start in truth["transitions"]]
        line = ledger.timeline(JobId(ACCOUNT, REGION, truth["name"], created))
        held = [(transition.status, ms(transition.start)) for transition in line]
        if held != really:
            missing = [status for status, start in really if (status, start) not in held]
            extra = [status for status, start in held if (status, start) not in really]
            found.append(f"{truth['name']}: missing {missing or 'none'}, extra {extra or 'none'}")
    return found
