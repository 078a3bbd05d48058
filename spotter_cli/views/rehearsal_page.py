"""The page of a rehearsal: the verdict, what to do, loss and learning rate over steps, and each restart."""

from collections.abc import Callable, Iterator, Sequence

from spotter.core.reports.html.curves import STYLE, CurveLine, Point, StepMark, curves_picture
from spotter.core.reports.html.elements import Element, el
from spotter.core.reports.html.page import document
from spotter.core.reports.html.tables import table
from spotter_cli.rehearse.verdict.evidence import AttemptEvidence
from spotter_cli.rehearse.verdict.judge import RehearsalResult
from spotter_cli.rehearse.verdict.notes import notes
from spotter_cli.views.rehearsal_view import COLUMNS, FIGURES, RehearsalView, costs, restart_rows

PointsOf = Callable[[RehearsalView, AttemptEvidence, int], Sequence[Point]]
CLASSES = {
    RehearsalResult.CONTINUES: "verdict",
    RehearsalResult.CANNOT_BE_JUDGED: "verdict unsure",
}
VERDICT_STYLE = """
.spotter .verdict{border-left:4px solid var(--training);padding-left:.8em}
.spotter .verdict.fault{border-color:var(--lost)}.spotter .verdict.unsure{border-color:var(--waiting)}
"""
LEGEND = (
    "Thin lines are the two runs without an interruption, the thick line is the training that was "
    "interrupted. A vertical line is a restart; what is shaded was done again."
)


def page(view: RehearsalView) -> str:
    """The whole page."""
    title = f"Rehearsal of {view.script.path.name}"
    return document(title, _parts(view, title), STYLE + VERDICT_STYLE)


def _parts(view: RehearsalView, title: str) -> Iterator[Element]:
    verdict = view.verdict
    yield el("h1", title)
    kind = CLASSES.get(verdict.result, "verdict fault")
    result = verdict.result.value[:1].upper() + verdict.result.value[1:]
    yield el("p", el("b", f"{result}."), " ", verdict.reason, class_=kind)
    if verdict.findings:
        rows = [
            (one.fault.value, one.part or "-", one.detail, what_to_do)
            for one, what_to_do in zip(verdict.findings, view.remedies, strict=True)
        ]
        yield el(
            "section",
            table("Findings", ("fault", "part", "what was seen", "to do"), rows),
            class_="wide",
        )
    yield from _curves(view)
    yield from _restarts(view)
    yield from _states(view)
    for line in (*costs(view), *notes(view.evidence, verdict.restarts)):
        yield el("p", line, class_="prose")
    yield el("footer", el("p", _about(view)))


def _restarts(view: RehearsalView) -> Iterator[Element]:
    """On a phone the first cell of a row is its heading: what happened, and not a number alone."""
    number, taken_away, *others = COLUMNS
    rows = [(after, one, *rest) for one, after, *rest in restart_rows(view)]
    if rows:
        yield table("Restarts", (taken_away, number, *others), rows, FIGURES)


def _about(view: RehearsalView) -> str:
    used = ", ".join(f"{name} {version}".strip() for name, version in view.frameworks.items())
    return (
        "Made by spotter rehearse on one machine, without AWS. What SageMaker's uploader does in detail is not "
        f"documented; docs/rehearsing.md says what is assumed.{f' Used: {used}.' if used else ''}"
    )


def _curves(view: RehearsalView) -> Iterator[Element]:
    pictures = (("Loss", _lines(view, _losses)), ("Learning rate", _lines(view, _rates)))
    drawn = [
        curves_picture(title, lines, _marks(view))
        for title, lines in pictures
        if any(line.points for line in lines)
    ]
    if drawn:
        yield el("p", LEGEND, class_="legend")
    yield from drawn


def _lines(view: RehearsalView, of: PointsOf) -> list[CurveLine]:
    runs = view.evidence.uninterrupted
    found = [
        CurveLine(f"run {number} without an interruption", "plain", of(view, run, 0))
        for number, run in enumerate(runs, start=1)
    ]
    for number, (attempt, begun) in enumerate(_attempts(view), start=1):
        found.append(CurveLine(f"attempt {number}", "training", of(view, attempt, begun)))
    return found


def _attempts(view: RehearsalView) -> Iterator[tuple[AttemptEvidence, int]]:
    """Each attempt of the interrupted training, and how many steps it began with."""
    begun = {
        id(one.evidence.reader): one.evidence.comparison.resumed_from
        for one in view.verdict.restarts
    }
    for attempt in view.evidence.interrupted:
        yield attempt, begun.get(id(attempt)) or 0


def _losses(view: RehearsalView, attempt: AttemptEvidence, begun: int) -> Sequence[Point]:
    observed = [(begun + s.number, s.loss) for s in attempt.observed.steps if s.loss is not None]
    return observed or _printed(view, attempt, ("loss", "error", "mlogloss", "logloss", "rmse"))


def _rates(view: RehearsalView, attempt: AttemptEvidence, begun: int) -> Sequence[Point]:
    observed = [(begun + s.number, s.lr[0]) for s in attempt.observed.steps if s.lr]
    return observed or _printed(view, attempt, ("lr", "learning_rate"))


def _printed(view: RehearsalView, attempt: AttemptEvidence, names: Sequence[str]) -> list[Point]:
    """The first printed metric of such a name, by its place among the steps of the uninterrupted run."""
    scale = view.scale
    if scale is None:
        return []
    places = {position: place for place, position in enumerate(scale.positions, start=1)}
    found = [
        (float(places[one.position]), one.value, one.name)
        for one in attempt.metrics
        if one.position in places and one.name.rpartition("_")[2].rpartition("-")[2] in names
    ]
    return [(x, y) for x, y, name in found if name == found[0][2]]


def _marks(view: RehearsalView) -> list[StepMark]:
    return [
        StepMark(
            float(one.begun),
            f"Restart {number}",
            None if one.reached is None else float(one.reached),
        )
        for number, one in enumerate(view.verdict.restarts, start=1)
        if one.begun is not None and not one.evidence.at_change
    ]


def _states(view: RehearsalView) -> Iterator[Element]:
    rows = [
        (part.part.value, str(number), part.agreement.value, part.detail)
        for number, one in enumerate(view.verdict.restarts, start=1)
        for part in one.evidence.comparison.parts
        if not one.evidence.at_change
    ]
    if rows:
        yield table("The state at each restart", ("part", "restart", "agreement", "what was compared"), rows)  # fmt: skip
