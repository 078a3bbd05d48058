"""Attempts as the hook observes them, written by hand: a training that counts, of ten steps an epoch."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from spotter_cli.rehearse.observed.observations import AttemptObservations
from spotter_cli.rehearse.state.state_comparison import StateComparison, compare_restart

EPOCH = 10
TOTAL = 40
Change = Callable[[int, dict[str, Any]], dict[str, Any]]


def lr_at(step: int) -> float:
    return 0.1 * 0.9 ** (step - 1)


def state_after(step: int, noise: str = "") -> dict[str, dict[str, Any]]:
    """Fingerprints after so many steps; `noise` makes a run's weights its own."""
    name = f"{step}{noise}" if step else "0"
    return {
        "weights": {"net.a": f"a{name}", "net.b": f"b{name}", "net.frozen": "f"},
        "values": {"net.a": [float(step)], "net.b": [2.0 * step]},
        "optimizer": {"0.net.a.exp_avg": f"m{name}"} if step else {},
        "buffers": {"net.mean": f"u{name}"},
    }


def attempt(
    begin: int = 0,
    end: int = TOTAL,
    *,
    noise: str = "",
    order: str = "seed 1",
    saves: int = EPOCH,
    digest: str = "d",
    reads: str | None = None,
    killed: bool = False,
    passes: int = 0,
    starts_as: Mapping[str, Any] | None = None,
    step: Change = lambda total, row: row,
) -> AttemptObservations:
    """One attempt from the step `begin` of all to `end`; `step` changes the row of a step.

    It saves so many backward `passes` after a step of the optimizer.
    """
    rows: list[dict[str, Any]] = []
    time = 1000.0

    def write(kind: str, made: int, **values: Any) -> None:
        nonlocal time
        time += 0.01
        rows.append({"kind": kind, "pid": 7, "at": time, "step": made, **values})

    write("process", 0, python="3.11")
    if reads is not None:
        write("file", 0, operation="read", path="/c/last.pt", inside=True, digest=reads, size=9)
    start = starts_as or state_after(begin, noise)
    write("state", 0, moment="step", parts={k: v for k, v in start.items() if k != "buffers"})
    write("state", 0, moment="forward", parts={"buffers": start["buffers"]})
    for total in range(begin + 1, end + 1):
        made = total - begin
        if total % EPOCH == 1 or made == 1:
            write("loader", made - 1, number=1, sampler="RandomSampler", batches=EPOCH)
        row = {
            "lr": [lr_at(total)],
            "loss": 1 / total,
            "batch": f"{order} {total}",
            "loaders": (total - 1) // EPOCH,
            "rng": {"torch": f"{order} t{total}"},
        }
        write("step", made, **step(total, row))
        if total % saves == 0:
            amid = {"gradients": {"accumulated": passes}} if passes else {}
            write("state", made, moment="save", parts=state_after(total, noise) | amid)
            name = {"path": "/c/last.pt", "inside": True}
            write("file", made, operation="save", numbers={"step": total}, **name)
            write("file", made, operation="written", digest=f"{digest}{total}", size=9, **name)
    if not killed:
        write("end", end - begin)
    return AttemptObservations.parse("\n".join(json.dumps(row) for row in rows))


def compare_restarts(
    attempts: Sequence[AttemptObservations], uninterrupted: Sequence[AttemptObservations] = ()
) -> list[StateComparison]:
    """A comparison for each attempt after the first, in the order in which they ran."""
    began: list[int | None] = [0]
    compared: list[StateComparison] = []
    for number in range(1, len(attempts)):
        one = compare_restart(attempts[: number + 1], began, uninterrupted)
        compared.append(one)
        began.append(one.resumed_from)
    return compared
