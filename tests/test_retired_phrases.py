"""Texts that people read use the field's terms (docs/glossary.md), and none of the phrases that they replaced.

Texts are the strings of the code that hold a space, the docstrings of the commands, which are their help,
README and docs. Decisions keep the words of their day; code within a page is no prose.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RETIRED = {
    "carry on": "resubmit",
    "carries on": "resubmits",
    "carries it on": "resubmits it",
    "carried on": "resubmitted",
    "carrying on": "resubmitting",
    "takes up": "continues",
    "taken up": "continued",
    "alive": "running",
    "living": "running",
    "lives": "runs",
    "starved": "ended for want of spot capacity",
    "strained": "short of capacity",
    "left alone": "not resubmitted; circuit breaker open",
    "leaves alone": "does not resubmit",
    "nobody allowed": "no policy rule matches",
    "nobody decides": "there is no decision",
    "rung": "capacity option",
    "rungs": "capacity options",
    "wishes": "tag overrides",
    "unsaid": "pending",
    "not said yet": "pending",
    "is said": "is published",
    "are said": "are published",
    "is told": "is published to",
    "are told": "are notified",
    "is asked": "is evaluated",
    "hear": "receive",
    "hears": "receives",
    "speaks": "publishes",
    "listens": "is subscribed",
    "outrun": "conflict",
    "is ours": "Spotter created it",
    "not ours": "Spotter did not create it",
    "given up": "abandoned",
    "no alert fits": "no alerts match",
    "no job fits": "no jobs match",
    "the ledger knows no": "not found in the ledger",
    "knows no job": "job not found",
    "an alarm rings": "an alarm goes off",
    "nudge": "retrigger",
    "nudges": "retriggers",
    "nudged": "retriggered",
    "what the clock made true": "time-based conditions that are now met",
    "nobody asked": "the request had none",
}
"""Each phrase with what is written instead."""
PHRASE = re.compile(rf"(?i)(?<![\w-])(?:{'|'.join(RETIRED)})(?![\w-])")

CODE = [
    *ROOT.glob("lambdas/**/*.py"),
    *ROOT.glob("spotter_cli/**/*.py"),
    *ROOT.glob("infra/**/*.py"),
]
PAGES = [ROOT / "README.md", *ROOT.glob("docs/*.md")]
WITH_HELP = "spotter_cli/commands"


@cache
def room(path: Path) -> str:
    """A page by itself, code by its folder."""
    return str((path if path in PAGES else path.parent).relative_to(ROOT))


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """The texts in a file, each with its line."""
    if path.suffix == ".md":
        yield from _prose(path.read_text())
        return
    tree = ast.parse(path.read_text())
    helped = room(path).startswith(WITH_HELP)
    parts = _docstrings(tree, but_of_functions=helped)
    parts |= {id(p) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for p in n.values}
    for node in ast.walk(tree):
        if id(node) not in parts and isinstance(node, ast.Constant | ast.JoinedStr):
            text = _text(node)
            if " " in text:
                yield node.lineno, text


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(_text(p) if isinstance(p, ast.Constant) else "{}" for p in node.values)


def _docstrings(tree: ast.Module, *, but_of_functions: bool) -> set[int]:
    """Strings that stand by themselves: of modules, classes, functions and constants."""
    found = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
    functions = (n.body[0] for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))
    helped = {id(one.value) for one in functions if isinstance(one, ast.Expr)}
    return found - helped if but_of_functions else found


def _prose(page: str) -> Iterator[tuple[int, str]]:
    """Lines outside fences, without what is set as code and without comments."""
    fenced = False
    for number, line in enumerate(page.splitlines(), start=1):
        fenced ^= line.lstrip().startswith("```")
        if not fenced:
            yield number, re.sub(r"`[^`]*`|<!--.*?-->|\]\([^)]*\)", " ", line)


def retired(path: Path) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{line}: {found[0]!r}: {RETIRED[found[0].lower()]}"
        for line, text in texts(path)
        for found in PHRASE.finditer(text)
    ]


ROOMS = sorted({room(path) for path in (*CODE, *PAGES)})


@pytest.mark.parametrize("name", ROOMS)
def test_no_text_holds_a_retired_phrase(name: str) -> None:
    found = [one for path in (*CODE, *PAGES) if room(path) == name for one in retired(path)]
    assert not found, "\n".join(found)


def test_a_retired_phrase_is_found_in_a_text_and_not_in_a_name(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("It is carried on.\n`carried on`\n```\nalive here\n```\n")
    assert [line for line, text in texts(page) if PHRASE.search(text)] == [1]
    assert not PHRASE.search("whatever_is_left_is_carried_on")
    assert PHRASE.search("It is Alive.")
