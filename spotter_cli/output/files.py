"""Writing an output file: whole or not at all, and never in place of a folder or a device."""

import sys
from pathlib import Path

from spotter_cli.errors import CommandError
from spotter_cli.output.terminal import plain

STANDARD_OUTPUT = "-"


def write(file: Path, content: bytes) -> None:
    """Write the content; CommandError with one sentence where that is not possible.

    `-` is standard output. A link stays a link, and what it leads to is written. A device or a pipe is
    written to and stays what it is. A folder is refused.
    """
    if str(file) == STANDARD_OUTPUT:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    try:
        target = file.resolve()
        if target.is_dir():
            raise CommandError(f"{plain(str(file))} is a folder: name a file in it.")
        if target.exists() and not target.is_file():
            target.write_bytes(content)
            return
        _replace(target, content)
    except (OSError, RuntimeError) as reason:
        why = getattr(reason, "strerror", None) or reason
        raise CommandError(f"{plain(str(file))} cannot be written: {why}.") from None


def _replace(target: Path, content: bytes) -> None:
    """All of it, or the file as it was; nothing is left beside it."""
    beside = target.with_name(f".{target.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(target)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
