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

RUNS = 5
CORPUS = Path(__file__).parents[1] / "tests" / "console" / "corpus"


def milliseconds(work: Callable[[], object]) -> float:
    """The median of some runs."""
    taken = []
    for _ in range(RUNS):
        began = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - began))
    return median(taken)


def parsed(path: Path) -> None:
    """What any reader of the file must do: JSON, and Python's own parser."""
    cells = json.loads(path.read_text())["cells"]
    sources = ("".join(one["source"]) for one in cells if one["cell_type"] == "code")
    for source in sources:
        ast.parse("\n".join(one for one in source.splitlines() if not one.startswith(("!", "%"))))


def main() -> None:
    """One line: the median notebook, the slowest one, and how many times the parser's time it is."""
    notebooks = sorted(CORPUS.glob("*.ipynb"))
    command.check_sources(
        [str(notebooks[0])], None, None
    )  # botocore's model is loaded once for a process
    whole = [
        milliseconds(partial(command.check_sources, [str(one)], None, None)) for one in notebooks
    ]
    least = [milliseconds(partial(parsed, one)) for one in notebooks]
    figures = f"{median(whole):6.1f} ms, {max(whole):.1f} ms at most, {median(whole) / median(least):.0f} x parsing"
    print(f"{f'check, one of {len(notebooks)} notebooks':48} {figures}")


if __name__ == "__main__":
    main()
