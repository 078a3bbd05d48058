"""A deadline's assessment as JSON."""

from typing import Any

from spotter.core.deadline.assessment import Assessment
from spotter.core.model.times import iso, seconds


def assessment_facts(found: Assessment) -> dict[str, Any]:
    """Instants in UTC, spans in seconds."""
    point, at = found.safety_point, found.hand_over_at
    return {
        "finish_by": iso(found.terms.finish_by),
        "finish_by_as_stated": found.terms.stated,
        "policy_rule": found.terms.rule,
        "seen_at": iso(found.standing.now),
        "phase": found.standing.phase.value if found.standing.phase else None,
        "slack_seconds": seconds(found.slack),
        "safety_point_seconds": None if point is None else seconds(point),
        "hand_over_at": iso(at) if at else None,
        "next_step": found.step.value,
        "reason": found.reason,
        "feasible": found.feasible,
        "soonest_finish": iso(found.soonest),
        "remaining_seconds": seconds(found.remaining.length),
        "remaining_source": found.remaining.source.value,
        "remaining_in_words": found.remaining.words,
        "durations": {
            one.kind.name: {
                "seconds": seconds(one.value),
                "measured": one.count,
                "is_default": one.is_default,
            }
            for one in found.durations.measured
        },
        "stop_seconds": seconds(found.durations.stop),
        "look_seconds": seconds(found.durations.look),
        "margin_seconds": seconds(found.durations.margin),
    }
