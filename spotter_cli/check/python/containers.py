"""The methods of mappings and lists, and what `dict(...)` takes."""

import ast

from spotter.core.check.request import Unknown
from spotter_cli.check.python import tables
from spotter_cli.check.python.context import computed, position
from spotter_cli.check.python.values import (
    Arguments,
    Items,
    ScriptDict,
    Value,
    one_of,
    shallow,
    turns,
)


def put_in(found: ScriptDict, more: Value, node: ast.AST) -> None:
    """`dict(more)`, of a mapping or of pairs."""
    pairs = turns(more) if isinstance(more, Items) else None
    if pairs is None or any(len(turns(one) or ()) != 2 for one in pairs):
        tables.merge(found, more, node)
        return
    for key, value in pairs:
        tables.put(found, key, value, node)


def any_entry(whole: ScriptDict | Items, unknown: Unknown) -> Unknown:
    """The entry under a key that is not known: Unknown, or one of those that make jobs."""
    return one_of(whole.values() if isinstance(whole, ScriptDict) else whole, unknown.why)


def of_table(node: ast.Call, owner: ScriptDict, name: str, given: Arguments) -> Value:
    key = given.by_position[0] if given.by_position else None
    otherwise = given.by_position[1] if len(given.by_position) > 1 else None
    if name == "get" and isinstance(key, Unknown):
        return one_of([any_entry(owner, computed(node)), otherwise], computed(node).why)
    if name == "update":
        for more in given.by_position:
            tables.merge(owner, more, node)
        tables.merge(owner, given.by_name, node)
        return None
    if name in ("get", "pop", "setdefault") and isinstance(key, str):
        held = owner.get(key, Unknown(owner.why) if owner.why else otherwise)
        if name == "pop":
            owner.pop(key, None)
        elif name == "setdefault":
            owner.setdefault(key, held)
        return held
    if name == "copy":
        return shallow(owner)
    if name in ("keys", "values", "items"):
        pairs: dict[str, list[Value]] = {
            "keys": list(owner),
            "values": list(owner.values()),
            "items": [Items([k, v]) for k, v in owner.items()],
        }
        return Items(pairs[name], owner.why)
    if name == "clear":
        owner.clear()
        owner.why = None
    elif name != "get":
        owner.blur(f"{position(node)} may change it")
    return computed(node)


def of_items(node: ast.Call, owner: Items, name: str, given: Arguments) -> Value:
    if name == "append" and len(given.by_position) == 1:
        owner.append(given.by_position[0])
        return None
    if name == "extend" and given.by_position and isinstance(given.by_position[0], Items):
        owner.extend(given.by_position[0])
        owner.why = owner.why or given.by_position[0].why
        return None
    if name == "copy":
        return shallow(owner)
    if name not in ("index", "count"):
        owner.blur(f"{position(node)} may change it")
    return computed(node)
