"""What could not be verified without an account is in one list, and every place that says so is in it."""

import re
from pathlib import Path

from smoke import unverified
from smoke.probes import PROBES
from spotter.core.resubmit.describe_to_create import Evidence

ROOT = Path(__file__).parents[2]
MARKS = re.compile(
    r"without an (AWS )?account(?! (in|no|as))|could not be verified|nobody published|was not seen\b",
    re.I,
)
SOURCES = ("lambdas", "infra", "spotter_cli", "docs", "laptop")
NOT_ABOUT_AWS = {
    "docs/unverified.md",
    "docs/outlook.md",  # made from docs/outlook_page.py
    "docs/decisions/5-made-from-the-first-attempt.md",  # made from describe_to_create.py
    "docs/decisions/13-a-checkpoint-is-recognised-by-what-it-is.md",  # of files that were not listed
    "lambdas/spotter/core/checkpoints/found.py",  # of files of a checkpoint that were not seen
    "spotter_cli/check/command.py",  # commands that need no account
    "spotter_cli/commands/demo.py",
    "spotter_cli/commands/laptop.py",
    "laptop/deployment.py",
    "infra/plain_template.py",
    "docs/replaying.md",  # of waits and stays that were not seen
    "spotter_cli/commands/replay.py",
    "docs/bench.md",  # of something that is not done
}


def test_the_page_is_as_the_list_has_it() -> None:
    assert unverified.PAGE.read_text() == unverified.page()


def test_every_file_that_depends_on_an_assumption_exists() -> None:
    named = {name for one in unverified.ASSUMPTIONS for name in one.where}
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
    names = [one.name for one in unverified.ASSUMPTIONS]
    assert len(names) == len(set(names))


def test_a_file_that_says_so_is_in_the_list() -> None:
    listed = {name for one in unverified.ASSUMPTIONS for name in one.where} | NOT_ABOUT_AWS
    saying = {
        str(path.relative_to(ROOT))
        for folder in SOURCES
        for path in (ROOT / folder).rglob("*")
        if path.suffix in (".py", ".md") and MARKS.search(path.read_text())
    }
    assert "lambdas/spotter/core/record/limits.py" in saying
    assert sorted(saying - listed) == []


def test_every_unverified_member_of_a_request_has_an_entry() -> None:
    text = (ROOT / "lambdas/spotter/core/resubmit/describe_to_create.py").read_text()
    marked = text.count("Evidence.UNVERIFIED,")
    entries = [o for o in unverified.ASSUMPTIONS if any("describe_to_create" in w for w in o.where)]
    assert Evidence.UNVERIFIED == "unverified"
    assert len(entries) == marked


def test_every_probe_is_of_an_assumption_in_the_list() -> None:
    assert set(PROBES) <= {one.name for one in unverified.ASSUMPTIONS}
