"""Whether an attempt that may be resubmitted is resubmitted now, and the reason as a sentence."""

from dataclasses import replace
from datetime import timedelta

from spotter.core.checkpoints.content import (
    is_not_verified,
    resume_of,
    torn_ones,
    unfinished_one,
)
from spotter.core.checkpoints.formats import FileState
from spotter.core.checkpoints.layout import Resume
from spotter.core.model.endings import MEANING, Ending
from spotter.core.model.times import words
from spotter.core.policy.model import Mode
from spotter.core.resubmit import backoff
from spotter.core.resubmit.case import Case, Decision, Kind, refuse, wait

SOON = timedelta(minutes=5)


def advice_creates_nothing(case: Case) -> Decision | None:
    """Advice creates nothing. `mode = "advise"` decides, publishes the decision, and creates nothing."""
    if case.policy.resubmission.mode is not Mode.ADVISE:
        return None
    if case.claimed:
        return refuse('the policy\'s mode is "advise" now')
    return replace(_resubmit(case), kind=Kind.ADVISE)


def the_next_attempt_comes_after_a_pause(case: Case) -> Decision | None:
    """The next attempt comes after a pause. `backoff` is the pause after an ending: doubled each time, capped, and a little different for each. A stop for a deadline has none; on demand that got no capacity is tried again after five minutes."""
    rule, ended = case.rule, case.ended
    if case.refused_on_demand and ended and not case.planned.option.spot:
        until = ended + SOON
        return wait(case, "on demand had no capacity", until) if case.now < until else None
    if rule is None or rule.backoff is None or ended is None or _hurries(case):
        return None
    pause = backoff.pause(rule.backoff, case.attempt)
    if case.now < ended + pause:
        return wait(
            case,
            f"the pause of {words(pause)} before the next attempt is not over (backoff)",
            ended + pause,
        )
    return None


def _hurries(case: Case) -> bool:
    """True after a stop of Spotter's own, and where the deadline wants on demand now."""
    return case.ending is Ending.HANDED_OVER or case.wants_on_demand


def the_switch_stops_everything(case: Case) -> Decision | None:
    """The switch stops everything. Off, or unreadable: nothing is created until it is on again."""
    if not case.switch.on:
        return wait(case, f"resubmission is switched off: {case.switch.reason}")
    return None


def creations_an_hour_are_capped(case: Case) -> Decision | None:
    """Creations an hour are capped. `max_creations_per_hour` holds for any sixty minutes in the account's Region, whatever a rule says."""
    most = case.policy.resubmission.max_creations_per_hour
    if case.recent_creations >= most:
        return wait(
            case,
            f"the limit of {most} creations per hour is reached (max_creations_per_hour)",
            case.now + SOON,
        )
    return None


def a_rules_creations_an_hour_are_capped(case: Case) -> Decision | None:
    """A rule's creations an hour are capped. A rule's own `max_creations_per_hour`: its failing jobs cannot use up what other rules' jobs need."""
    most = case.rule.max_creations_per_hour if case.rule else None
    if most is not None and case.recent_creations_of_the_rule >= most:
        reason = f"the limit of {most} creations per hour of the rule for {case.rule} is reached (its max_creations_per_hour)"
        return wait(case, reason, case.now + SOON)
    return None


def whatever_is_left_is_carried_on(case: Case) -> Decision:
    """Whatever is left is resubmitted. The attempt has ended, the policy allows the next one, and there is a checkpoint or nothing was lost."""
    return _resubmit(case)


def _resubmit(case: Case) -> Decision:
    rule, planned = case.rule, case.planned
    assert rule is not None  # earlier rules have seen to both
    assert case.ending is not None
    beside = f" beside {case.asked} that never trained" if case.asked else ""
    reason = (
        f"it {MEANING[case.ending]}{_for_deadline(case)}, and the rule for {rule} allows attempt "
        f"{case.counted_attempts + 1} of {rule.max_attempts}{beside}, {planned.option.words}, {_from_where(case)}"
    )
    if planned.skipped:
        reason += (
            f" (spot is not used on {' and '.join(planned.skipped)} now: circuit breaker open)"
        )
    return Decision(Kind.RESUBMIT, reason, plan=planned)


def _for_deadline(case: Case) -> str:
    """Why Spotter stopped it, or what its deadline means for the next attempt."""
    if case.ending is Ending.HANDED_OVER and case.order and case.order.reason:
        return f" ({case.order.reason})"
    return ""


def _from_where(case: Case) -> str:
    newest = case.found.newest
    if not case.trained:
        return "with nothing lost" if case.attempt.number == 1 else "where the last one left off"
    if not case.resumes_from or newest is None:
        return "from its beginning"
    near = case.found.neighbours
    beside = f" (its prefix has no slash, so SageMaker copies {near[0]} too)" if near else ""
    return f"from {newest.name}{beside}{_by_content(case)}"


_OF_UNFINISHED = {
    Resume.SKIPS: "its framework skips that",
    Resume.LOADS: 'the rule has on_torn_checkpoint = "resubmit"',
    Resume.SCRIPT: "the script chooses what it loads",
    Resume.UNKNOWN: "whether its framework skips that is not known",
}


def _by_content(case: Case) -> str:
    """What reading showed of the checkpoint, or that no listing tells whether it is whole; a newer one
    that is not complete.
    """
    found, parts = case.found, []
    if found.torn:
        skipped = all(one.skipped for one in found.torn)
        why = (
            "its framework skips that"
            if skipped
            else 'the rule has on_torn_checkpoint = "resubmit"'
        )
        parts.append(f"{torn_ones(found)}, and {why}")
    if unfinished := found.unfinished_newest:
        parts.append(f"{unfinished_one(unfinished)}; {_OF_UNFINISHED[resume_of(unfinished)]}")
    if found.verdict:
        whole = found.verdict.state is FileState.WHOLE
        parts.append("verified" if whole else f"not verified: {found.verdict.why}")
    elif is_not_verified(found):
        parts.append(
            "its listing does not tell whether it is whole; verify_checkpoints = true would"
        )
    return f" ({'; '.join(parts)})" if parts else ""
