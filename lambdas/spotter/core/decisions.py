"""Whether an ended attempt is carried on, and why: the first rule that answers decides.

Theory. A decision is a pure function of a case: what SageMaker, the ledger, S3, SSM and the policy
said, and one instant. The rules are asked in turn, and the last one always answers, so deciding is
total. Every answer carries its reason in one sentence. Whatever is unknown refuses or waits; it
never carries on.
"""

from dataclasses import replace

from spotter.core.case import Case, Decision
from spotter.core.rules import KNOWN_FROM_DESCRIBE, RULES


def decide(case: Case) -> Decision:
    """The first answer, with the name of the rule that gave it."""
    for rule in RULES:
        answer = rule(case)
        if answer is not None:
            named = str(case.rule) if case.rule else None
            return replace(answer, because=rule.__name__, rule=named)
    raise AssertionError("the last rule always answers")


def is_decided(case: Case) -> bool:
    """True if S3, SSM and the other lineages need not be asked: their answers would change nothing."""
    return any(rule(case) is not None for rule in KNOWN_FROM_DESCRIBE)
