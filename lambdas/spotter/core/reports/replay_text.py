"""A replay in words and as the cells of a table: the same in a terminal and on a page."""

from collections.abc import Iterator

from spotter.core.model.times import counted
from spotter.core.money.text import ABSENT
from spotter.core.replay.kaplan_meier import Band
from spotter.core.replay.replay_report import Estimate, ReplayedPolicy, ReplayReport

NO_FIGURES = "no figures"


def columns(report: ReplayReport) -> tuple[str, ...]:
    return (
        "policy",
        f"cost, {report.unit}",
        "90 % band",
        "of on demand",
        "late",
        "creations",
        "seen",
    )


def row(one: ReplayedPolicy, report: ReplayReport) -> tuple[str, ...]:
    """A policy's cells; without figures they are absent, and a note tells why."""
    seen = f"{100 * one.seen:.0f} %" if one.uses_spot else ABSENT
    found = one.figures
    if found is None:
        return (one.name, NO_FIGURES, ABSENT, ABSENT, ABSENT, ABSENT, seen)
    late = ABSENT if found.late is None else late_words(found.late, report.jobs)
    return (
        _name(one),
        f"{found.cost.mean:,.2f}",
        band(found.cost),
        f"{100 * found.share.mean:.1f} %",
        late,
        f"{found.creations.mean / report.jobs:.1f}",
        seen,
    )


def _name(one: ReplayedPolicy) -> str:
    return f"{one.name} *" if one.assumed else one.name


def band(cost: Estimate) -> str:
    """`4.10 to 4.62`; one amount where nothing was left to chance."""
    least, most = (f"{bound:,.2f}" for bound in cost.band)
    return least if least == most else f"{least} to {most}"


def late_words(late: Estimate, jobs: int) -> str:
    """`3 of 40`, or `2 to 5 of 40` where chance decides."""
    return f"{_jobs(late.band)} of {jobs}"


def _jobs(band: Band) -> str:
    """`3`, or `2 to 5`."""
    least, most = (f"{bound:.0f}" for bound in band)
    return least if least == most else f"{least} to {most}"


def notes(report: ReplayReport) -> Iterator[str]:
    """What was replayed, what is missing, what is assumed, and what a next week would bring."""
    yield about(report)
    yield from report.assumptions
    for one in report.policies:
        if one.assumed:
            yield f"* {one.name} assumes: {'; '.join(one.assumed)}."
        if one.refusal:
            yield one.refusal
    if report.without_price:
        kinds = ", ".join(report.without_price)
        yield f"Costs are in instance-hours of on demand: there is no price for {kinds}."
    if report.left_out:
        yield f"Left out: {'; '.join(f'{many} {reason}' for reason, many in report.left_out)}."
    yield from forecast(report)


def about(report: ReplayReport) -> str:
    """`40 lineages created from 2026-10-01 to 2026-10-29, each to be finished within 12h after its creation; ...`."""
    text = f"{counted(report.jobs, 'lineage')} created from {report.first:%Y-%m-%d} to {report.last:%Y-%m-%d}"
    if report.deadline:
        factor = report.deadline.endswith("x")
        after = "the training that it needed, counted from" if factor else "after"
        text += f", each to be finished within {report.deadline} {after} its creation"
    if report.unfinished:
        text += f"; {report.unfinished} of them have not completed, and their work is drawn"
    return (
        f"{text}. Seen: the part of the hours on spot that lies on the jobs' own paths. Beyond them "
        f"{report.draws} draws (seed {report.seed}) give the mean and the band of 90 %."
    )


def forecast(report: ReplayReport) -> Iterator[str]:
    """The next week as bands, only if four weeks were seen."""
    found = [(one.name, one.figures.next_week) for one in report.policies if one.figures]
    weeks = [(name, week) for name, week in found if week]
    if not weeks:
        yield "No forecast: it needs jobs of at least 28 days."
        return
    for name, week in weeks:
        least, most = (f"{bound:,.2f}" for bound in week.cost)
        text = f"Next week, if it is like those that were seen, {name}: {least} to {most} {report.unit}"
        if report.deadline:
            text += f", {_jobs(week.late)} late"
        yield f"{text} (band of 90 %)."
