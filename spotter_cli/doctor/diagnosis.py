"""All rules over all evidence: the findings under their causes, what could not be checked, and what is well."""

from dataclasses import dataclass

from spotter_cli.doctor.consequences import ExplainedFinding, causes
from spotter_cli.doctor.evidence import HealthEvidence
from spotter_cli.doctor.result import CheckResult, CheckStatus
from spotter_cli.doctor.rules import alerting, functions, intake, stack

RULES = (*stack.RULES, *intake.RULES, *functions.RULES, *alerting.RULES)


@dataclass(frozen=True)
class Diagnosis:
    """The evidence, and the result of every check of it."""

    evidence: HealthEvidence
    results: tuple[CheckResult, ...]

    def of(self, status: CheckStatus) -> tuple[CheckResult, ...]:
        return tuple(one for one in self.results if one.status is status)

    @property
    def causes(self) -> tuple[ExplainedFinding, ...]:
        return causes(self.of(CheckStatus.FINDING))


def diagnose(evidence: HealthEvidence) -> Diagnosis:
    return Diagnosis(evidence, tuple(result for rule in RULES for result in rule(evidence)))
