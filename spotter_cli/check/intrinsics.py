"""Texts that a service makes from its input: what of them is known before it runs.

Step Functions has `States.Format('s3://ml/{}/', $.name)` in a member whose name ends with `.$`, and in
JSONata `{% 's3://ml/' & $states.input.name & '/' %}`; CloudFormation has Fn::Sub and Fn::Join, and
SageMaker Pipelines Std:Join.
https://docs.aws.amazon.com/step-functions/latest/dg/intrinsic-functions.html
https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from spotter.core.check.request import PartlyKnown, Unknown

LONGEST = 10_000
"""Characters of one expression; a state machine's whole definition has a million at most."""

_FORMAT = re.compile(r"\s*States\.Format\(\s*'((?:[^'\\]|\\.)*)'\s*,.*\)\s*", re.DOTALL)
_HOLES = re.compile(r"(?<!\\)\{\}")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_JSONATA = re.compile(r"\{%(.*)%\}", re.DOTALL)
_PIECE = re.compile(
    r"""\s*(?:'(?P<single>[^'\\]*)'|"(?P<double>[^"\\]*)"|(?P<path>\$+[\w.$]*|[\d.]+))\s*"""
)


def value(given: Any, why: str) -> Any:
    """What a member with a path or an intrinsic function gets: of States.Format the template is known."""
    found = _FORMAT.fullmatch(given) if isinstance(given, str) and len(given) <= LONGEST else None
    if not found:
        return Unknown(why)
    first, *rest = (_ESCAPED.sub(r"\1", one) for one in _HOLES.split(found[1]))
    pieces: list[str | Unknown] = [first]
    for one in rest:
        pieces += [Unknown(why), one]
    return _joined(pieces, why)


def expression(text: str, why: str) -> Any:
    """A text; of one that is a JSONata expression the quoted pieces that it joins with `&` are known."""
    found = _JSONATA.fullmatch(text.strip()) if len(text) <= LONGEST else None
    if not found:
        return text
    pieces = [_PIECE.fullmatch(one) for one in found[1].split("&")]
    if not all(pieces):
        return Unknown(why)
    return _joined((_known(one, why) for one in pieces if one), why)


def of_template(function: Mapping[str, Any], why: str) -> Any:
    """CloudFormation's `Fn::Sub` is a text with `${...}` in it, `Fn::Join` one of pieces; others are unknown."""
    [given, *_] = function.values()
    if "Fn::Sub" in function:
        text = given[0] if isinstance(given, list) and given else given
        return text if isinstance(text, str) else Unknown(why)
    if "Fn::Join" in function and isinstance(given, list) and len(given) == 2:
        return _between(given[0], given[1], why)
    return Unknown(why)


def of_pipeline(join: Any, why: str) -> Any:
    """`{"On": "/", "Values": ["s3://ml", {"Get": "Parameters.Name"}]}`."""
    if not isinstance(join, Mapping):
        return Unknown(why)
    return _between(join.get("On", ""), join.get("Values"), why)


def _between(separator: Any, values: Any, why: str) -> Any:
    """The values with the separator between them; those that are no text are unknown."""
    if not isinstance(separator, str) or not isinstance(values, list) or not values:
        return Unknown(why)
    pieces: list[str | Unknown] = []
    for one in values:
        pieces += [separator, one if isinstance(one, str) else Unknown(why)]
    return _joined(pieces[1:], why)


def _known(piece: re.Match[str], why: str) -> str | Unknown:
    known = piece["single"] if piece["single"] is not None else piece["double"]
    return Unknown(why) if known is None else known


def _joined(pieces: Iterable[str | Unknown], why: str) -> Any:
    """One text of these pieces; Unknown where none of them is known."""
    parts: list[str | Unknown] = []
    for one in pieces:
        if isinstance(one, str) and parts and isinstance(parts[-1], str):
            parts[-1] += one
        elif one != "":
            parts.append(one)
    if all(isinstance(one, str) for one in parts):
        return "".join(one for one in parts if isinstance(one, str))
    return (
        PartlyKnown(why, tuple(parts))
        if any(isinstance(one, str) for one in parts)
        else Unknown(why)
    )
