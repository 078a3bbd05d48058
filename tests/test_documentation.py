"""Parts of the documentation that are made from the code are as the code has them: `make docs`."""

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main

from docs import generate
from spotter.core.ledger import row_keys
from spotter.core.policy.parse import parse_policy
from spotter_cli.main import app

ROOT = Path(__file__).parents[1]
PAGES = {
    generate.ARCHITECTURE: generate.architecture,
    generate.CHECKPOINTS_PAGE: generate.checkpoints_page,
    generate.CHECKS_PAGE: generate.checks_page,
    generate.DECISIONS: generate.decision_table,
    generate.OPERATING: generate.operating,
    generate.OUTLOOK_PAGE: generate.outlook_page,
    generate.POLICY_PAGE: generate.policy_page,
    generate.REQUEST_PAGE: generate.request_page,
    generate.RULES_PAGE: generate.rules_page,
}
MADE = (generate.rooms_table, generate.figures_table, generate.request_table)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_is_as_the_code_has_it(page: Path) -> None:
    assert page.read_text() == PAGES[page]()


def test_no_part_that_is_made_was_left_out() -> None:
    written = "".join(page.read_text() for page in PAGES)
    assert [part.__name__ for part in MADE if part() not in written] == []


def test_the_architecture_names_every_kind_of_row_and_every_index() -> None:
    """The kinds are those of which the module of keys tells."""
    page = generate.ARCHITECTURE.read_text()
    kinds = set(re.findall(r"`([A-Z]+)(?:#|`)", row_keys.__doc__ or ""))
    assert {"AT", "HEAD", "ENDED", "SLOT", "LEASE"} <= kinds
    assert [kind for kind in sorted(kinds) if not re.search(rf"`{kind}[#`]", page)] == []
    assert [name for name, _, _ in row_keys.INDEXES if f"| `{name}` |" not in page] == []


def test_a_decision_page_has_a_date_and_a_status() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("*.md"))
    line = re.compile(r"\A# .+\n\n\d{4}-\d\d-\d\d · (accepted|superseded by \[\d+\]\([\w.-]+\))\b")
    assert [page.name for page in pages if not line.match(page.read_text())] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 150


def test_the_policy_in_the_readme_is_one() -> None:
    written = re.search(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert written
    assert parse_policy("README.md", written[1]).rules[0].name == "nightly-*"


def test_every_command_in_a_page_has_the_options_that_are_shown() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    shown = {
        line for page in pages for line in re.findall(r"(?m)^\$ spotter (.*)$", page.read_text())
    }
    assert any("--severity" in line for line in shown)
    assert [line for line in sorted(shown) if _unknown_options(line)] == []


def _unknown_options(line: str) -> set[str]:
    """The options of a shown command line that the command does not have."""
    words = shlex.split(line.partition("&&")[0], comments=True)
    command: Any = typer.main.get_command(app)
    while words and hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    known = {name for option in command.params for name in option.opts}
    return {word for word in words if word.startswith("-") and word != "-"} - known
