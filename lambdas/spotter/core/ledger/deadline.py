"""DEADLINE rows: the deadline of the lineage that a job belongs to, and how it stood at the last look.

record puts the row when it first describes an attempt, with what the policy and the job's tags state. A lineage that
has no deadline has no row; its attempt's head names the policy instead, so that nobody reads the tags again. Only
where a tag about a deadline is ignored, or an earlier policy set a deadline, there is a row without terms. The sweep
replaces the row with how the lineage stands, by turn. Views read this one row and compute nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from spotter.core.deadline.figures import DeadlineFigures
from spotter.core.deadline.terms import DeadlineTerms
from spotter.core.ledger import row_keys, validation
from spotter.core.ledger.row_keys import PK, SK, Key, Row
from spotter.core.ledger.typed_row import without_absent
from spotter.core.ledger.validation import Shape, count, flag, job, milliseconds, text, texts
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.times import at, ms

_SPAN = timedelta(milliseconds=1)


def span(value: Any) -> bool:
    """A span in milliseconds, which may be negative."""
    return type(value) is int and abs(value) < validation.MOST


def microseconds(value: Any) -> bool:
    return type(value) is int and 0 < value < validation.MOST


TERMS: Mapping[str, validation.Test] = {
    "finish_by": milliseconds, "stated": text, "rule": text, "needs": span, "steps": count,
    "patience": span, "patience_from": count, "margin": span, "asks": count, "capacity": texts,
}  # fmt: skip
STATED = {"finish_by", "stated", "rule", "patience", "patience_from", "margin", "asks", "capacity"}
FIGURES: Mapping[str, validation.Test] = {
    "seen": milliseconds, "phase": text, "slack": span, "remaining": span, "source": text,
    "basis": text, "step": text, "reason": text, "soonest": milliseconds,
    "hand_over_at": milliseconds, "pace": microseconds, "best_pace": microseconds,
    "durations": texts,
}  # fmt: skip
SEEN = set(FIGURES) - {"hand_over_at", "pace", "best_pace"}


def terms(value: Any) -> bool:
    """A deadline's terms as this row holds them."""
    return _holds(value, TERMS, STATED)


def figures(value: Any) -> bool:
    """An assessment's figures as this row holds them."""
    return _holds(value, FIGURES, SEEN)


def _holds(value: Any, tests: Mapping[str, validation.Test], needed: set[str]) -> bool:
    return (
        type(value) is dict
        and needed <= set(value)
        and all(test(value[name]) for name, test in tests.items() if name in value)
    )


SHAPE: tuple[Shape, Shape] = (
    {"root": job, "attempt": count, "policy": text},
    {"acts": flag, "terms": terms, "figures": figures, "ignored": texts, "turn": count},
)


@dataclass(frozen=True)
class DeadlineRecord:
    """`policy` is the fingerprint of the policy by which the terms were made; `terms` is None if the lineage
    has no deadline, `figures` until a sweep assessed it. `ignored` has a sentence for each tag that is ignored.
    `acts` is True where the policy's mode is `act`: else Spotter only says when it would hand over.
    """

    job: JobId
    attempt: Attempt
    policy: str
    terms: DeadlineTerms | None = None
    ignored: tuple[str, ...] = ()
    figures: DeadlineFigures | None = None
    acts: bool = False
    turn: int | None = None

    @property
    def late(self) -> bool:
        """True if it could not finish in time at the last look."""
        return bool(self.terms and self.figures and self.figures.soonest > self.terms.finish_by)

    def row(self) -> Row:
        return without_absent(
            row_keys.keyed(deadline_key(self.job))
            | {
                "root": str(self.attempt.root),
                "attempt": self.attempt.number,
                "policy": self.policy,
                "acts": self.acts or None,
                "terms": _held(self.terms) if self.terms else None,
                "ignored": [*self.ignored] or None,
                "figures": _held(self.figures) if self.figures else None,
                "turn": self.turn,
            }
        )

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> Self:
        """The deadline in a row; Malformed if it is none."""
        row = validation.held_to(row, SHAPE)
        return cls(
            job=validation.job_of((row[PK], row[SK])),
            attempt=Attempt(JobId.parse(row["root"]), row["attempt"]),
            policy=row["policy"],
            terms=DeadlineTerms(**_read(row["terms"], TERMS)) if "terms" in row else None,
            ignored=tuple(row.get("ignored", ())),
            figures=DeadlineFigures(**_read(row["figures"], FIGURES)) if "figures" in row else None,
            acts=row.get("acts", False),
            turn=row.get("turn"),
        )


def deadline_key(job: JobId) -> Key:
    """Where the row of a job lies."""
    return row_keys.job_pk(job), row_keys.deadline_sk(job.created)


def _held(value: DeadlineTerms | DeadlineFigures) -> Row:
    tests = TERMS if isinstance(value, DeadlineTerms) else FIGURES
    return without_absent({name: _stored(getattr(value, name), tests[name]) for name in tests})


def _stored(value: Any, test: validation.Test) -> Any:
    if isinstance(value, datetime):
        return ms(value)
    if isinstance(value, timedelta):
        return value // (timedelta(microseconds=1) if test is microseconds else _SPAN)
    return [*value] if isinstance(value, tuple) else value


def _read(held: Mapping[str, Any], tests: Mapping[str, validation.Test]) -> dict[str, Any]:
    return {name: _value(held[name], test) for name, test in tests.items() if name in held}


def _value(value: Any, test: validation.Test) -> Any:
    if test is milliseconds:
        return at(value)
    if test is span:
        return value * _SPAN
    if test is microseconds:
        return timedelta(microseconds=value)
    return tuple(value) if test is texts else value
