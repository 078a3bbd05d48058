"""What the parameters of a script's function are, given the arguments of a call."""

import ast

from spotter.core.check.request import Unknown
from spotter_cli.check.python.values import Arguments, Items, ScriptDict, ScriptFunction, Value


def parameters(
    function: ScriptFunction, given: Arguments, first: tuple[Value, ...] = ()
) -> ScriptDict:
    """The values of a function's parameters, as it is called; a method's first one is its object."""
    arguments = function.node.args
    names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
    by_position = [*first, *given.by_position]
    why = f"nothing in this file gives it to {function.name}"
    unseen = given.unseen or given.by_name.why
    found = all_parameters(function.node, Unknown(unseen or why), why)
    if not unseen:
        found.update(function.defaults)
    found.update(zip(names, by_position, strict=False))
    known = {*names, *(a.arg for a in arguments.kwonlyargs)}
    found.update({name: value for name, value in given.by_name.items() if name in known})
    if arguments.kwarg:
        rest = {name: value for name, value in given.by_name.items() if name not in known}
        found[arguments.kwarg.arg] = ScriptDict(rest, given.by_name.why)
    if arguments.vararg:
        found[arguments.vararg.arg] = Items(by_position[len(names) :], given.unseen)
    return found


def all_parameters(node: ast.AST, value: Value, why: str) -> ScriptDict:
    arguments: ast.arguments = node.args  # type: ignore[attr-defined]
    plain = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    found = ScriptDict({one.arg: Unknown(value.why) for one in plain})
    if arguments.kwarg:
        found[arguments.kwarg.arg] = ScriptDict(why=why)
    if arguments.vararg:
        found[arguments.vararg.arg] = Items(why=why)
    return found
