"""What a command says: facts and lines to standard output, remarks for people beside them."""

import json
from collections.abc import Iterable
from typing import Any

import typer


def show(found: dict[str, Any] | Iterable[str]) -> None:
    """Facts as JSON, words as lines."""
    if isinstance(found, dict):
        typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
        return
    for line in found:
        typer.echo(plain(line))


def say(line: str) -> None:
    """A line for people, beside what a script would read."""
    typer.echo(line, err=True)


def plain(text: str) -> str:
    """Text from elsewhere, without what a terminal would act on."""
    return "".join(c if c.isprintable() else "?" for c in text)
