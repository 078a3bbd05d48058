"""Lineages as the ledger holds them, and how they differ from what really happened."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from laptop.location import ACCOUNT, REGION
from spotter.aws.ledger.table import Ledger
from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.transitions import timeline
from spotter.core.model.timeline import Timeline
from spotter.core.model.times import at
from spotter.core.reports.lineage import AttemptView, LineageView

Truth = dict[str, Any]


@dataclass
class Lineage:
    """An attempt and all that followed it, with their alerts and decisions."""

    name: str
    attempts: list[tuple[JobRecord, Timeline]] = field(default_factory=list)
    raised: list[row_keys.Row] = field(default_factory=list)
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
        return [_label(row) for row in self.raised]

    @property
    def alert_values(self) -> set[str]:
        """The kinds and the outcomes of the alerts about it."""
        return {row[name] for row in self.raised for name in ("kind", "outcome") if name in row}

    @property
    def savings(self) -> float | None:
        """Percent over all attempts for which SageMaker gives both numbers; None if for no attempt."""
        return LineageView([AttemptView(h, line, h.modified) for h, line in self.attempts]).saved


def _label(row: row_keys.Row) -> str:
    """`attempt_ended (started)`: an alert's kind, and its outcome if it has one."""
    return f"{row['kind']} ({row['outcome']})" if "outcome" in row else str(row["kind"])


def lineages(ledger: Ledger, now: datetime) -> dict[str, Lineage]:
    """All lineages whose first job was created today or yesterday, by the root's name."""
    days = {(now - timedelta(days=1)).date(), now.date()}
    keys = [
        (key[row_keys.PK], key[row_keys.SK]) for day in sorted(days) for key in ledger.calendar(day)
    ]
    found: dict[str, Lineage] = {}
    for pk, sk in keys:
        held = ledger.partition(pk)
        head = JobRecord.read(next(row for row in held if row[row_keys.SK] == sk))
        one = found.setdefault(head.attempt.root.name, Lineage(head.attempt.root.name))
        one.attempts.append((head, timeline(held, head.id)))
        one.raised += [row for row in held if row[row_keys.SK].startswith(row_keys.ALERTS)]
    for one in found.values():
        one.attempts.sort(key=lambda pair: pair[0].attempt.number)
        root = one.attempts[0][0].attempt.root
        decided = ledger.partition(row_keys.lineage_pk(root), row_keys.ENDINGS)
        one.reasons = [row["reason"] for row in decided if "reason" in row]
    return found


def differences(ledger: Ledger, truths: list[Truth]) -> list[str]:
    """One sentence for each job whose transitions in the ledger are not those that happened."""
    found = []
    for truth in truths:
        created = at(round(truth["created"] * 1000))
        really = [(status, round(start * 1000)) for status, start in truth["transitions"]]
        rows_of = ledger.partition(
            row_keys.name_pk(ACCOUNT, REGION, truth["name"]), row_keys.transitions_prefix(created)
        )
        held = [(row["status"], row["start"]) for row in rows_of]
        if held != really:
            missing = [status for status, start in really if (status, start) not in held]
            extra = [status for status, start in held if (status, start) not in really]
            found.append(f"{truth['name']}: missing {missing or 'none'}, extra {extra or 'none'}")
    return found
