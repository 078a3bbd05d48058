"""ENDED rows: that an attempt ended, and what was decided about it.

`record` puts the row, once; whoever decides replaces it, by turn. The index `open` lists it until it is
settled, under the instant from which it is due.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, Self

from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import Key, Row
from spotter.core.ledger.typed_row import further, instant_in, instant_text, without_absent
from spotter.core.ledger.validation import Shape, count, flag, instant, job, text, texts
from spotter.core.model.endings import Ending
from spotter.core.model.identity import Attempt, JobId

SHAPE: tuple[Shape, Shape] = (
    {"job": job, "ending": text},
    {
        "ended": instant, "settled": text, "reason": text, "because": text, "decided": instant,
        "held": text, "next": text, "rule": text, "checkpoint": text, "progressed": flag,
        "ignored": texts, "blocked_by": text, "denied": count, "turn": count, row_keys.OPEN_SK: instant,
    },
)  # fmt: skip


@dataclass(frozen=True)
class EndingRecord:
    """What is not known is None. `settled` is the kind of the decision that was final, `held` why it had to
    wait before, `rule` the rule that decided (the attribute `because`) and `policy_rule` the policy's rule
    for the job (the attribute `rule`). `refusal` is what SageMaker answered, `next` the next attempt's
    name. `news` and `retriggered_at` wake functions by the stream. `others` are another version's attributes.
    """

    attempt: Attempt
    job: JobId
    ending: str
    ended: datetime | None = None
    due: datetime | None = None
    settled: str | None = None
    held: str | None = None
    reason: str | None = None
    rule: str | None = None
    decided: datetime | None = None
    next: str | None = None
    policy_rule: str | None = None
    checkpoint: str | None = None
    progressed: bool | None = None
    ignored: tuple[str, ...] = ()
    torn: str | None = None
    unfinished: str | None = None
    verified: str | None = None
    blocked_by: str | None = None
    denied: int = 0
    refusal: Any = None
    news: str | None = None
    retriggered_at: str | None = None
    turn: int | None = None
    others: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return key(self.attempt)

    def row(self) -> Row:
        row = {**self.others, **row_keys.keyed(self.key), "job": str(self.job)}
        row |= {name: getattr(self, name) for name in _AS_IS}
        row |= {name: instant_text(getattr(self, name)) for name in _INSTANTS}
        row |= {"settled": self.settled, "because": self.rule, "rule": self.policy_rule}
        row |= {"ignored": [*self.ignored] or None, "denied": self.denied or None}
        row |= row_keys.open_keys(self.key[0], self.due) if self.due else {}
        return without_absent(row)

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The ending in a row; Malformed if it is none."""
        row, own = validation.held_to(row, SHAPE), row_keys.key_of(row)
        number = validation.number_of(own)
        return cls(
            attempt=Attempt(validation.root_of(own), number),
            job=JobId.parse(row["job"]),
            due=instant_in(row, row_keys.OPEN_SK),
            ended=instant_in(row, "ended"),
            decided=instant_in(row, "decided"),
            settled=_OF_BEFORE.get(row.get("settled", ""), row.get("settled")),
            rule=row.get("because"),
            policy_rule=row.get("rule"),
            ignored=tuple(row.get("ignored", ())),
            denied=row.get("denied", 0),
            others=further(row, _KNOWN),
            **{name: row[name] for name in _AS_IS if name in row},
        )


def key(attempt: Attempt) -> Key:
    return row_keys.lineage_pk(attempt.root), row_keys.ended_sk(attempt.number)


_OF_BEFORE = {" ".join(("carry", "on")): "resubmit"}
"""Values of `settled` as version 1 wrote them, and what they are called now."""
_AS_IS = (
    "ending", "held", "reason", "next", "checkpoint", "progressed", "torn", "unfinished",
    "verified", "blocked_by", "refusal", "news", "retriggered_at", "turn",
)  # fmt: skip
_INSTANTS = ("ended", "decided")
_KNOWN = {*_AS_IS, "settled", *_INSTANTS, "job", "because", "rule", "ignored", "denied"}


class EndedJob(Protocol):
    """As much of a head as tells how SageMaker shows that the job ended."""

    @property
    def ending(self) -> Ending | None: ...


def ending_of(head: EndedJob, ended: EndingRecord | None) -> Ending | None:
    """How a job ended: as SageMaker shows it, or HandedOver where the stop was Spotter's own; None while it runs."""
    handed_over = ended is not None and ended.ending == Ending.HANDED_OVER
    return Ending.HANDED_OVER if handed_over and head.ending else head.ending
