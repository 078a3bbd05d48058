"""Whether an ended attempt is carried on, and why: the first rule that answers decides.

Theory. A decision is a pure function of a case: what SageMaker, the ledger, S3, SSM and the policy
said, and one instant. The rules are evaluated in turn, and the last one always answers, so deciding is
total. Every answer carries its reason in one sentence. Whatever is unknown refuses or waits; it
never carries on.
"""

from collections.abc import Iterator
from dataclasses import replace

from spotter.core.checkpoints.content import NAME
from spotter.core.model.sanitize import line
from spotter.core.model.times import iso
from spotter.core.resubmit.case import Case, Decision
from spotter.core.resubmit.rules import KNOWN_FROM_DESCRIBE, RULES


def answers(case: Case) -> Iterator[tuple[str, Decision | None]]:
    """Each rule that was evaluated and its decision; the last one decides."""
    for rule in RULES:
        answer = rule(case)
        yield rule.__name__, _known(answer, rule.__name__, case) if answer else None
        if answer:
            return


def _known(answer: Decision, because: str, case: Case) -> Decision:
    """The answer, with what the case shows besides."""
    newest = case.found.newest
    return replace(
        answer,
        because=because,
        rule=str(case.rule) if case.rule else None,
        ignored=case.granted[1],
        checkpoint=f"{newest.name} of {iso(newest.written)}" if newest else None,
        torn="; ".join(f"{line(t.checkpoint.name, NAME)}: {t.why}" for t in case.found.torn)
        or None,
        verified=_verified(case),
        progressed=None if case.found.refused else case.progressed,
    )


def _verified(case: Case) -> str | None:
    """`whole`, or `not verified` and why."""
    verdict = case.found.verdict
    return ": ".join(filter(None, (verdict.state, verdict.why))) if verdict else None


def decide(case: Case) -> Decision:
    """The first answer, with the name of the rule that gave it."""
    *_, (_, decision) = answers(case)
    assert decision is not None  # the last rule always answers
    return decision


def is_decided_by_describe(case: Case) -> bool:
    """True if S3, SSM and the other lineages need not be read: their answers would change nothing."""
    return any(rule(case) is not None for rule in KNOWN_FROM_DESCRIBE)
