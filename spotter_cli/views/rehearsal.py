"""`spotter rehearse`: makes the rehearsal's folder, and shows the verdict and what to do."""

import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import typer

from spotter.core.model.times import counted
from spotter_cli.errors import CommandError
from spotter_cli.output import files
from spotter_cli.output.terminal import print_note, put, show, table, window
from spotter_cli.rehearse.runs.rehearsal import Rehearsal, RehearsalOptions
from spotter_cli.rehearse.stage import namespace
from spotter_cli.rehearse.stage.machine import TrainingScript
from spotter_cli.rehearse.times import measured_file
from spotter_cli.rehearse.verdict.judge import judge
from spotter_cli.rehearse.verdict.notes import notes
from spotter_cli.views.rehearsal_page import page
from spotter_cli.views.rehearsal_view import (
    COLUMNS,
    FIGURES,
    LEAST_NEEDED,
    SHOWN,
    CostTerms,
    RehearsalView,
    costs,
    restart_rows,
)


def rehearsed(
    script: TrainingScript, options: RehearsalOptions, parent: Path | None, terms: CostTerms
) -> RehearsalView:
    """Rehearse in a folder that is deleted afterwards, whatever happens."""
    staged = script.staged()
    if script.names_the_container and not staged.in_namespace:
        print_note(
            f"{script.path.name} names /opt/ml itself, and this machine lets you make no mount namespace: {namespace.HOW}"
        )
    try:
        made = tempfile.TemporaryDirectory(prefix="spotter-rehearsal-", dir=parent, ignore_cleanup_errors=True)  # fmt: skip
    except OSError as reason:
        raise CommandError(f"No folder can be made in {parent or 'the folder for temporary files'}: {reason.strerror}.") from None  # fmt: skip
    try:
        with made as folder:
            evidence = Rehearsal(staged, Path(folder).resolve(), options, print_note).run()
    except KeyboardInterrupt:
        print_note(
            "Stopped: the script's processes are ended, and the rehearsal's folder is deleted."
        )
        raise typer.Exit(130) from None
    return RehearsalView(script, evidence, judge(evidence), terms)


def keep_times(view: RehearsalView, now: datetime) -> None:
    """Keep what was measured; where it cannot be kept, a note says so."""
    if view.times.step is None and view.times.launch is None:
        return
    path, result = str(view.script.path), view.verdict.result.value
    try:
        measured_file.record(
            measured_file.RehearsedScript(path, now, result, view.times, view.terms.instance)
        )
    except CommandError as reason:
        print_note(f"The measured times are not kept: {reason}")


def write_page(view: RehearsalView, file: Path) -> None:
    """Write the page, whole or not at all."""
    files.write(file, page(view).encode())


def print_result(view: RehearsalView, written: Path | None) -> None:
    """The verdict first, then what to do, then the restarts and the costs."""
    verdict = view.verdict
    show([f"{view.script.path.name} {verdict.result.value}. {verdict.reason}"])
    show(_findings(view))
    rows = list(restart_rows(view))
    if rows:
        put(table(COLUMNS, rows[:SHOWN], FIGURES, drop=LEAST_NEEDED, width=window()))
        if (more := len(rows) - SHOWN) > 0:
            print_note(f"And {counted(more, 'more restart')}: --json and the page show all.")
    show(costs(view))
    for note in notes(view.evidence, verdict.restarts):
        print_note(note)
    if written:
        print_note(f"Wrote {files.named(written)}.")


def _findings(view: RehearsalView) -> Iterator[str]:
    for finding, what_to_do in zip(view.verdict.findings, view.remedies, strict=True):
        name = f"{finding.fault.value}{f' ({finding.part})' if finding.part else ''}"
        times = f", in {counted(finding.restarts, 'restart')}" if finding.restarts > 1 else ""
        yield f"  {name}{times}: {finding.detail}"
        if what_to_do:
            yield f"    To do: {what_to_do}."
