"""The training jobs that a Python script or a notebook creates, read from its text.

Estimators and ModelTrainers of the SageMaker Python SDK, `@remote`, sagemaker-core's `TrainingJob.create`,
Airflow's SageMakerTrainingOperator, and boto3's `create_training_job`. Nothing is executed. What the
script computes is unknown, and so is what a defaults file of the SDK may add.
"""

import ast
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, NamedTuple

from spotter.core.check.request import Alternatives, Request
from spotter_cli.check.python import cells
from spotter_cli.check.python.calls import Calls
from spotter_cli.check.python.cells import DEEP, NotPython, TooDeep
from spotter_cli.check.python.context import Context, Suppositions
from spotter_cli.check.python.jobs import Jobs
from spotter_cli.check.python.written_requests import MOST, TooMany, WrittenRequests


class NotAScript(ValueError):
    """The text is not Python; the message names the line of the error."""


class NotFollowed(ValueError):
    """The text is Python that is too large or too deep to be followed; the message says which."""


class FoundJobs(NamedTuple):
    """The requests of a script or notebook in its order, and a sentence for each part that is missing."""

    requests: list[Request]
    unread: list[str]


def in_script(source: bytes, named: str) -> FoundJobs:
    """Every training job that can be seen in a script; NotAScript or NotFollowed if there is no reading it."""
    try:
        tree = cells.parsed(source)
    except NotPython as mistake:
        raise NotAScript(str(mistake)) from None
    except TooDeep as mistake:
        raise NotFollowed(str(mistake)) from None
    return _followed([tree], named)


def in_notebook(notebook: Mapping[str, Any], named: str) -> FoundJobs:
    """The same of a notebook, its cells in their order; a broken cell loses nothing but itself."""
    trees, broken = [], []
    for cell in cells.code(notebook):
        try:
            trees.append(cells.parsed(cell.source, cell.number))
        except NotPython as mistake:
            broken.append(f"{named}, cell {cell.number} is not Python: {mistake}")
        except TooDeep as mistake:
            broken.append(f"{named}, cell {cell.number} cannot be followed: {mistake}")
    found = _followed(trees, named)
    return FoundJobs(found.requests, [*broken, *found.unread])


def _followed(trees: Sequence[ast.Module], named: str) -> FoundJobs:
    """The jobs, and of each what it is for either value of a condition that whoever runs the script decides."""
    suppositions = Suppositions()
    found = _under(trees, named, suppositions)
    for text in suppositions.met:
        with suppress(NotFollowed):
            both = [_under(trees, named, Suppositions({text: value})) for value in (True, False)]
            _add_cases(found.requests, text, *(_by_place(one.requests) for one in both))
    return FoundJobs(_told_apart(found.requests), found.unread)


def _told_apart(requests: list[Request]) -> list[Request]:
    """Jobs of one call, which a loop or a function makes, by their number."""
    count = Counter(one.named for one in requests)
    met: Counter[str] = Counter()
    found = []
    for one in requests:
        met[one.named] += 1
        of_several = f", job {met[one.named]} of {count[one.named]}"
        found.append(replace(one, named=one.named + of_several) if count[one.named] > 1 else one)
    return found


def _add_cases(
    found: list[Request], condition: str, if_true: dict[str, Request], if_false: dict[str, Request]
) -> None:
    """Of each job that the condition changes, keep both."""
    for place in _by_place(found).keys() & if_true.keys() & if_false.keys():
        number = next(n for n, job in enumerate(found) if job.named == place)
        cases = Alternatives(condition, if_true[place], if_false[place])
        if repr(cases.if_true.members) != repr(cases.if_false.members):
            found[number] = replace(found[number], cases=(*found[number].cases, cases))


def _by_place(requests: list[Request]) -> dict[str, Request]:
    """By the place of each call; without a call in a loop that makes several jobs."""
    count = Counter(one.named for one in requests)
    return {one.named: one for one in requests if count[one.named] == 1}


def _under(trees: Sequence[ast.Module], named: str, suppositions: Suppositions) -> FoundJobs:
    context = Context(suppositions=suppositions)
    jobs = Jobs(context, WrittenRequests(named))
    calls = Calls(context, jobs)
    try:
        for tree in trees:
            calls.flow.block(tree.body)
        calls.flow.finish()
        return FoundJobs(jobs.requests(), [])
    except TooMany:
        first = jobs.written.in_order()
        more = f"{named} creates more than {MOST} jobs: the first {MOST} of them are checked"
        return FoundJobs(first, [more])
    except RecursionError:
        raise NotFollowed(DEEP) from None
