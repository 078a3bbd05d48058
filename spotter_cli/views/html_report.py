"""The report: everything that the ledger tells about a time, in one file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from itertools import islice
from pathlib import Path

from spotter.aws.reports import queries
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import JobId
from spotter.core.reports.fleet import Fleet
from spotter.core.reports.html.page import Report, page
from spotter.core.reports.savings import Bill
from spotter.core.reports.spot_history import SpotHistory
from spotter_cli.output import files
from spotter_cli.output.terminal import counting
from spotter_cli.stack import job_lookup
from spotter_cli.stack.checkpoint_times import Looker
from spotter_cli.stack.deployed import Deployed
from spotter_cli.views import savings, spot_history
from spotter_cli.views.jobs import JobFilter, jobs

ONCE_MORE = "Made from Spotter's ledger. What was not recorded is not in it."
AT_MOST = (
    "What was lost is at most what is said where no checkpoint was seen: S3 was asked about the "
    "lineages drawn here, and shows only what is still there."
)


@dataclass(frozen=True)
class ReportOptions:
    """Which jobs and which time, how it is split, and how much is drawn."""

    names: tuple[str, ...]
    since: datetime
    until: datetime
    groups: savings.Groups
    prices: Mapping[str, float]
    most: int
    zone: tzinfo
    now: datetime
    policy_file: Path | None = None


def write(spotter: Deployed, asked: ReportOptions, file: Path) -> str:
    """Write the page, whole or not at all; what is in it, in a few words."""
    report = told(spotter, asked)
    content = page(report).encode()
    files.write(file, content)
    drawn = len(report.lineages)
    count = f"{drawn} lineage{'' if drawn == 1 else 's'}"
    return f"{count}, {len(content) / 1000:.0f} kB, nothing in it comes from the network"


def told(spotter: Deployed, asked: ReportOptions) -> Report:
    """With jobs named, their lineages alone; else all of the time asked for."""
    whole = None if asked.names else Whole.read(spotter, asked)
    roots = whole.roots if whole else _named(spotter, asked.names)
    look = Looker(spotter, asked.now, asked.policy_file)
    chosen = islice(roots.values(), asked.most)
    views = (queries.view(spotter.ledger, head, asked.now, look) for head in chosen)
    return Report(
        account=spotter.here.account,
        region=spotter.here.region,
        now=asked.now,
        since=asked.since,
        until=asked.until,
        zone=asked.zone,
        fleet=whole.fleet if whole else None,
        savings=whole.savings if whole else (),
        in_money=bool(asked.prices),
        market=whole.market if whole else None,
        lineages=tuple(counting(views, "lineages")),
        left_out=max(len(roots) - asked.most, 0),
        notes=(ONCE_MORE, AT_MOST),
    )


def _named(spotter: Deployed, names: Iterable[str]) -> dict[JobId, JobRecord]:
    """A job of each lineage that is named, by its root."""
    heads = [job_lookup.meant(spotter, name) for name in names]
    return {head.attempt.root: head for head in heads}


@dataclass
class Whole:
    """All jobs of a time, folded in one reading; a job of each lineage, the newest first."""

    fleet: Fleet
    market: SpotHistory
    roots: dict[JobId, JobRecord] = field(default_factory=dict)
    savings: tuple[tuple[str, str, dict[str, Bill]], ...] = ()

    @classmethod
    def read(cls, spotter: Deployed, asked: ReportOptions) -> "Whole":
        whole = cls(Fleet(asked.now), SpotHistory(asked.zone))
        found = counting(jobs(spotter, JobFilter(asked.since, asked.until)), "jobs")
        saved = savings.fold(whole._seen(spotter, found, asked.now), asked.groups, asked.prices)
        whole.savings = tuple(
            (f"By {name}", name, {**found, "all": saved.whole})
            for name, found in saved.split.items()
        )
        return whole

    def _seen(
        self, spotter: Deployed, heads: Iterator[JobRecord], now: datetime
    ) -> Iterator[JobRecord]:
        for head, timeline in spot_history.timelines(spotter, heads):
            self.fleet.add(head)
            self.market.add(head, timeline, now)
            self.roots.setdefault(head.attempt.root, head)
            yield head
