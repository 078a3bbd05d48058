"""The replay of an account's own jobs: reading them, the policies that are compared, the table and the page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from spotter.aws.reports.recorded_lineages import attempts, recorded_lineages
from spotter.core.policy.model import Policy
from spotter.core.prices.table import PriceTable
from spotter.core.replay.account_replay import (
    HANDS_OVER,
    ON_DEMAND_ALONE,
    SPOT_ALONE,
    AccountPolicy,
    AccountReplay,
)
from spotter.core.replay.policy_of_rules import PolicyOfRules
from spotter.core.replay.replay_case import ReplayAccount, ReplayTimes, account
from spotter.core.replay.replay_report import ReplayReport
from spotter.core.replay.replay_result import NotEnough, Replaying, enough
from spotter.core.reports import replay_text
from spotter.core.reports.html.replay import replay_page
from spotter.core.reports.job_filter import JobFilter
from spotter_cli.errors import CommandError
from spotter_cli.output import files
from spotter_cli.output.terminal import counting, print_note, put, table, window
from spotter_cli.stack.deployed import Deployed, policy_of

if TYPE_CHECKING:
    from collections.abc import Sequence

LEAST_NEEDED = (5, 2, 3)
"""What a narrow window leaves out first: creations, the band, the share of on demand. Seen never goes."""


@dataclass(frozen=True)
class ReplayRequest:
    """What is replayed: which jobs, by which policies, and with which numbers by chance."""

    wanted: JobFilter
    times: ReplayTimes
    now: datetime
    deadline: str | None
    prices: PriceTable | None
    deployed: Policy | None
    file: Path | None
    seed: int
    draws: int


def replayed(spotter: Deployed, asked: ReplayRequest) -> ReplayReport:
    """CommandError with what is missing where there is too little for a replay."""
    wanted = asked.wanted
    read = attempts(spotter.ledger, wanted.since, wanted.until, asked.now)
    found = account(recorded_lineages(counting(read, "attempts"), wanted), asked.times)
    replaying = Replaying(AccountReplay(found, asked.seed, asked.draws), asked.prices)
    try:
        enough(found)
        policies = list(_policies(spotter, asked, found))
        return replaying.report(counting(policies, "policies"), asked.deadline)
    except NotEnough as why:
        raise CommandError(str(why)) from None


def _policies(
    spotter: Deployed, asked: ReplayRequest, found: ReplayAccount
) -> Iterator[AccountPolicy]:
    """The deployed policy, that of the file, a hand-over in time if there is a deadline, spot only, on demand only."""
    works = tuple(timedelta(seconds=case.saved) for case in found.cases if case.completed)
    if asked.deployed is not None:
        yield PolicyOfRules("deployed policy", asked.deployed, asked.prices, works, found.observed)
    if asked.file is not None:
        policy = policy_of(spotter, asked.file)
        assert policy is not None
        yield PolicyOfRules(asked.file.name, policy, asked.prices, works, found.observed)
    if asked.times.finish_by is not None:
        yield HANDS_OVER
    yield SPOT_ALONE
    yield ON_DEMAND_ALONE


def print_report(report: ReplayReport) -> None:
    """The table, and what its figures rest on."""
    rows: Sequence[Sequence[str]] = [replay_text.row(one, report) for one in report.policies]
    columns = replay_text.columns(report)
    put(table(columns, rows, range(1, len(columns)), drop=LEAST_NEEDED, width=window()))
    for note in replay_text.notes(report):
        print_note(note)


def write(report: ReplayReport, file: Path) -> str:
    """Write the page, whole or not at all; what is in it, in a few words."""
    content = replay_page(report).encode()
    files.write(file, content)
    return f"Written to {files.named(file)}: {len(report.policies)} policies on {report.jobs} lineages."
