"""YAML as plain values: what a tag of CloudFormation stands for is unknown, and nothing grows without bound."""

from typing import Any

import yaml

from spotter.core.check.request import Unknown

MOST_VALUES = 100_000
"""Values of a YAML document with every alias written out."""


class NotYaml(ValueError):
    """The text is not YAML, or holds too much; the message says which."""


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader, which makes plain values only; what a tag stands for is unknown."""


def _tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    """`!Ref Bucket` and `!Sub ...` of CloudFormation. A text that is substituted stays a text."""
    if suffix == "Sub" and isinstance(node, yaml.ScalarNode):
        return node.value
    return Unknown(f"!{suffix} fills it in later")


_Loader.add_multi_constructor("!", _tagged)


def loaded(content: bytes | str) -> list[Any]:
    """Every document in the text; NotYaml names what is wrong with it, and the line where that is known."""
    try:
        found = list(yaml.load_all(content, _Loader))
    except yaml.YAMLError as mistake:
        mark = getattr(mistake, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark else ""
        problem = getattr(mistake, "problem", None) or "it is no text in UTF-8"
        raise NotYaml(f"is not YAML: {where}{problem}") from None
    except (RecursionError, ValueError) as mistake:
        raise NotYaml(f"is not YAML: {mistake}") from None
    if _values(found, {}) > MOST_VALUES:
        raise NotYaml(f"has more than {MOST_VALUES:,} values: no request has")
    return found


def _values(value: Any, counted: dict[int, int]) -> int:
    """How many values there are with every alias written out; one that holds itself has too many."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in counted:
        counted[id(value)] = MOST_VALUES + 1  # met again from within, it holds itself
        inside = value.values() if isinstance(value, dict) else value
        counted[id(value)] = 1 + sum(_values(one, counted) for one in inside)
    return counted[id(value)]
