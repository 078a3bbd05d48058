"""Notebooks and scripts as data scientists write them: what is planted is found, and nothing else.

Each file of corpus/ states in its first comments, a notebook in its metadata, a state machine in its
Comment, the rules that it breaks (`planted`, once for each finding), what its reader cannot know either
(`open`: members of CreateTrainingJob, `.*` for whatever else a structure holds), and how many jobs it
requests.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from spotter.core.check.request import Open, Unknown
from spotter_cli.check import command, files

FILES = sorted((Path(__file__).parent / "corpus").iterdir())
APART = "jobs of a script keep checkpoints apart"
"""The one note that is planted, beside what is refused and unwise."""

OF_THE_ACCOUNT = ("--offline is set", "--offline is set; use --policy to name a policy file",
                  "the SDK makes the job's name")  # fmt: skip
"""Why a rule is not checked whatever the file holds: AWS was not called."""


def header(path: Path, name: str) -> list[str]:
    if path.suffix == ".ipynb":
        value = str(json.loads(path.read_text())["metadata"][name])
    else:
        text = (
            json.loads(path.read_text())["Comment"] if path.suffix == ".json" else path.read_text()
        )
        value = re.search(rf"^# {name}: (.*)$", text, re.M)[1]
    return [] if value == "nothing" else sorted(value.split(", "))


def unknown(value: Any, path: str = "") -> Iterator[str]:
    """The path of every value that is unknown, or known in part only."""
    if isinstance(value, Unknown):
        yield path
    elif isinstance(value, Mapping):
        if isinstance(value, Open):
            yield f"{path}.*".removeprefix(".")
        for name, one in value.items():
            yield from unknown(one, f"{path}.{name}".removeprefix("."))
    elif isinstance(value, list):
        for one in value:
            yield from unknown(one, path)


def rests_on(reason: str, member: str, words: Mapping[str, str]) -> bool:
    """True if a reason names the open member, as the API does or as the script does."""
    path = member.removesuffix("*").removesuffix(".")
    within = [word for inner, word in words.items() if f"{inner}.".startswith(f"{path}.")]
    return path == "" or any(name in reason for name in (path, *within))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_is_planted_is_found_and_nothing_else(path: Path):
    facts = command.check_sources([str(path)], None, None)
    found = [
        one["rule"]
        for request in facts["requests"]
        for one in request["findings"]
        if one["severity"] in command.MATTERS or one["rule"] == APART
    ]
    assert sorted(found) == header(path, "planted")
    assert facts["not_read"] == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_what_a_reader_knows_is_known(path: Path):
    requests = files.read(str(path)).requests
    assert [str(len(requests))] == header(path, "jobs")
    found = {one for request in requests for one in unknown(request.members)}
    assert sorted(found) == header(path, "open")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_rule_is_left_out_only_for_what_is_open(path: Path):
    words = {p: w for one in files.read(str(path)).requests for p, w in one.words.items()}
    opened = header(path, "open")
    for request in command.check_sources([str(path)], None, None)["requests"]:
        for one in request["not_checked"]:
            reason = one["reason"]
            assert reason in OF_THE_ACCOUNT or any(
                rests_on(reason, member, words) for member in opened
            ), reason


def test_faults_are_planted_in_at_least_half_of_the_corpus():
    assert len(FILES) >= 48
    assert 2 * sum(bool(header(path, "planted")) for path in FILES) >= len(FILES)
