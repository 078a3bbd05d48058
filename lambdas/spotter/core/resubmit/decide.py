"""Whether an ended attempt is resubmitted, and why: the first rule that answers decides.

Theory. A decision is a pure function of a case: what SageMaker, the ledger, S3, SSM and the policy
show, and one instant. The rules are evaluated in turn, and the last one always answers, so deciding is
total. Every answer carries its reason in one sentence. Whatever is unknown refuses or waits; it
never resubmits.
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
        passed = case.passed_first_stage and rule in KNOWN_FROM_DESCRIBE
        answer = None if passed else rule(case)
        yield rule.__name__, _known(answer, rule.__name__, case) if answer else None
        if answer:
            return


def _known(answer: Decision, rule: str, case: Case) -> Decision:
    """The answer, with the checkpoint, tags and progress of the case."""
    newest, unfinished = case.found.newest, case.found.unfinished_newest
    return replace(
        answer,
        rule=rule,
        policy_rule=str(case.rule) if case.rule else None,
        ignored=case.granted[1],
        checkpoint=f"{newest.name} of {iso(newest.written)}" if newest else None,
        torn="; ".join(f"{line(t.checkpoint.name, NAME)}: {t.why}" for t in case.found.torn)
        or None,
        unfinished=f"{line(unfinished.name, NAME)}: {line(unfinished.lacks, 2 * NAME)}"
        if unfinished
        else None,
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


def first_stage(case: Case) -> Case:
    """The same case once the rules were evaluated that need no S3, no SSM and no other lineage.

    If all of them pass, they are not evaluated again, and the rest of the evidence is read.
    """
    passed = all(rule(case) is None for rule in KNOWN_FROM_DESCRIBE)
    return replace(case, passed_first_stage=passed)
