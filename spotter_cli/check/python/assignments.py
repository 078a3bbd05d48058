"""Statements that bind names: assignments, imports, `del`, `global`."""

import ast
from dataclasses import dataclass

from spotter.core.check.request import Unknown
from spotter_cli.check import sdk_parameters
from spotter_cli.check.python import tables
from spotter_cli.check.python.context import MODULE, Context, computed, position
from spotter_cli.check.python.expressions import Expressions
from spotter_cli.check.python.values import (  # fmt: skip
    Arguments,
    Class,
    Instance,
    Items,
    JobObject,
    OneOf,
    ScriptDict,
    ScriptFunction,
    Value,
    named,
)


@dataclass
class Assignments:
    """Gives names, entries and attributes their values."""

    context: Context
    expressions: Expressions

    def assign(self, node: ast.Assign) -> None:
        value = self.expressions.of(node.value)
        for target in node.targets:
            self.bind(target, value)

    def assign_annotated(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.bind(node.target, self.expressions.of(node.value))

    def assign_augmented(self, node: ast.AugAssign) -> None:
        held = self.expressions.of(node.target)
        if isinstance(node.op, ast.Add) and isinstance(held, Items):
            more = self.expressions.of(node.value)
            held.extend(more if isinstance(more, Items) else ())
            seen = isinstance(more, Items) and more.why is None
            held.why = held.why if seen else f"line {node.lineno} may change it"
        elif isinstance(node.op, ast.BitOr) and isinstance(held, ScriptDict):
            tables.merge(held, self.expressions.of(node.value), node)
        else:
            self.bind(node.target, self.expressions.both(held, node.op, node.value, node))

    def bind(self, target: ast.expr, value: Value) -> None:
        """`target = value`, whatever the target is."""
        if isinstance(target, ast.Name):
            self.context.set(target.id, value)
        elif isinstance(target, ast.Tuple | ast.List):
            self._unpack(target, value)
        elif isinstance(target, ast.Starred):
            self.bind(target.value, computed(target))
        elif isinstance(target, ast.Subscript):
            self._store(target, value)
        elif isinstance(target, ast.Attribute):
            self.set_attribute(self.expressions.of(target.value), target.attr, value)

    def _unpack(self, target: ast.Tuple | ast.List, value: Value) -> None:
        plain = not any(isinstance(one, ast.Starred) for one in target.elts)
        seen = isinstance(value, Items) and value.why is None and len(value) == len(target.elts)
        for place, one in enumerate(target.elts):
            self.bind(one, value[place] if plain and seen else computed(target))

    def _store(self, target: ast.Subscript, value: Value) -> None:
        whole = self.expressions.of(target.value)
        key = None if isinstance(target.slice, ast.Slice) else self.expressions.of(target.slice)
        if isinstance(whole, ScriptDict):
            tables.put(whole, key, value, target)
        elif isinstance(whole, Items):
            if isinstance(key, int) and -len(whole) <= key < len(whole):
                whole[key] = value
            else:
                whole.blur(f"{position(target)} may change it")
        elif isinstance(whole, Unknown) and isinstance(key, str | int):
            self.context.set_of_unknown(whole, f"[{key!r}]", value)

    def set_attribute(self, owner: Value, name: str, value: Value) -> None:
        """`owner.name = value`."""
        if isinstance(owner, OneOf):
            for one in owner.options:
                self.set_attribute(one, name, value)
        elif setter := self._setter(owner, name):
            self.expressions.call(setter.node, setter, Arguments([owner, value]))
        elif isinstance(owner, JobObject):
            self.context.state.jobs[owner.number].later[name] = value
        elif isinstance(owner, Instance):
            owner.attributes[name] = value
        elif isinstance(owner, Class):
            self.context.state.scopes[owner.scope][name] = value
        elif isinstance(owner, ScriptDict) and owner.shape:
            owner[sdk_parameters.member_of(owner.shape, name)] = value
        elif isinstance(owner, Unknown):
            self.context.set_of_unknown(owner, name, value)

    def _setter(self, owner: Value, name: str) -> ScriptFunction | None:
        """What is called where this attribute is set: the setter of a property of the script."""
        made_by = self.context.state.class_of(owner)
        found = self.context.state.of_class(made_by, name) if made_by else None
        return found.setter if isinstance(found, ScriptFunction) else None

    def delete(self, node: ast.Delete) -> None:
        for target in node.targets:
            if isinstance(target, ast.Name):
                self.context.unset(target.id)
            elif isinstance(target, ast.Subscript):
                whole, key = self.expressions.of(target.value), self.expressions.of(target.slice)
                if isinstance(whole, ScriptDict) and isinstance(key, str):
                    whole.pop(key, None)
                elif isinstance(whole, ScriptDict | Items):
                    whole.blur(f"{position(node)} may change it")

    def import_modules(self, node: ast.Import) -> None:
        for one in node.names:
            top = one.name.partition(".")[0]
            self.context.set(one.asname or top, named(one.name if one.asname else top))

    def import_names(self, node: ast.ImportFrom) -> None:
        module = "." * node.level + (node.module or "")
        for one in node.names:
            if one.name == "*":
                self.context.starred += [module] if module.startswith("sagemaker") else []
            else:
                self.context.set(one.asname or one.name, named(f"{module}.{one.name}"))

    def declare_global(self, node: ast.Global) -> None:
        for name in node.names:
            self.context.shared[self.context.scope, name] = MODULE

    def declare_nonlocal(self, node: ast.Nonlocal) -> None:
        for name in node.names:
            self.context.shared[self.context.scope, name] = self.context.holder(name)
