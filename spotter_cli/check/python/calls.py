"""What a call returns and changes: of the script's own functions, of Python's, of the SDK's."""

import ast
import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from spotter.core.check.request import PartlyKnown, Unknown
from spotter_cli.check import sdk_parameters
from spotter_cli.check.python import (
    cells,
    containers,
    dataclass_fields,
    partial_texts,
    plain_functions,
    tables,
)
from spotter_cli.check.python.context import MODULE, Context, computed, position
from spotter_cli.check.python.expressions import Expressions
from spotter_cli.check.python.flow import Flow
from spotter_cli.check.python.objects import from_library
from spotter_cli.check.python.parameters import parameters
from spotter_cli.check.python.state import either
from spotter_cli.check.python.values import (  # fmt: skip
    Arguments,
    Bound,
    Class,
    Curried,
    Instance,
    Items,
    JobObject,
    Named,
    OneOf,
    Outside,
    ScriptDict,
    ScriptFunction,
    Super,
    Suppressing,
    Value,
    comes_from_outside,
    is_plain,
    shallow,
)

HARMLESS = frozenset(
    {
        "print", "pprint", "len", "str", "repr", "sorted", "dumps", "dump", "info", "debug", "warning",
        "error", "display", "isinstance", "id", "type", "any", "all", "enumerate", "zip", "hash",
        "safe_dump", "log", "exception", "echo", "write", "send", "tqdm", "join", "issubclass", "hasattr",
        "field", "add_argument", "cast", "list", "tuple", "iter", "append",
    }
)  # fmt: skip
"""Functions that leave what they are given as it is."""

PLAIN_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "int": int, "float": float, "str": str, "bool": bool, "round": round, "abs": abs,
    "min": min, "max": max,
}  # fmt: skip
ENVIRONMENT = ("os.getenv", "os.environ.get")
COMMAND_LINE = ("parse_args", "parse_known_args")
COPIES = ("copy.deepcopy", "copy.copy")
PATHS = (
    "os.path.join",
    "posixpath.join",
    "sagemaker.s3.s3_path_join",
    "sagemaker.s3_utils.s3_path_join",
)
SDKS = ("sagemaker.", "boto3.", "sagemaker_core.", "stepfunctions.")
"""Packages that leave what they are given as it is: tuners, steps and pipelines keep the job objects."""

ITERATED = ("enumerate", "zip", "reversed")
ATTRIBUTE_OF = {"getattr": (2, 3), "setattr": (3,)}
"""How many arguments they take; the second is the attribute's name."""


@dataclass
class Calls:
    """Follows calls. Each call is given to `jobs` first, which recognises the calls that create a training job."""

    context: Context
    jobs: Any
    flow: Flow = field(init=False)

    def __post_init__(self) -> None:
        self.flow = Flow(self.context, Expressions(self.context, self.call), self.jobs.decorated)
        self.jobs.flow = self.flow

    def call(self, node: Any, function: Value, given: Arguments) -> Value:
        """The value of a call; what it may change is unknown afterwards."""
        if isinstance(function, OneOf):
            return either([self.call(node, one, given) for one in function.options], function.why)
        if isinstance(function, Curried):
            return self.call(node, function.function, given.after(function.given))
        if isinstance(function, Bound) and (method := self._own_method(function)):
            return self._entered(method, given, function.owner)
        made = self.jobs.call(node, function, given)
        if isinstance(made, JobObject) and isinstance(function, Class):
            self._begun(function, given, made)
        if made is not None:
            return made
        if isinstance(function, ScriptFunction):
            return self.flow.call(node, function, given)
        if isinstance(function, Class):
            return self._made(node, function, given)
        if isinstance(function, Named):
            return self._imported(node, function.dotted, given)
        if isinstance(function, Bound):
            return self._method(node, function, given)
        self._handed_on(node, "", given)
        return computed(node)

    def _made(self, node: ast.Call, made_by: Class, given: Arguments) -> Value:
        """An object of a class of the script; of what it inherits from elsewhere nothing is known."""
        found = Instance(made_by)
        begin = dataclass_fields.begins(made_by)
        if begin:
            return self._initialised(found, begin, given)
        self._give(found, given)
        return self._after_init(found)

    def _give(self, made: Instance, given: Arguments) -> None:
        """The attributes that an `__init__` sets which a dataclass or a library makes."""
        made_by = made.made_by
        held = dataclass_fields.given_to(made_by, given)
        made.attributes.update(held)
        made.attributes.why = made.attributes.why or held.why
        self._add_factories(made)
        made.attributes.why = made.attributes.why or dataclass_fields.may_be_set(made_by)
        if dataclass_fields.is_validated(made_by):
            made.attributes.blur(f"the class {made_by.node.name} may set it")

    def _after_init(self, made: Instance) -> Value:
        """The object of a dataclass after its `__post_init__`, which is given the values of each InitVar."""
        after = made.made_by.find("__post_init__")
        if not isinstance(after, ScriptFunction) or not dataclass_fields.is_dataclass(made.made_by):
            return made
        fields, held = dataclass_fields.fields(made.made_by), made.attributes
        of_init = [name for name, one in fields.items() if one.of_init]
        of_class = self.context.state.of_class
        for name in () if held.why else of_init:
            held.setdefault(name, of_class(made.made_by, name))
        given = [held.pop(name, Unknown(held.why or "")) for name in of_init]
        return self._initialised(made, after, Arguments(given))

    def _initialised(self, made: Instance, begin: ScriptFunction, given: Arguments) -> Value:
        """The object after this method: kept in the state, whose branches work on copies of it."""
        key = f"made at depth {len(self.context.calls)}"
        self.context.state.seen[key] = made
        self._entered(begin, given, made)
        return self.context.state.seen.pop(key)

    def _begun(self, made_by: Class, given: Arguments, made: JobObject) -> None:
        """The `__init__` of a class that derives from one of the SDK's; `super().__init__()` gives the rest."""
        begin = made_by.find("__init__")
        if isinstance(begin, ScriptFunction):
            self._entered(begin, given, made)

    def _own_method(self, function: Bound) -> ScriptFunction | None:
        """A method that the class of the script gives to a job object."""
        owner = function.owner
        made_by = (
            self.context.state.jobs[owner.number].made_by if isinstance(owner, JobObject) else None
        )
        found = made_by.find(function.name) if made_by else None
        return found if isinstance(found, ScriptFunction) else None

    def _super(self) -> Super:
        """`super()` in the method that is followed; its object is the one of this branch."""
        first = next(iter(self.context.calls[-1].args.args), None)  # type: ignore[attr-defined]
        owner = self.context.find(first.arg) if first else None
        return Super(owner, self.context.methods[-1])

    def _above(self, node: ast.Call, above: Super, name: str, given: Arguments) -> Value:
        """`super().name()`: of a class of the script, or of one of the SDK's."""
        for base in above.made_by.bases:
            method = base.find(name) if isinstance(base, Class) else None
            if isinstance(method, ScriptFunction):
                return self._entered(method, given, above.owner)
        if isinstance(above.owner, Instance) and name == "__init__":
            self._handed_on(node, name, given)
            self._give(above.owner, given)
            return None
        if not isinstance(above.owner, JobObject):
            self._handed_on(node, name, given)
            return computed(node)
        if name == "__init__":
            self.jobs.given_to_the_sdk(above, given)
            return None
        made = self.jobs.call(node, Bound(computed(node).why, above.owner, name), given)
        return computed(node) if made is None else made

    def _add_factories(self, made: Instance) -> None:
        """The fields whose default a `field(...)` makes; their names are those of the module."""
        outer, self.context.scope = self.context.scope, MODULE
        for name, (how, node) in dataclass_fields.factories(made.made_by, made.attributes).items():
            value = self.flow.expressions.of(node)
            if how == "default_factory":
                value = self.call(node, value, Arguments())
            made.attributes[name] = value
        self.context.scope = outer

    def _entered(self, method: ScriptFunction, given: Arguments, owner: Value) -> Value:
        """A method of the script; a static one has no object, a class's has the class."""
        made_by = self._class_of(owner)
        of_class = method.decorated_by("classmethod") and made_by is not None
        first = () if method.decorated_by("staticmethod") else (made_by if of_class else owner,)
        if not self.context.may_follow(method.node):
            return computed(method.node)
        if made_by is None:
            return self.flow.enter(method, parameters(method, given, first))
        self.context.methods.append(made_by.defines(method))
        found = self.flow.enter(method, parameters(method, given, first))
        self.context.methods.pop()
        return found

    def _class_of(self, owner: Value) -> Class | None:
        return owner if isinstance(owner, Class) else self.context.state.class_of(owner)

    def _imported(self, node: ast.Call, dotted: str, given: Arguments) -> Value:
        name, why = dotted.rpartition(".")[2], computed(node).why
        if dotted in ENVIRONMENT:
            return Outside(f"the environment sets it, in {position(node)}")
        if dotted == "contextlib.suppress":
            return Suppressing(why)
        if dotted == "functools.partial" and given.by_position:
            first, *rest = given.by_position
            return Curried(first, Arguments(rest, given.by_name, given.positions, given.unseen))
        if dotted in COPIES and len(given.by_position) == 1:
            held = given.by_position[0]
            if isinstance(held, JobObject):
                return self.jobs.copied(node, held, deep=name == "deepcopy")
            return copy.deepcopy(held) if name == "deepcopy" else shallow(held)
        if dotted == "itertools.product" and not given.unseen and not given.by_name:
            return plain_functions.iterated("product", given.by_position, computed(node))
        if (made := from_library(dotted, given, self.context.state)) is not None:
            return self._after_init(made) if dotted == "dataclasses.replace" else made
        if dotted in PATHS:
            return partial_texts.path(given.by_position, why) if not given.unseen else Unknown(why)
        if shaped := sdk_parameters.shape(dotted):
            names = sdk_parameters.positions(dotted)
            arguments = given.named(names)
            if len(given.by_position) > len(names):
                arguments.why = arguments.why or f"{position(node)} may give it by position"
            return shaped(arguments)
        if not dotted.startswith(SDKS):
            self._handed_on(node, name, given)
        return computed(node)

    def _method(self, node: ast.Call, function: Bound, given: Arguments) -> Value:
        owner, name, why = function.owner, function.name, computed(node).why
        if name == "run_cell_magic":
            return self._cell(node, given.by_position)
        if owner is None:
            return self._builtin(node, name, given)
        if name == "__setattr__" and len(given.by_position) == 3:
            return self._builtin(node, "setattr", given)
        if made_by := self._class_of(owner):
            method = made_by.find(name)
            if isinstance(method, ScriptFunction):
                return self._entered(method, given, owner)
        if isinstance(owner, Super):
            return self._above(node, owner, name, given)
        if isinstance(owner, timedelta) and name == "total_seconds":
            return owner.total_seconds()
        if isinstance(owner, str | PartlyKnown):
            return plain_functions.of_text(owner, name, given, why)
        if isinstance(owner, ScriptDict):
            return containers.of_table(node, owner, name, given)
        if isinstance(owner, Items):
            return containers.of_items(node, owner, name, given)
        self._handed_on(node, name, given)
        if name in COMMAND_LINE:
            parsed = Outside(f"the command line sets it, in {position(node)}")
            return Items([parsed, computed(node)]) if name == "parse_known_args" else parsed
        return Outside(why) if comes_from_outside(owner) else computed(node)

    def _cell(self, node: ast.Call, given: list[Value]) -> Value:
        """A cell with a magic, as an exported notebook has it: its text stands among the arguments."""
        magic, source = (given[0], given[-1]) if len(given) == 3 else (None, None)
        if isinstance(magic, str) and magic in cells.RUN_THE_CELL and isinstance(source, str):
            try:
                tree = cells.parsed(source, position(node).cell)
            except (cells.NotPython, cells.TooDeep):
                return computed(node)
            for one in ast.walk(tree):
                if hasattr(one, "lineno"):
                    one.lineno = node.lineno
            self.flow.block(tree.body)
        return computed(node)

    def _builtin(self, node: ast.Call, name: str, given: Arguments) -> Value:
        """Python's own functions on known values."""
        plain = [*given.by_position, *given.by_name.values()]
        if name == "super" and len(plain) in (0, 2) and self.context.methods:
            return self._super()
        if name == "dict" and len(given.by_position) <= 1 and not given.unseen:
            found = ScriptDict()
            for more in given.by_position:
                containers.put_in(found, more, node)
            tables.merge(found, given.by_name, node)
            return found
        if (
            len(plain) in ATTRIBUTE_OF.get(name, ())
            and isinstance(plain[1], str)
            and not given.unseen
        ):
            if name == "getattr":
                return self.flow.expressions.attribute(plain[0], plain[1], node)
            self.flow.assignments.set_attribute(*plain)
            return None
        if name in ITERATED and not given.unseen and set(given.by_name) <= {"start", "strict"}:
            start = [given.by_name["start"]] if "start" in given.by_name else []
            return plain_functions.iterated(name, [*given.by_position, *start], computed(node))
        if name in ("list", "tuple") and len(plain) == 1 and isinstance(plain[0], Items):
            return Items(list(plain[0]), plain[0].why)
        if name == "str" and len(plain) == 1:
            return partial_texts.joined(
                [partial_texts.piece(plain[0], computed(node).why)], computed(node).why
            )
        if name == "len" and len(plain) == 1:
            return plain_functions.size(plain[0], computed(node))
        if name == "range" and plain and all(isinstance(one, int) for one in plain):
            return plain_functions.numbers(plain, computed(node))
        if name in PLAIN_FUNCTIONS and plain and all(map(is_plain, plain)) and not given.unseen:
            return plain_functions.result(PLAIN_FUNCTIONS[name], given, computed(node))
        self._handed_on(node, name, given)
        outside = name in PLAIN_FUNCTIONS and any(map(comes_from_outside, plain))
        return Outside(computed(node).why) if outside else computed(node)

    def _handed_on(self, node: ast.Call, name: str, given: Arguments) -> None:
        """Whoever is handed a mapping, a list, an object or a class may change it."""
        name = name or getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name in HARMLESS:
            return
        for one in (*given.by_position, *(given.by_name[key] for key in given.positions)):
            self.context.state.blur(one, f"{position(node)} may change it")
