"""An attempt ended without success: one alert, and one more where its outcome changes afterwards.

Theory. An ending and what became of it are one incident, so they are one message, whose severity is
known when it is raised. It is raised when there is an outcome: at once with the mode "off", else when
a decision was recorded, or when SageMaker has answered CreateTrainingJob. What stays
pending for half a minute, or waits, is published as that; a later outcome is published as a change.

The first alert has the same key whatever its outcome, and its row is put once. So of two functions that
read different rows one raises it; the other reads again, and finds a change of the outcome.
"""

from collections.abc import Iterator

from spotter.core.alerts import wording
from spotter.core.alerts.evidence import JobEvidence
from spotter.core.alerts.stages import (
    ATTEMPT_ENDED,
    HANDED_OVER,
    OUTCOME_CHANGED,
    Stage,
    is_news,
    latest,
    stage_of,
)
from spotter.core.ledger.alert import Alert, Severity
from spotter.core.model.endings import Ending

NEVER_MEANT = (
    "a_job_that_no_rule_names_is_only_watched",
    "the_ending_must_be_on_the_rules_list",
    "nothing_is_carried_on_while_the_mode_is_off",
)
"""Rules that refuse jobs for which the policy is not meant."""
OWNER_SAID_NO = "the_jobs_owner_may_say_no"


def attempt_ended(evidence: JobEvidence) -> Iterator[Alert]:
    """An attempt neither completed nor was stopped by somebody else on purpose, and what became of it."""
    stage = stage_of(evidence)
    if stage is None or not is_news(stage, evidence):
        return
    before = latest(evidence)
    if before is None and stage is Stage.STARTED and evidence.asks_spot_again:
        return  # a vain wait that Spotter ended, up to twenty times a lineage
    handed_over = evidence.ending is Ending.HANDED_OVER
    yield evidence.alert(
        OUTCOME_CHANGED if before else (HANDED_OVER if handed_over else ATTEMPT_ENDED),
        severity(stage, evidence),
        wording.headline(stage, evidence),
        *wording.details(stage, evidence),
        key=f"{evidence.key}.{stage}" if before else evidence.key,
        next_steps=wording.next_steps(stage, evidence),
        ending=evidence.ending.value if evidence.ending else None,
        outcome=stage.value,
        follows=before,
    )


def severity(stage: Stage, evidence: JobEvidence) -> Severity:
    """Info if it was resubmitted, or will be without any action. Else the severity of the ending.

    An attempt that runs on demand before its turn costs more than its owner expects: a warning.
    """
    rule = evidence.ended.rule if evidence.ended else None
    if stage is Stage.STARTED and evidence.following and evidence.following.early:
        return Severity.WARNING  # on demand, earlier than its ladder says
    if stage in (Stage.STARTED, Stage.HELD) or rule == OWNER_SAID_NO:
        return Severity.INFO
    if stage in (Stage.BLOCKED, Stage.WAITING):
        return Severity.WARNING
    worst = _severity_of_ending(evidence)
    meant = stage is not Stage.PENDING and bool(evidence.ended and evidence.ended.policy_rule)
    if worst is Severity.INFO and meant and rule not in NEVER_MEANT:
        return Severity.WARNING
    return worst


def _severity_of_ending(evidence: JobEvidence) -> Severity:
    """Of an ending that is not resubmitted. An error of the algorithm alone is its author's to correct.

    Nobody but Spotter stopped an attempt that is HandedOver, and of a stop of unknown origin that may be so.
    """
    head = evidence.head
    if evidence.ending in (Ending.HANDED_OVER, Ending.STOPPED):
        return Severity.CRITICAL
    if head.ending in (Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED):
        return Severity.CRITICAL
    failed = head.status == "Failed" or head.ending is Ending.OUT_OF_RUNTIME
    if failed and evidence.timeline.interruptions:
        return Severity.CRITICAL
    return Severity.INFO if head.ending is Ending.ALGORITHM else Severity.WARNING
