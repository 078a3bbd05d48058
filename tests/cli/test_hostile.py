"""5,000 texts that are meant to act on a terminal or a spreadsheet, through all that a command says."""

import csv
import io
import json
from datetime import UTC
from itertools import islice

import pytest
from rich.console import Console

from spotter.core.money.text import COLUMNS, cells
from spotter.core.reports.outlook import OutlookCase, outlook
from spotter_cli.output import terminal
from spotter_cli.output.csv_lines import FORMULAS, csv_lines
from spotter_cli.views.jobs import ListedJobs, all_facts
from spotter_cli.views.jobs_table import tables
from spotter_cli.views.timeline_drawing import drawn
from tests.support.generated_reports import NOW, hostile
from tests.support.hostile_texts import COUNT, texts

pytestmark = pytest.mark.xdist_group("hostile reports")  # made once for all of these tests
AT_ONCE = 250


@pytest.fixture(scope="module")
def reports():
    """Each text, and a report that holds it wherever one comes from elsewhere."""
    return [(text, hostile(text)) for text in texts()]


def heads(reports):
    return [view.attempts[0].head for _, report in reports for view in report.lineages]


def printed(*parts) -> str:
    console = Console(file=io.StringIO(), width=400, highlight=False, emoji=False, markup=False)
    for part in parts:
        console.print(part, soft_wrap=True)
    return console.file.getvalue()


def acts(output: str) -> list[str]:
    """What a terminal would do something about, other than to begin a line."""
    return [c for c in output if not c.isprintable() and c != "\n"]


def test_there_are_five_thousand_and_most_of_them_would_act(reports):
    assert len(reports) == COUNT == 5000
    assert sum(bool(acts(text)) for text, _ in reports) > 1500


@pytest.mark.shows("markup", "5,000 texts in pictures for a terminal")
def test_a_picture_in_a_terminal_is_text(reports, proof):
    proof.count(tries=COUNT, fired=COUNT)
    for text, report in reports:
        lines = [line.plain for line in drawn(report.lineages[0], UTC, 100, fine=True)]
        assert len(lines) == 4, text
        assert not any(acts(line) or "\n" in line for line in lines), text


def listed(some) -> ListedJobs:
    """The same jobs, listed as running and as finished."""
    known = [(head, outlook(OutlookCase(head, NOW))) for head in heads(some)]
    return ListedJobs(NOW, known, known)


@pytest.mark.shows("markup", "5,000 texts in lists for a terminal")
def test_a_list_in_a_terminal_is_text(reports, proof):
    proof.count(tries=COUNT, fired=COUNT)
    rest = iter(reports)
    while some := list(islice(rest, AT_ONCE)):
        output = printed(*tables(listed(some), UTC, None))
        assert acts(output) == []
        output = printed(terminal.table(("a", "b"), [(text, text) for text, _ in some]))
        assert acts(output) == []


def test_json_is_text_and_says_the_same(reports):
    for text, report in reports:
        facts = {
            "lineage": report.lineages[0].facts,
            **all_facts(listed([(text, report)]), lambda place: None),
        }
        output = terminal.escaped(json.dumps(facts, indent=2, ensure_ascii=False))
        assert acts(output) == []
        assert output.isascii() or output.encode()
        assert json.loads(output) == json.loads(json.dumps(facts))


@pytest.mark.shows("markup", "5,000 texts in CSV")
def test_a_sheet_is_text_and_calculates_nothing(reports, proof):
    proof.count(tries=COUNT, fired=COUNT)
    rows = [
        (name, *cells(one, report.savings))
        for _, report in reports
        for name, one in report.savings.groups["type"].items()
    ]
    lines = list(csv_lines(("group", *COLUMNS), rows))
    assert len(lines) == COUNT + 1
    assert not any(acts(line) or "\n" in line for line in lines)
    read = list(csv.reader(lines, strict=True))
    assert {len(row) for row in read} == {len(COLUMNS) + 1}
    assert not [row for row in read if row[0].lstrip().startswith(FORMULAS)]
