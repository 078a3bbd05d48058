"""The stack as a whole: its status, its version, a second Spotter, the clocks, the ledger, the policy, the switch."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from spotter.core import version
from spotter.core.model.times import iso, words
from spotter_cli.doctor.evidence import HealthEvidence, LedgerState, Unread
from spotter_cli.doctor.result import CheckResult, finding, judged, not_checked, note, ok

SKEW = timedelta(minutes=1)
"""AWS refuses a signature that is five minutes off; alarms and windows are off long before."""
ON = "on"
OFF_MODE = "off"


def status(seen: HealthEvidence) -> Iterator[CheckResult]:
    """A deployment that failed or still runs."""
    stack = seen.stack
    failed = stack.status.endswith("_FAILED") or "ROLLBACK" in stack.status
    if failed:
        yield finding(
            "stack",
            f"The last deployment of the stack {stack.name} failed ({stack.status}).",
            "Read the stack's events in CloudFormation, remove the cause, and deploy again.",
        )
    elif stack.status.endswith("_IN_PROGRESS"):
        yield note("stack", f"A deployment of the stack {stack.name} is running ({stack.status}).")
    else:
        yield ok("stack", f"{stack.status} since {iso(stack.changed)}")


def versions(seen: HealthEvidence) -> Iterator[CheckResult]:
    """The stack's version and the command line's."""
    deployed = seen.stack.version
    if reason := version.incompatible(seen.stack.name, deployed, seen.command_line):
        yield finding("version", reason, "Use the same version for the stack and the command line.")
    elif deployed != seen.command_line:
        yield note(
            "version",
            f"The stack is of version {deployed or 'unknown'}, the command line of {seen.command_line}.",
            "Deploy the newer version when it suits you.",
        )
    else:
        yield ok("version", f"stack and command line are of version {deployed}")


def second_spotter(seen: HealthEvidence) -> Iterator[CheckResult]:
    """Two Spotters in an account and Region decide about the same jobs."""
    if isinstance(seen.others, Unread):
        yield not_checked("second Spotter", seen.others.reason)
    elif seen.others:
        yield finding(
            "second Spotter",
            f"Another Spotter is in this account and Region: the stack {', '.join(seen.others)}. "
            "Both alert and decide about the same jobs.",
            "Remove one of them: make destroy.",
        )
    else:
        yield ok("second Spotter", "there is none in this account and Region")


def clocks(seen: HealthEvidence) -> Iterator[CheckResult]:
    """This machine's clock against the Date header of an answer of AWS."""
    if isinstance(seen.aws_now, Unread):
        yield not_checked("clock", seen.aws_now.reason)
        return
    apart = abs(seen.now - seen.aws_now)
    if apart > SKEW:
        behind = "behind" if seen.now < seen.aws_now else "ahead of"
        yield finding(
            "clock",
            f"This machine's clock is {words(apart)} {behind} AWS's.",
            "Set the clock: AWS refuses requests that are five minutes off.",
        )
    else:
        yield ok("clock", f"this machine's clock differs from AWS's by less than {words(SKEW)}")


def ledger(seen: HealthEvidence) -> Iterator[CheckResult]:
    """The table, its stream, its protection and its recovery."""
    absent = (
        "The ledger's table does not exist: no function can read or record anything.",
        "Restore it: docs/operating.md#restoring-the-ledger.",
    )
    yield from judged("ledger", seen.ledger, absent, _table)


def _table(table: LedgerState) -> Iterator[CheckResult]:
    if table.status not in ("ACTIVE", "UPDATING"):
        yield finding(
            "ledger",
            f"The ledger's table {table.name} is {table.status}.",
            "Wait until DynamoDB shows it as ACTIVE, or restore it: docs/operating.md#restoring-the-ledger.",
        )
    else:
        yield ok("ledger", f"the table {table.name} is {table.status}")
        yield from _settings(table)


def _settings(table: LedgerState) -> Iterator[CheckResult]:
    if not table.stream:
        yield finding(
            "ledger's stream",
            "The stream of the ledger's table is off: alert and resubmit are never started.",
            "Enable it with NEW_IMAGE, and deploy with -c ledger_stream=<its ARN>: a new stream has another ARN.",
        )
    if not table.protected:
        yield finding(
            "ledger's protection",
            "The ledger's table has no deletion protection.",
            "Enable it: aws dynamodb update-table --deletion-protection-enabled --table-name "
            f"{table.name}",
        )
    if isinstance(table.recovery, Unread):
        yield not_checked("ledger's recovery", table.recovery.reason)
    elif not table.recovery:
        yield finding(
            "ledger's recovery",
            "The ledger's table has no point-in-time recovery: rows that somebody deletes are lost.",
            f"Enable it: aws dynamodb update-continuous-backups --table-name {table.name} "
            "--point-in-time-recovery-specification PointInTimeRecoveryEnabled=true",
        )


def policy(seen: HealthEvidence) -> Iterator[CheckResult]:
    """The policy that is deployed, the one that resubmit takes for deployed, and since when."""
    known = seen.policy
    if known.fingerprint is None or known.mode is None:
        yield not_checked("policy", "the stack's template holds no policy that can be read")
    elif known.mode == OFF_MODE:
        yield ok("policy", f"mode {known.mode}, deployed {_age(seen, seen.stack.changed)}")
    elif isinstance(known.in_force, Unread):
        yield not_checked("policy", known.in_force.reason)
    elif known.in_force != known.fingerprint:
        yield finding(
            "policy",
            "The parameter policy-in-force "
            + ("does not exist" if known.in_force is None else "names another policy")
            + ": resubmit cannot date the deployed policy, so it refuses every ending.",
            "Deploy again. If the parameter is unchanged afterwards, delete it, and change the policy once.",
        )
    elif known.since is None:
        yield not_checked("policy", "its date is not known")
    else:
        yield ok("policy", f"mode {known.mode}, in force {_age(seen, known.since)}")


def _age(seen: HealthEvidence, since: datetime) -> str:
    return f"since {iso(since)} ({words(max(seen.now - since, timedelta()))})"


def switch(seen: HealthEvidence) -> Iterator[CheckResult]:
    """Whether somebody paused resubmission; the value of the switch says who, when and why."""
    if seen.policy.mode == OFF_MODE or seen.switch is None:
        return
    if isinstance(seen.switch, Unread):
        yield not_checked("switch", seen.switch.reason)
    elif seen.switch != ON:
        yield finding(
            "switch",
            f'No job is resubmitted: the switch is "{seen.switch}".',
            'Resume when the reason is gone: spotter resume "why".',
        )
    else:
        yield ok("switch", "resubmission is not paused")


RULES = (status, versions, second_spotter, clocks, ledger, policy, switch)
