"""Jobs and transitions as lines of CSV or JSON, made as they are read: memory holds a few pages."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from spotter.aws.reports import queries
from spotter.aws.reports.job_list import job_rows, jobs
from spotter.core.ledger.job_record import JobRecord
from spotter.core.reports import rows as row_kinds
from spotter.core.reports.job_filter import JobFilter
from spotter.core.reports.rows import JobRow, TransitionRow, transition_rows
from spotter_cli.output.csv_lines import csv_lines
from spotter_cli.output.terminal import counting, escaped
from spotter_cli.stack.deployed import Deployed

KINDS: dict[str, type[Any]] = {"jobs": JobRow, "transitions": TransitionRow}


def rows(
    spotter: Deployed, what: str, since: datetime, until: datetime, name: str, now: datetime
) -> Iterator[Any]:
    """The rows of the jobs that were created in the range."""
    wanted = JobFilter(since, until, name)
    if what == "jobs":
        return counting(job_rows(spotter, wanted, now), "jobs")
    return _transitions(spotter, counting(jobs(spotter.ledger, wanted), "jobs"))


def _transitions(spotter: Deployed, heads: Iterable[JobRecord]) -> Iterator[TransitionRow]:
    for head, timeline in queries.timelines(spotter.ledger, heads):
        yield from transition_rows(head, timeline)


def lines(found: Iterable[Any], what: str, kind: str) -> Iterator[str]:
    """A line a row; CSV begins with the names of the columns."""
    facts = (row_kinds.facts(row) for row in found)
    if kind == "jsonl":
        return (escaped(json.dumps(one, ensure_ascii=False)) for one in facts)
    cells = ([_cell(value) for value in one.values()] for one in facts)
    return csv_lines(row_kinds.columns(KINDS[what]), cells)


def counted(count: int, what: str, kind: str) -> str:
    """`1 job`, `12 transitions`; the line with the columns' names is none."""
    number = count - (kind.lower() == "csv")
    noun = what.lower().removesuffix("s")
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _cell(value: Any) -> Any:
    """Tags as JSON; true and false as every tool reads them."""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else value
