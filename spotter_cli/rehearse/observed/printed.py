"""What a script prints: the steps and the metrics in its lines, and their last few thousand letters.

Lines such as `step 40: loss 0.31`, `epoch=3 lr=1e-3 loss=0.31`, `Epoch 3/10`, `{'loss': 0.31, 'epoch': 1.0}` and JSON
are read. Of a script that prints gigabytes, the first MOST lines or READ bytes are read; of the rest, lines are only counted.
"""

import re
from collections import deque
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

MOST, READ, LONGEST, TAIL = 200_000, 20 << 20, 2_000, 40
"""Lines and bytes that are read for metrics, letters of a line, and lines that are kept to be shown."""
VALUES = 100
"""Values of a line that are read."""
END = 1 << 13
"""Bytes at the end of a piece in which its last lines are found."""
NUMBER = (
    r"[-+]?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][-+]?[0-9]{1,4})?|[-+]?(?:nan|inf)"
)
_PAIR = re.compile(
    rf"(?<![\w.])(?<!\w[/-])([A-Za-z][A-Za-z0-9_./-]{{0,63}})[\"']?\s{{0,9}}[:=]?\s{{0,9}}[\"']?({NUMBER})(?!\.{{0,9}}\w)"
)
"""No repetition is without a limit: a line may be anything, and the time to read it grows with each place where one may end."""
_LEADING = re.compile(
    r"\s{0,20}(?:\[([0-9]{1,15})(?:/[0-9]+)?\]|([0-9]{1,15})(?:/[0-9]+\s|:\s|[\s,|]{1,20}(?=[-+]?[0-9]{0,20}\.[0-9])))"
)
"""`[12]`, `12/100`, `12: loss` or `12 0.31` at the beginning of a line."""
STEPS = ("global_step", "step", "it", "iteration", "iter", "batch", "round", "update", "episode")
EPOCHS = ("epoch",)
CLOCK = re.compile(
    r"(?i)(?:^|_)(?:time|seconds|secs?|elapsed|eta|duration|runtime|speed|throughput|per_second|memory|mem|pid|"
    r"rank|port|it/s|s/it|took|timestamp|datetime|date|created|at)(?:$|_)"
)
"""Names whose values tell of the machine and not of the training."""


Position = tuple[float, float]
"""Epoch and step as they were printed, 0 for what was not: positions of one form of line are in order."""


class PrintedStep(NamedTuple):
    """A line that names a step or an epoch: when (seconds since the start), where, and its form.

    The form is the line with each number replaced, so that lines of one kind are compared with each other.
    """

    at: float
    position: Position
    form: str


class PrintedMetric(NamedTuple):
    """A value in such a line; `position` is None where the line names no step."""

    at: float
    position: Position | None
    name: str
    value: float


@dataclass
class PrintedLines:
    """Read piece by piece; a line counts when it has ended."""

    steps: list[PrintedStep] = field(default_factory=list)
    metrics: list[PrintedMetric] = field(default_factory=list)
    lines: int = 0
    size: int = 0
    first_at: float | None = None
    _rest: bytes = b""
    _tail: "deque[str]" = field(default_factory=lambda: deque(maxlen=TAIL))

    def add(self, piece: bytes, at: float) -> None:
        """The next bytes, and when they came."""
        self.size += len(piece)
        piece = piece.replace(b"\r", b"\n")
        if self.lines >= MOST or self.size > READ:
            self._count(piece)
            return
        *whole, self._rest = (self._rest + piece).split(b"\n")
        self._rest = self._rest[-LONGEST:]
        for line in whole:
            self._line(line, at)

    def _count(self, piece: bytes) -> None:
        """Of bytes that are not read for metrics: count the lines, and keep the last ones."""
        self.lines += piece.count(b"\n")
        *whole, self._rest = (self._rest + piece)[-END:].split(b"\n")
        self._rest = self._rest[-LONGEST:]
        self._tail.extend(_text(line) for line in whole[-TAIL:] if line and not line.isspace())

    @property
    def tail(self) -> list[str]:
        """The last lines, for people."""
        rest = self._rest.decode(errors="replace").strip()
        return [*self._tail, *([rest] if rest else [])]

    def _line(self, raw: bytes, at: float) -> None:
        if not raw or raw.isspace():
            return
        line = _text(raw)
        self.lines += 1
        self.first_at = at if self.first_at is None else self.first_at
        self._tail.append(line)
        position, metrics = read_line(line)
        if position is not None:
            self.steps.append(PrintedStep(at, position, form_of(line)))
        self.metrics += [PrintedMetric(at, position, name, value) for name, value in metrics]


def _text(line: bytes) -> str:
    return line[:LONGEST].decode(errors="replace")


def read_line(line: str) -> tuple[Position | None, list[tuple[str, float]]]:
    """The position that a line names, None if it names none, and its other values by their names."""
    step: float | None = None
    epoch: float | None = None
    values: list[tuple[str, float]] = []
    for found in islice(_PAIR.finditer(line), VALUES):
        name, number = found.groups()
        plain = name.lower().strip("_-./")
        if plain.rstrip("s") in STEPS and step is None:
            step = float(number)
        elif plain.rstrip("s") in EPOCHS and epoch is None:
            epoch = float(number)
        elif not CLOCK.search(plain):
            values.append((plain, float(number)))
    if step is None and (leads := _LEADING.match(line)):
        step = float(leads[1] or leads[2])
    if step is None and epoch is None:
        return None, values
    return (epoch or 0.0, step or 0.0), values


def form_of(line: str) -> str:
    """`step #: loss=#`."""
    return re.sub(NUMBER, "#", line.strip())[:120]
