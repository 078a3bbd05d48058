"""Writing an output file: whole or not at all, and never in place of a folder or a device."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from spotter_cli.errors import CommandError
from spotter_cli.output.terminal import plain

STANDARD_OUTPUT = "-"


def write(file: Path, content: bytes) -> None:
    """Write the content; CommandError with one sentence where that is not possible.

    `-` is standard output. A link stays a link, and what it leads to is written. A device or a pipe is
    written to and stays what it is. A folder is refused.
    """
    with _opened(file) as to:
        to.write(content)


def write_lines(file: Path, lines: Iterable[str]) -> int:
    """The same for lines that are made as they are written; how many they were."""
    count = 0
    with _opened(file) as to:
        for count, line in enumerate(lines, start=1):  # noqa: B007
            to.write(f"{line}\n".encode())
    return count


def named(file: Path) -> str:
    """The file, or standard output, for people."""
    return "standard output" if str(file) == STANDARD_OUTPUT else str(file)


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """Where to write; what goes wrong in the body leaves a file as it was."""
    if str(file) == STANDARD_OUTPUT:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    try:
        target = _target(file)
        if target.exists() and not target.is_file():
            with target.open("wb") as device:
                yield device
            return
        with _replaced(target) as beside:
            yield beside
    except OSError as reason:
        why = reason.strerror or reason
        raise CommandError(f"{plain(str(file))} cannot be written: {why}.") from None


def _target(file: Path) -> Path:
    """What a link leads to; OSError or CommandError where it is nothing that can be written."""
    try:
        target = file.resolve()
    except RuntimeError as loop:
        raise OSError(str(loop)) from None
    if target.is_dir():
        raise CommandError(f"{plain(str(file))} is a folder: name a file in it.")
    return target


@contextmanager
def _replaced(target: Path) -> Iterator[BinaryIO]:
    """All of it, or the file as it was; nothing is left beside it."""
    beside = target.with_name(f".{target.name}.part")
    try:
        with beside.open("wb") as to:
            yield to
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
