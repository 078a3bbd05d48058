"""What reaches Spotter: the EventBridge rule, the events, the intake's queue, and the sweep that makes up for them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from spotter.core.model.times import iso, words
from spotter_cli.doctor.evidence import (
    EVENT_PERIOD,
    HealthEvidence,
    JobsState,
    QueueState,
    RuleState,
    ScheduleState,
    Unread,
)
from spotter_cli.doctor.result import CheckResult, finding, judged, not_checked, note, ok

INTAKE = "IntakeHints"
BACKLOG = 1_000
"""Hints that wait. Record takes ten at a time in five invocations: so many are minutes of work."""
LATE = timedelta(minutes=15)
"""Three sweeps: as long as the alarm SweepMissed waits."""


def rule(seen: HealthEvidence) -> Iterator[CheckResult]:
    """The rule exists, is enabled, matches SageMaker's events, and sends them to the intake."""
    absent = (
        "The EventBridge rule does not exist: jobs are only recorded by the sweep, every five minutes.",
        (
            "Remove the rule from the stack and deploy, then deploy the whole stack: CloudFormation does not "
            "create again what somebody deleted."
        ),
    )
    yield from judged("event rule", seen.rule, absent, _rule)


def _rule(state: RuleState) -> Iterator[CheckResult]:
    if not state.enabled:
        yield finding(
            "event rule",
            f"The EventBridge rule {state.name} is disabled: jobs are only recorded by the sweep.",
            f"Enable it: aws events enable-rule --name {state.name}",
        )
    elif problem := _altered(state):
        yield finding(
            "event rule",
            f"The EventBridge rule {state.name} {problem}: no event reaches the intake.",
            "Put back what the template has: aws events put-rule or put-targets.",
        )
    else:
        yield ok("event rule", f"{state.name} is enabled and sends to the intake")


def _altered(state: RuleState) -> str:
    if state.pattern != state.wanted_pattern:
        return "has another event pattern than the template"
    missing = set(state.wanted_targets) - set(state.targets)
    if missing and state.targets:
        return f"sends to another target than the template's ({', '.join(state.targets)})"
    return "has no target" if missing else ""


def admitted(seen: HealthEvidence) -> Iterator[CheckResult]:
    """The policy of the intake's queue lets the rule send to it."""
    if isinstance(seen.admits_rule, Unread):
        yield not_checked("intake's policy", seen.admits_rule.reason)
    elif not seen.admits_rule:
        yield finding(
            "intake's policy",
            "The policy of the intake's queue does not let the EventBridge rule send: every event is refused.",
            "Put the policy of the template back: aws sqs set-queue-attributes.",
        )
    else:
        yield ok("intake's policy", "the rule may send to the queue")


def events(seen: HealthEvidence) -> Iterator[CheckResult]:
    """An event was matched within 24 hours if a job changed; it is noted if a change came after the last one.

    Not every change has an event of its own, so an older one is no finding.
    """
    if isinstance(seen.events, Unread):
        yield not_checked("events", seen.events.reason)
    elif seen.events.last is not None:
        yield _since(seen.events.last, seen.jobs)
    elif isinstance(seen.jobs, Unread):
        yield not_checked("events", seen.jobs.reason)
    elif seen.jobs.changed is None:
        yield ok("events", "none in 24 hours, and SageMaker changed no job up to 15 minutes ago")
    elif not seen.events.figures_exist:
        yield not_checked("events", "CloudWatch has no figures of EventBridge here")
    else:
        yield finding(
            "events",
            f"No event was matched in 24 hours, although a job changed at {iso(seen.jobs.changed)}.",
            "See that the rule is enabled, and that no other account or organisation takes SageMaker's events away.",
        )


def _since(last: datetime, jobs: JobsState | Unread) -> CheckResult:
    state = f"the last one was matched at {iso(last)}"
    if isinstance(jobs, JobsState) and jobs.changed and jobs.changed > last + EVENT_PERIOD:
        return note("events", f"{state}, and a job changed later, at {iso(jobs.changed)}")
    return ok("events", state)


def behind(seen: HealthEvidence) -> Iterator[CheckResult]:
    """Every change of the last day that is older than three sweeps is in the ledger, of the jobs that were read."""
    jobs = seen.jobs
    if isinstance(jobs, Unread):
        yield not_checked("recording", jobs.reason)
    elif jobs.behind:
        more = f" and {len(jobs.behind) - 1} more" if len(jobs.behind) > 1 else ""
        age = f", the oldest change {words(seen.now - jobs.oldest)} ago" if jobs.oldest else ""
        yield finding(
            "recording",
            f"The ledger does not have the last change of {jobs.behind[0]}{more}{age}.",
            "Read the logs of record and sweep.",
        )
    else:
        yield ok(
            "recording",
            f"of the {jobs.read} newest jobs of the last 7 days the ledger has all changes of the last 24 hours that are "
            "older than 15 minutes",
        )


def backlog(seen: HealthEvidence) -> Iterator[CheckResult]:
    """Hints do not pile up."""
    absent = (
        "The intake's queue does not exist: neither events nor the sweep reach record.",
        (
            "Deploy the stack under another name, and remove this one: CloudFormation does not create again "
            "what somebody deleted."
        ),
    )
    yield from judged("intake", seen.queues.get(INTAKE), absent, _waiting)


def _waiting(queue: QueueState) -> Iterator[CheckResult]:
    if queue.waiting >= BACKLOG:
        yield finding(
            "intake",
            f"{queue.waiting:,} hints wait in the intake's queue.",
            "After a first deployment wait for an hour. Otherwise read the log of record.",
        )
    else:
        yield ok("intake", f"{queue.waiting} hints wait, {queue.in_flight} are being recorded")


def schedule(seen: HealthEvidence) -> Iterator[CheckResult]:
    """The schedule exists, is enabled, and starts the sweep as often as the template has it."""
    absent = (
        "The schedule of the sweep does not exist: no lost event is made up for.",
        "Create it again in EventBridge Scheduler: rate(5 minutes), the function sweep, the role ScheduleRole.",
    )
    yield from judged("schedule", seen.schedule, absent, _schedule)


def _schedule(state: ScheduleState) -> Iterator[CheckResult]:
    if not state.enabled:
        yield finding(
            "schedule",
            f"The schedule {state.name} of the sweep is disabled: no lost event is made up for.",
            "Enable it in EventBridge Scheduler.",
        )
    elif not state.starts_the_sweep or state.expression != state.wanted_expression:
        what = f"runs at {state.expression}" if state.starts_the_sweep else "starts something else"
        yield finding(
            "schedule",
            f"The schedule {state.name} {what}, not as the template has it.",
            f"Set it to {state.wanted_expression} and the function sweep in EventBridge Scheduler.",
        )
    else:
        yield ok("schedule", f"{state.expression}, enabled")


def sweep(seen: HealthEvidence) -> Iterator[CheckResult]:
    """A sweep came to its end within the last fifteen minutes."""
    state = seen.sweep
    if isinstance(state, Unread):
        yield not_checked("last sweep", state.reason)
        return
    since = state.finished or seen.stack.changed
    if seen.now - since > LATE and seen.now - seen.stack.changed > LATE:
        ago = f"The last sweep finished {words(seen.now - since)} ago, at {iso(since)}."
        yield finding(
            "last sweep",
            ago if state.finished else "No sweep has ever finished.",
            "Read the log of sweep; invoke the function by hand to see its error.",
        )
    elif state.finished is None:
        yield ok("last sweep", "the first one is due, since the stack was just deployed")
    else:
        yield ok("last sweep", f"finished at {iso(state.finished)}")


RULES = (rule, admitted, events, backlog, behind, schedule, sweep)
