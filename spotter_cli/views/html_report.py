"""The report: everything in the ledger about a range of time, in one HTML file."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from functools import partial
from itertools import islice
from pathlib import Path

from spotter.aws.reports import queries
from spotter.aws.reports.checkpoint_times import CheckpointTimes
from spotter.aws.reports.job_list import jobs
from spotter.aws.reports.open_alerts import fleet_alerts
from spotter.aws.reports.outlooks import OutlookReader
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import JobId
from spotter.core.money.groups import TAG
from spotter.core.money.period import Period
from spotter.core.money.savings import Savings
from spotter.core.money.trend import Trend
from spotter.core.prices.table import PriceTable
from spotter.core.reports.fleet import Fleet
from spotter.core.reports.html.fleet import AlertsOfFleet
from spotter.core.reports.html.page import Report, page
from spotter.core.reports.job_filter import JobFilter
from spotter.core.reports.outlook import OutlookCase, outlook
from spotter.core.reports.spot_history import SpotHistory
from spotter_cli.output import files
from spotter_cli.output.terminal import counting
from spotter_cli.stack import job_lookup
from spotter_cli.stack.deployed import Deployed, policy_of
from spotter_cli.views import savings

SOURCE = "Made from Spotter's ledger. Jobs that Spotter did not record are not in it."
AT_MOST = (
    "Lost work is an upper bound where no checkpoint was found: for the lineages drawn here, S3 was "
    "listed, and it shows only the checkpoints that still exist."
)


@dataclass(frozen=True)
class ReportOptions:
    """Which jobs and which time, how it is split, and how much is drawn."""

    names: tuple[str, ...]
    since: datetime
    until: datetime
    groups: savings.Groups
    prices: PriceTable | None
    limit: int
    zone: tzinfo
    now: datetime
    policy_file: Path | None = None


def write(spotter: Deployed, options: ReportOptions, file: Path) -> str:
    """Write the page, whole or not at all; what is in it, in a few words."""
    report = read_report(spotter, options)
    content = page(report).encode()
    files.write(file, content)
    drawn = len(report.lineages)
    count = f"{drawn} lineage{'' if drawn == 1 else 's'}"
    return f"{count}, {len(content) / 1000:.0f} kB, the page loads nothing from the network"


def read_report(spotter: Deployed, options: ReportOptions) -> Report:
    """The lineages of the named jobs; without names, all jobs of the time range."""
    whole = None if options.names else FleetReading.read(spotter, options)
    roots = whole.roots if whole else _named(spotter, options.names)
    checkpoints = CheckpointTimes(
        spotter, options.now, partial(policy_of, spotter, options.policy_file)
    )
    chosen = islice(roots.values(), options.limit)
    views = (queries.lineage_of(spotter, head, options.now, checkpoints) for head in chosen)
    return Report(
        account=spotter.here.account,
        region=spotter.here.region,
        now=options.now,
        since=options.since,
        until=options.until,
        zone=options.zone,
        fleet=whole.fleet if whole else None,
        alerts=whole.alerts if whole else None,
        savings=whole.savings if whole else None,
        trend=whole.trend if whole else None,
        market=whole.market if whole else None,
        lineages=tuple(counting(views, "lineages")),
        left_out=max(len(roots) - options.limit, 0),
        notes=(SOURCE, AT_MOST),
    )


def _named(spotter: Deployed, names: Iterable[str]) -> dict[JobId, JobRecord]:
    """A job of each lineage that is named, by its root."""
    heads = [job_lookup.find_job(spotter, name) for name in names]
    return {head.attempt.root: head for head in heads}


@dataclass
class FleetReading:
    """All jobs of a time, folded in one reading; a job of each lineage, the newest first."""

    fleet: Fleet
    market: SpotHistory
    roots: dict[JobId, JobRecord] = field(default_factory=dict)
    savings: Savings | None = None
    trend: Trend | None = None
    alerts: AlertsOfFleet | None = None

    @classmethod
    def read(cls, spotter: Deployed, options: ReportOptions) -> "FleetReading":
        whole = cls(Fleet(options.now), SpotHistory(options.zone))
        found = counting(jobs(spotter.ledger, JobFilter(options.since, options.until)), "jobs")
        whole._read_fleet(spotter, found, options)
        whole._read_savings(spotter, options)
        return whole

    def _read_savings(self, spotter: Deployed, options: ReportOptions) -> None:
        """Of attempts that ended in the time; some of their jobs were created before."""
        period = Period(options.since, min(options.until, options.now))
        teams = [by for way, by in options.groups.items() if way.startswith(TAG)]
        self.trend = Trend(period, options.prices, teams[0] if teams else None)
        self.savings = savings.savings(
            spotter,
            period,
            options.now,
            groups=options.groups,
            prices=options.prices,
            trend=self.trend,
        )

    def _read_fleet(
        self, spotter: Deployed, heads: Iterator[JobRecord], options: ReportOptions
    ) -> None:
        """Finished jobs are folded as they are read; running ones afterwards, with their outlooks."""
        running: list[JobRecord] = []
        for head, timeline in queries.timelines(spotter.ledger, heads):
            self.market.add(head, timeline, options.now)
            self.roots.setdefault(head.attempt.root, head)
            if head.running:
                running.append(head)
            else:
                self.fleet.add(head, outlook(OutlookCase(head, options.now)))
        for head, found in OutlookReader.of_stack(spotter, options.now).each(running):
            self.fleet.add(head, found)
        ids = [head.id for head in running]
        self.alerts, _ = fleet_alerts(
            spotter.ledger, options.since, options.until, ids, options.now
        )
