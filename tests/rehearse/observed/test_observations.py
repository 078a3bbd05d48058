"""The log of one attempt, as a kill leaves it."""

import json
from pathlib import Path

from spotter_cli.rehearse.observed.observations import AttemptObservations


def line(kind: str, pid: int = 1, at: float = 5.0, step: int = 1, **values: object) -> str:
    return json.dumps({"kind": kind, "pid": pid, "at": at, "step": step, **values})


def test_a_torn_last_line_and_foreign_lines_are_left_out() -> None:
    text = "\n".join(
        [line("step"), "[1]", '{"kind": "step"}', line("later"), line("step", step=2)[:-9]]
    )
    assert [step.number for step in AttemptObservations.parse(text).steps] == [1]


def test_no_file_is_no_observation(tmp_path: Path) -> None:
    found = AttemptObservations.of_file(tmp_path / "none")
    assert (found.steps, found.finished_steps) == ((), 0)


def test_steps_are_those_of_the_process_that_made_most() -> None:
    rows = [line("step", pid=1), line("step", pid=2), line("step", pid=2, step=2)]
    found = AttemptObservations.parse("\n".join(rows))
    assert (found.finished_steps, found.training_processes) == (2, 2)


def test_what_is_absent_is_unknown() -> None:
    (step,) = AttemptObservations.parse(line("step")).steps
    assert (step.loss, step.batch, step.counter, step.lr) == (None, None, None, ())


def test_a_read_counts_until_the_first_step_was_finished() -> None:
    rows = [
        line("file", at=1, operation="read", path="/c/a", inside=True),
        line("file", at=2, operation="read", path="/d/a", inside=False),
        line("step", at=3),
        line("file", at=4, operation="read", path="/c/a", inside=True),
    ]
    assert len(AttemptObservations.parse("\n".join(rows)).reads) == 1
