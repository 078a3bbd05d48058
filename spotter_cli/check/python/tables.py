"""Putting into a mapping of a script that is known in part."""

import ast

from spotter.core.check.request import Unknown
from spotter_cli.check.python.context import position
from spotter_cli.check.python.values import ScriptDict, Value, is_plain


def put(into: ScriptDict, key: Value, value: Value, node: ast.AST) -> None:
    """`into[key] = value`; under a key that is not known it may be any entry."""
    if isinstance(key, str):
        into[key] = value
    elif is_plain(key):
        into.why = into.why or f"{position(node)} puts in a key that is no text"
    else:
        into.blur(f"{position(node)} puts in what is computed")


def merge(into: ScriptDict, more: Value, node: ast.AST) -> None:
    """`into.update(more)`; what is not seen to be in `more` may be anything."""
    if isinstance(more, ScriptDict):
        if more.why is not None:
            for key in into:
                into[key] = Unknown(more.why)
            into.why = more.why
        into.update(more)
    elif more is not None:
        into.blur(f"{position(node)} puts in what is computed")
