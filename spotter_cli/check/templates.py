"""Texts that another program fills in before the request is sent: Jinja, Step Functions, CloudFormation."""

import re
from collections.abc import Mapping
from typing import Any

from spotter.core.check.request import Open, PartlyKnown, Unknown

JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
"""`{{ params.wait }}`, as Airflow fills it in, and `{% ... %}`, as JSONata and Jinja have it."""

SUBSTITUTED = re.compile(r"\$\{[^}]*\}")
"""`${Bucket}`, as CloudFormation fills it in."""

DEEPEST = 60


def opened(value: Any, *marks: re.Pattern[str], why: str, depth: int = 0) -> Any:
    """The value with every filled-in part unknown; a text that is nothing else is unknown whole."""
    if isinstance(value, str):
        return _text(value, marks, why)
    if depth > DEEPEST:
        return Unknown("it is nested too deep for a request")
    if isinstance(value, Mapping):
        held = {key: opened(v, *marks, why=why, depth=depth + 1) for key, v in value.items()}
        return Open(held, value.why) if isinstance(value, Open) else held
    if isinstance(value, list):
        return [opened(one, *marks, why=why, depth=depth + 1) for one in value]
    return value


def _text(text: str, marks: tuple[re.Pattern[str], ...], why: str) -> Any:
    parts: list[str | Unknown] = [text]
    for mark in marks:
        parts = [piece for part in parts for piece in _split(part, mark, why)]
    if len(parts) == 1:
        return parts[0]
    return PartlyKnown(why, tuple(parts)) if parts else text


def _split(part: str | Unknown, mark: re.Pattern[str], why: str) -> list[str | Unknown]:
    if isinstance(part, Unknown) or not mark.search(part):
        return [part]
    found: list[str | Unknown] = []
    place = 0
    for hole in mark.finditer(part):
        found += [part[place : hole.start()], Unknown(why)]
        place = hole.end()
    return [one for one in (*found, part[place:]) if one != ""]
