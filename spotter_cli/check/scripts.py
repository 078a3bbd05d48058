"""The training jobs that a Python script or a notebook creates, read from its text.

Estimators and ModelTrainers of the SageMaker Python SDK, `@remote`, sagemaker-core's `TrainingJob.create`,
Airflow's SageMakerTrainingOperator, and boto3's `create_training_job`. Nothing is executed. What the
script computes is unknown, and so is what a defaults file of the SDK may add.
"""

import ast
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from spotter.core.check.request import Position, Request
from spotter_cli.check.python import cells
from spotter_cli.check.python.calls import Calls
from spotter_cli.check.python.cells import NotPython
from spotter_cli.check.python.context import Context
from spotter_cli.check.python.jobs import Jobs, TooMany


class NotAScript(ValueError):
    """The text is not Python; the message names the line of the error."""


class Unread(NamedTuple):
    """A cell that is not Python, and why."""

    position: Position
    why: str


def requests(source: bytes, named: str) -> list[Request]:
    """Every training job that can be seen in a script, in its order; NotAScript if it is not Python."""
    try:
        tree = cells.parsed(source)
    except NotPython as mistake:
        raise NotAScript(str(mistake)) from None
    return _followed([tree], named)


def in_notebook(notebook: Mapping[str, Any], named: str) -> tuple[list[Request], list[Unread]]:
    """The same of a notebook, its cells in their order; a broken cell loses nothing but itself."""
    trees, unread = [], []
    for cell in cells.code(notebook):
        try:
            trees.append(cells.parsed(cell.source, cell.number))
        except NotPython as mistake:
            unread.append(Unread(Position(1, cell.number), str(mistake)))
    return _followed(trees, named), unread


def _followed(trees: Iterable[ast.Module], named: str) -> list[Request]:
    context = Context()
    jobs = Jobs(context, named)
    calls = Calls(context, jobs)
    try:
        for tree in trees:
            calls.flow.block(tree.body)
        calls.flow.finish()
        return jobs.requests()
    except TooMany as mistake:
        raise NotAScript(str(mistake)) from None
    except RecursionError:
        raise NotAScript("it is nested too deep") from None
