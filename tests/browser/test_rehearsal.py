"""The page of a rehearsal in a real browser: silent, alone, within its window, and readable."""

from functools import cache
from pathlib import Path

import pytest

from spotter_cli.rehearse.observed.observations import AttemptObservations
from spotter_cli.rehearse.stage.machine import TrainingScript
from spotter_cli.rehearse.verdict.evidence import (
    AttemptEvidence,
    EndedBy,
    RehearsalEvidence,
    RestartEvidence,
    UploadedFile,
)
from spotter_cli.rehearse.verdict.judge import RehearsalResult, judge
from spotter_cli.views.rehearsal_page import page
from spotter_cli.views.rehearsal_view import RehearsalView
from tests.browser.opening import DESK, PHONE, THEMES
from tests.rehearse.attempts import TOTAL, attempt, compare_restarts, state_after

WINDOWS = [(theme, width) for theme in THEMES for width in (PHONE, DESK)]
LONG = "checkpoint-of-a-model-with-a-long-name-and-without-a-place-to-break-it-000020/optimizer.pt"


def evidence_of(observed: AttemptObservations, ended_by: EndedBy) -> AttemptEvidence:
    saves = [one for one in observed.files if one.operation == "written"]
    uploads = [UploadedFile(one.at, f"{LONG}-{one.step}", 9, str(one.digest)) for one in saves]
    return AttemptEvidence(
        seconds=2.0,
        ended_by=ended_by,
        exit_code=0 if ended_by is EndedBy.ITSELF else -9,
        observed=observed,
        uploads=uploads,
        started=999.5,
    )


@cache
def restarted(*, rightly: bool) -> RehearsalView:
    """Two restarts; in the first one the optimizer is lost, or nothing is."""
    lost = {} if rightly else {"starts_as": {**state_after(20), "optimizer": {}}}
    trained = [
        attempt(end=25, killed=True),
        attempt(begin=20, end=33, reads="d20", digest="e", killed=True, **lost),
        attempt(begin=30, reads="e30"),
    ]
    endings = (EndedBy.SIGTERM, EndedBy.SIGKILL, EndedBy.ITSELF)
    attempts = [evidence_of(one, how) for one, how in zip(trained, endings, strict=True)]
    runs = [evidence_of(attempt(), EndedBy.ITSELF) for _ in range(2)]
    compared = compare_restarts(trained, [one.observed for one in runs])
    began = [0, *(one.resumed_from for one in compared)]
    restarts = [
        RestartEvidence(
            earlier=attempts[: number + 1],
            reader=attempts[number + 1],
            after=f"after {13 - number} steps, with SIGTERM and 5 s",
            whole=attempts[number].uploads[-1],
            began=began[number],
            comparison=one,
        )
        for number, one in enumerate(compared)
    ]
    return view_of(RehearsalEvidence(runs, restarts, attempts, 5.0))


def view_of(evidence: RehearsalEvidence) -> RehearsalView:
    script = TrainingScript(
        Path("fine_tune_the_language_model_with_low_rank_adapters.py"), "python"
    )
    return RehearsalView(script, evidence, judge(evidence))


def failed() -> RehearsalView:
    run = AttemptEvidence(1.0, EndedBy.ITSELF, 1)
    return view_of(
        RehearsalEvidence([run], problem=f"It fails without an interruption: {LONG * 3}")
    )


PAGES = {
    "a part is lost": lambda: restarted(rightly=False),
    "nothing is lost": lambda: restarted(rightly=True),
    "it cannot be judged": failed,
}


def test_the_pages_are_of_three_verdicts():
    assert [made().verdict.result for made in PAGES.values()] == [
        RehearsalResult.NOT_THE_SAME,
        RehearsalResult.CONTINUES,
        RehearsalResult.CANNOT_BE_JUDGED,
    ]


@pytest.mark.parametrize(("theme", "width"), WINDOWS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_silent_and_alone_fits_its_window_and_can_be_read(look, name, theme, width):
    found = look(page(PAGES[name]()), theme=theme, width=width)
    assert found.all_faults == []
    assert found.overflowing == []
    assert found.accessibility() == []


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_each_restart_is_marked_where_its_attempt_begins(look, width):
    found = look(page(restarted(rightly=False)), width=width)
    drawn = found("""() => [...document.querySelectorAll('svg.curves')].map(svg => {
      const box = svg.getBoundingClientRect();
      return [...svg.querySelectorAll('line.interrupted')].map(line => {
        const mark = line.getBoundingClientRect();
        return [Number(line.dataset.step), (mark.left + mark.right - 2 * box.left) / 2 / box.width];
      });
    })""")
    assert [[step for step, _ in marks] for marks in drawn] == [[20, 30]] * 2
    assert all(
        abs(place - (step - 1) / (TOTAL - 1)) < 0.01 for marks in drawn for step, place in marks
    )
