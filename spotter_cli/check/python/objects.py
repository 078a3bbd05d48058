"""Objects that libraries make: SimpleNamespace, durations, copies of dataclasses, and what JSON and YAML text holds."""

import ast
import json
import textwrap
from datetime import timedelta
from typing import Any

from spotter.core.check.request import Unknown
from spotter_cli.check import yaml_text
from spotter_cli.check.python.dataclass_fields import is_dataclass, names
from spotter_cli.check.python.state import ScriptState
from spotter_cli.check.python.values import (  # fmt: skip
    Arguments,
    Class,
    Instance,
    Items,
    ScriptDict,
    Value,
    is_plain,
)

LONGEST_TEXT = 20_000
YAML = ("yaml.safe_load", "yaml.full_load", "yaml.load")
NOWHERE = -1
NAMESPACE = Class(ast.ClassDef("SimpleNamespace", [], [], [], []), {}, (), NOWHERE)
"""Its objects have what they are given, and nothing of a class."""


def from_library(dotted: str, given: Arguments, state: ScriptState) -> Value | None:
    """What a function of these libraries makes; None if it is another, or that is not known."""
    first = given.by_position[0] if given.by_position and not given.unseen else None
    if dotted == "types.SimpleNamespace" and not given.by_position and not given.unseen:
        return Instance(NAMESPACE, ScriptDict(given.by_name, given.by_name.why))
    if dotted == "datetime.timedelta" and not given.unseen and not given.by_name.why:
        return _duration(given)
    if isinstance(first, str) and len(first) <= LONGEST_TEXT:
        if dotted == "json.loads":
            return _of_json(first)
        if dotted in YAML:
            return _of_yaml(first)
        return textwrap.dedent(first) if dotted == "textwrap.dedent" else None
    if not isinstance(first, Instance):
        return None
    if dotted == "dataclasses.asdict":
        return _as_table(first, state)
    if dotted == "dataclasses.replace":
        held = ScriptDict(
            first.attributes | given.by_name, first.attributes.why or given.by_name.why
        )
        return Instance(first.made_by, held)
    return None


def _as_table(owner: Instance, state: ScriptState) -> ScriptDict | None:
    """The fields of an object; None where its class derives them from elsewhere."""
    made_by, held = owner.made_by, owner.attributes
    if made_by.imported() or not is_dataclass(made_by):
        return None
    found = ScriptDict(why=held.why)
    for name in names(made_by):
        value = held[name] if name in held else state.of_class(made_by, name)
        inner = _as_table(value, state) if isinstance(value, Instance) else None
        found[name] = value if inner is None else inner
    if held.why:
        found.blur(held.why)
    return found


def _of_json(text: str) -> Value | None:
    try:
        return _value(json.loads(text))
    except (ValueError, RecursionError):
        return None


def _of_yaml(text: str) -> Value | None:
    try:
        found = yaml_text.loaded(text)
    except yaml_text.NotYaml:
        return None
    return _value(found[0]) if len(found) == 1 else None


def _duration(given: Arguments) -> timedelta | None:
    try:
        return timedelta(*given.by_position, **given.by_name)
    except (TypeError, ValueError, OverflowError):
        return None


def _value(read: Any) -> Value:
    if isinstance(read, dict):
        return ScriptDict({key: _value(one) for key, one in read.items()})
    if isinstance(read, list):
        return Items([_value(one) for one in read])
    return read if is_plain(read) or isinstance(read, Unknown) else None
