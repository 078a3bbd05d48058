"""The time that `spotter check` needs for one notebook, in this process: `make bench`.

The corpus of the tests, each file read and checked offline. Beside it stands the time that Python alone
needs to parse a file of that size. Nothing is asserted here.
"""

import ast
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from spotter_cli.check import command
from spotter_cli.check.python import cells

RUNS = 5
CORPUS = Path(__file__).parents[1] / "tests" / "cli" / "corpus"


def milliseconds(work: Callable[[], object]) -> float:
    """The median of some runs."""
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return median(taken)


def sources(path: Path) -> list[str]:
    """The Python in a notebook's code cells; a cell that is not Python even without magics is left out."""
    texts = [cells.without_magics(one.source) for one in cells.code(json.loads(path.read_text()))]
    return [text for text in texts if _is_python(text)]


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def parse(path: Path, texts: list[str]) -> None:
    """What any reader of the file must do: JSON, and Python's own parser."""
    json.loads(path.read_text())
    for text in texts:
        ast.parse(text)


def main() -> None:
    """One line: the median notebook, the slowest one, and how many times the parser's time it is."""
    notebooks = sorted(CORPUS.glob("*.ipynb"))
    command.check_sources(
        [str(notebooks[0])], None, None
    )  # botocore's model is loaded once for a process
    whole = [
        milliseconds(partial(command.check_sources, [str(one)], None, None)) for one in notebooks
    ]
    least = [milliseconds(partial(parse, one, sources(one))) for one in notebooks]
    figures = f"{median(whole):6.1f} ms, {max(whole):.1f} ms at most, {median(whole) / median(least):.0f} x parsing"
    print(f"{f'check, one of {len(notebooks)} notebooks':48} {figures}")


if __name__ == "__main__":
    main()
