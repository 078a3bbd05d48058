"""A rehearsal as facts, schema `spotter.rehearsal/1`."""

from dataclasses import asdict
from typing import Any

from spotter_cli.rehearse.times.measured import first_step
from spotter_cli.rehearse.verdict.evidence import AttemptEvidence
from spotter_cli.rehearse.verdict.judgement import RestartJudgement
from spotter_cli.rehearse.verdict.notes import notes
from spotter_cli.views.rehearsal_view import RehearsalView


def facts(view: RehearsalView) -> dict[str, Any]:
    """All that people see, and each restart."""
    evidence, verdict = view.evidence, view.verdict
    return {
        "schema": "spotter.rehearsal/1",
        "script": str(view.script.path),
        "verdict": verdict.result.value,
        "reason": verdict.reason,
        "findings": [
            {
                "fault": one.fault.value,
                "part": one.part or None,
                "detail": one.detail,
                "restarts": one.restarts,
                "to_do": to_do or None,
            }
            for one, to_do in zip(verdict.findings, view.remedies, strict=True)
        ],
        "frameworks": view.frameworks,
        "runs": [_attempt(view, one) for one in evidence.uninterrupted],
        "attempts": [_attempt(view, one) for one in evidence.interrupted],
        "restarts": [_restart(view, one) for one in verdict.restarts],
        "result": {
            "same": verdict.comparison.same,
            "by": verdict.comparison.by or None,
            "differs": list(verdict.comparison.differs),
            "noisy": verdict.comparison.noisy,
        },
        "changes": evidence.changes,
        "changes_rehearsed": evidence.rehearsed,
        "times": asdict(view.times),
        "cost": {
            "interruption_seconds": view.cost,
            "lost_seconds": view.lost,
            "launch_seconds": view.terms.launch,
            "interruptions_per_100_hours": view.terms.rate,
            "rate_is_assumed": view.terms.assumed,
            "best_checkpoint_interval_seconds": view.interval,
            "amount": view.amount,
            "currency": view.terms.currency or None,
        },
        "notes": list(notes(evidence, verdict.restarts)),
    }


def _attempt(view: RehearsalView, one: AttemptEvidence) -> dict[str, Any]:
    return {
        "seconds": round(one.seconds, 3),
        "ended_by": one.ended_by.value,
        "exit_code": one.exit_code,
        "first_step_seconds": first_step(one, view.scale),
        "steps_observed": one.observed.finished_steps or None,
        "lines_printed": one.lines,
        "uploads": len(one.uploads),
        "deletions": one.deletions,
        "last_lines": list(one.tail[-5:]),
    }


def _restart(view: RehearsalView, one: RestartJudgement) -> dict[str, Any]:
    evidence = one.evidence
    return {
        "after": evidence.after,
        "outcome": one.outcome.value,
        "seen_by": one.seen_by or None,
        "whole_checkpoint": evidence.whole.name if evidence.whole else None,
        "torn_file": evidence.torn,
        "gate_complete": evidence.gate.complete,
        "gate_lacks": evidence.gate.lacks or None,
        "saved_step": one.saved,
        "begun_step": one.begun,
        "reached_step": one.reached,
        "done_again": one.again,
        "first_step_seconds": first_step(evidence.reader, view.scale),
        "state": {
            part.part.value: {"agreement": part.agreement.value, "detail": part.detail}
            for part in evidence.comparison.parts
        },
        "state_not_compared": evidence.comparison.not_compared or None,
    }
