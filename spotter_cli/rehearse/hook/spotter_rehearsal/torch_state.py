"""PyTorch: fingerprints of weights, buffers, optimizer state and schedule, without a copy where that is possible.

The modules and the schedulers are those that the interpreter's garbage collector knows. A module that is part
of no other one is a root; parameters are named from there, so that both attempts name them alike.
"""

from __future__ import annotations

import ctypes
import gc
import sys
import time
import weakref
import zlib
from collections.abc import Iterator
from typing import Any

from .training import session

WHOLE = 1 << 16
"""Bytes of a tensor up to which all are read."""
BLOCK, BLOCKS = 1 << 12, 16
"""Beyond that, so many blocks at even distances: as many bytes."""
VALUES = 200
"""Weights of which two values are written, to tell rounding from loss."""
SCHEDULER_NUMBERS = ("last_epoch", "best", "num_bad_epochs", "cooldown_counter", "T_cur", "T_i")
ALONE = 4
"""Steps after which a second optimizer of the same parameters is no partner of the first one."""
RESCAN = 50
"""Objects are searched again when so many times the search's own time has passed."""


class Known:
    """An optimizer, in the order in which they made their first steps; `made` counts all that there were."""

    def __init__(self, optimizer: Any, made: int) -> None:
        self.optimizer = weakref.ref(optimizer)
        self.made = made
        self.begun = 0
        self.is_new = True
        self.lr: list[float] = []


class Found:
    """Modules and schedulers, as of the last search."""

    def __init__(self) -> None:
        self.roots: list[tuple[str, Any]] = []
        self.schedulers: list[Any] = []
        self.scalers: list[Any] = []
        self.at = 0.0
        self.took = 0.0
        self.optimizers = 0


_optimizers: list[Known] = []
_known: dict[int, Known] = {}
_found = Found()


def known(optimizer: Any) -> Known:
    one = _known.get(id(optimizer))
    if one is None or one.optimizer() is not optimizer:
        made = _optimizers[-1].made + 1 if _optimizers else 1
        # One that a later phase of the training put in place of others is the first again.
        _optimizers[:] = [other for other in _optimizers if not _is_replaced(other, optimizer)]
        one = _known[id(optimizer)] = Known(optimizer, made)
        # Of several, those after the first make their first step within a step that has begun.
        one.begun = max(0, session.steps - 1) if _optimizers else session.steps
        _optimizers.append(one)
    return one


def _is_replaced(one: Known, by: Any) -> bool:
    """True of an optimizer that is gone, or made some steps alone before another one got its parameters."""
    optimizer = one.optimizer()
    if optimizer is None:
        return True
    ours = {id(parameter) for group in optimizer.param_groups for parameter in group["params"]}
    shared = any(
        id(parameter) in ours for group in by.param_groups for parameter in group["params"]
    )
    return shared and one.begun > ALONE


def number_of(one: Known) -> int:
    """Its place among the optimizers that are in use; a replaced one that is used again comes after them."""
    if one not in _optimizers:
        _optimizers.append(one)
    return _optimizers.index(one)


def rates() -> list[float]:
    return [rate for one in _optimizers for rate in one.lr]


def everything() -> dict[str, dict[str, Any]]:
    """The state of all optimizers and modules, for a save; empty before the first step of an optimizer."""
    if not _optimizers:
        return {}
    search()
    parts: dict[str, dict[str, Any]] = {"optimizer": {}, "schedule": schedule()}
    names = _names()
    trained: dict[str, Any] = {}
    for one in _optimizers:
        trained.update(_parameters(one, names))
        parts["optimizer"].update(_optimizer_state(one, names))
    parts["optimizer"].update(_scalers())
    parts["weights"], parts["copies"] = _beside(trained)
    parts["values"] = _values(trained)
    parts["buffers"] = buffers()
    return parts


def before_first_step(one: Known) -> dict[str, dict[str, Any]]:
    """The state of one optimizer and what it trains, before it changes anything."""
    search()
    names = _names()
    trained = _parameters(one, names)
    weights, copies = _beside(trained)
    return {
        "weights": weights,
        "copies": copies,
        "values": _values(trained),
        "optimizer": {**_optimizer_state(one, names), **_scalers()},
        "schedule": schedule(),
    }


def _made() -> int:
    return _optimizers[-1].made if _optimizers else 0


def search() -> None:
    """Find roots and schedulers again, unless that would cost more than 2 % of the time.

    Names depend on the optimizers that are known: after a new one's first step all are found again.
    """
    now = time.monotonic()
    is_known = _found.at and _found.optimizers == _made()
    if is_known and now - _found.at < RESCAN * _found.took:
        return
    torch = sys.modules["torch"]
    scheduler_types = tuple(
        one
        for name in ("LRScheduler", "_LRScheduler", "ReduceLROnPlateau")
        if isinstance(one := getattr(torch.optim.lr_scheduler, name, None), type)
    )
    scaler_types = tuple(
        one
        for module in (getattr(torch, "amp", None), torch.cuda.amp)
        if isinstance(one := getattr(module, "GradScaler", None), type)
    )
    kinds: dict[type, int] = {}
    modules: list[Any] = []
    schedulers: list[Any] = []
    scalers: list[Any] = []
    for thing in gc.get_objects():
        kind = type(thing)
        sort = kinds.get(kind)
        if sort is None:
            sort = kinds[kind] = _sort_of(kind, torch.nn.Module, scheduler_types, scaler_types)
        if sort == 1:
            modules.append(thing)
        elif sort == 2:
            schedulers.append(thing)
        elif sort == 3:
            scalers.append(thing)
    children = {id(child) for one in modules for child in one.__dict__.get("_modules", {}).values()}
    roots = [one for one in modules if id(one) not in children and _has_tensors(one)]
    _found.roots = [(name, weakref.ref(one)) for name, one in _named(roots)]
    _found.schedulers = [weakref.ref(one) for one in schedulers]
    _found.scalers = [weakref.ref(one) for one in scalers]
    _found.optimizers = _made()
    _found.at = time.monotonic()
    _found.took = _found.at - now


def _sort_of(
    kind: type, module: type, schedulers: tuple[type, ...], scalers: tuple[type, ...]
) -> int:
    try:
        if issubclass(kind, module):
            return 1
        return 2 if issubclass(kind, schedulers) else 3 if issubclass(kind, scalers) else 0
    except TypeError:
        return 0


def _has_tensors(module: Any) -> bool:
    try:
        return (
            next(module.parameters(), None) is not None or next(module.buffers(), None) is not None
        )
    except Exception:
        return False


def _named(roots: list[Any]) -> Iterator[tuple[str, Any]]:
    """Names by class. Of several of one class first those that are trained, in the optimizers' order: their values change."""
    ours = _trained_places()
    by_class: dict[str, list[Any]] = {}
    for root in roots:
        by_class.setdefault(type(root).__name__, []).append(root)
    for name in sorted(by_class):
        same = by_class[name]
        if len(same) > 1:
            same.sort(key=lambda root: (_first_place(root, ours), _sizes(root), _whole(root)))
        for number, root in enumerate(same):
            yield (name if not number else f"{name}#{number + 1}"), root


def _trained_places() -> dict[int, tuple[int, int]]:
    """Of each trained parameter, by its identity: its optimizer's number, and its place there."""
    found: dict[int, tuple[int, int]] = {}
    for number, known_one in enumerate(_optimizers):
        groups = getattr(known_one.optimizer(), "param_groups", ())
        every = [parameter for group in groups for parameter in group["params"]]
        for place, parameter in enumerate(every):
            found.setdefault(id(parameter), (number, place))
    return found


def _trained_ids() -> set[int]:
    return set(_trained_places())


def _first_place(root: Any, places: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Those that are not trained come last."""
    last = (len(_optimizers), 0)
    return min((places.get(id(parameter), last) for parameter in root.parameters()), default=last)


def _is_trained(root: Any, ours: set[int]) -> bool:
    return any(id(parameter) in ours for parameter in root.parameters())


def _sizes(root: Any) -> str:
    return str([tuple(parameter.shape) for parameter in root.parameters()][:50])


def _whole(root: Any) -> str:
    return "".join(fingerprint(parameter) or "" for parameter in root.parameters())[:4000]


def _roots() -> list[tuple[str, Any]]:
    return [(name, root) for name, ref in _found.roots if (root := ref()) is not None]


def _names() -> dict[int, str]:
    names: dict[int, str] = {}
    for root_name, root in _roots():
        for name, parameter in root.named_parameters():
            names.setdefault(
                id(parameter), "{}.{}".format(root_name, name.replace("_orig_mod.", ""))
            )
    return names


def _parameters(one: Known, names: dict[int, str]) -> dict[str, Any]:
    optimizer = one.optimizer()
    if optimizer is None:
        return {}
    every = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    return {
        names.get(id(parameter), f"optimizer {number_of(one)}.{place}"): parameter
        for place, parameter in enumerate(every)
    }


def _beside(trained: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fingerprints of what is trained with the rest of its modules, and of modules that are not trained."""
    ours = {id(parameter) for parameter in trained.values()}
    weights = {name: fingerprint(parameter) for name, parameter in trained.items()}
    copies: dict[str, Any] = {}
    every = _trained_ids()
    for root_name, root in _roots():
        into = weights if _is_trained(root, ours) else copies
        if into is copies and _is_trained(root, every):
            continue
        for name, parameter in root.named_parameters():
            if id(parameter) not in every:
                full = "{}.{}".format(root_name, name.replace("_orig_mod.", ""))
                into[full] = fingerprint(parameter)
        if into is copies:
            copies.update(_buffers_of(root_name, root))
    return weights, copies


def buffers() -> dict[str, Any]:
    """Fingerprints of the buffers that a state_dict holds, of modules with trained parameters."""
    if not _found.at:
        search()
    found: dict[str, Any] = {}
    for root_name, root in _roots():
        found.update(_buffers_of(root_name, root))
    return found


def _buffers_of(root_name: str, root: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for prefix, module in root.named_modules():
        left_out = module.__dict__.get("_non_persistent_buffers_set", ())
        for name, buffer in module.__dict__.get("_buffers", {}).items():
            if buffer is not None and name not in left_out:
                full = ".".join(part for part in (root_name, prefix, name) if part)
                found[full.replace("_orig_mod.", "")] = fingerprint(buffer)
    return found


def _optimizer_state(one: Known, names: dict[int, str]) -> dict[str, Any]:
    optimizer = one.optimizer()
    if optimizer is None:
        return {}
    found: dict[str, Any] = {}
    for name, parameter in _parameters(one, names).items():
        held = optimizer.state.get(parameter)
        for key, value in (held or {}).items():
            full = f"{number_of(one)}.{name}.{key}"
            found[full] = fingerprint(value) if _is_tensor(value) else repr(value)[:200]
    return found


def _scalers() -> dict[str, Any]:
    """The scale of each gradient scaler that is in use, and the steps since it changed."""
    found: dict[str, Any] = {}
    for ref in _found.scalers:
        one = ref()
        held = one.state_dict() if one is not None else {}
        if held:
            name = f"GradScaler#{len(found) // 2 + 1}" if found else "GradScaler"
            found[f"{name}.scale"] = repr(held.get("scale"))
            found[f"{name}.growth_tracker"] = repr(held.get("_growth_tracker"))
    return found


def schedule() -> dict[str, Any]:
    """What each scheduler counts, by its class."""
    found: dict[str, list[str]] = {}
    for ref in _found.schedulers:
        one = ref()
        if one is not None:
            numbers = [f"{n}={one.__dict__[n]!r}" for n in SCHEDULER_NUMBERS if n in one.__dict__]
            found.setdefault(type(one).__name__, []).append(" ".join(numbers))
    return {name: sorted(values) for name, values in found.items()}


def _values(trained: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, parameter in list(trained.items())[:VALUES]:
        if parameter.numel() and parameter.is_floating_point():
            flat = parameter.detach().reshape(-1)
            found[name] = [float(flat[0]), float(flat[flat.numel() // 2])]
    return found


def first_tensor(value: Any, depth: int = 3) -> Any:
    if _is_tensor(value):
        return value
    if depth and isinstance(value, dict):
        value = list(value.values())
    if depth and isinstance(value, (tuple, list)):
        for one in value[:8]:
            found = first_tensor(one, depth - 1)
            if found is not None:
                return found
    return None


def _is_tensor(value: Any) -> bool:
    return isinstance(value, sys.modules["torch"].Tensor)


def is_plain(value: Any) -> bool:
    """True of a tensor whose bytes lie in this process's memory."""
    torch = sys.modules["torch"]
    return (
        type(value) in (torch.Tensor, torch.nn.Parameter)
        and value.layout is torch.strided
        and value.device.type != "meta"
        and value.numel() > 0
    )


def places() -> set[int]:
    """Where the tensors lie that modules and optimizers hold."""
    held: list[Any] = []
    for _, root in _roots():
        held += [*root.parameters(), *root.buffers()]
    for known_one in _optimizers:
        for parameter, state in dict(getattr(known_one.optimizer(), "state", {})).items():
            held += [parameter, *(state.values() if isinstance(state, dict) else ())]
    return {int(one.data_ptr()) for one in held if is_plain(one)}


def fingerprint(tensor: Any) -> str | None:
    """Of a tensor's bytes, or of blocks of them; None of one whose bytes cannot be read (sparse, meta, sharded)."""
    torch = sys.modules["torch"]
    if type(tensor).__torch_dispatch__ is not torch.Tensor.__torch_dispatch__:
        return None
    tensor = tensor.detach()
    if tensor.layout is not torch.strided or tensor.device.type == "meta":
        return None
    size = tensor.numel() * tensor.element_size()
    if not size:
        return "0"
    if tensor.device.type != "cpu" or not tensor.is_contiguous():
        if size > WHOLE:
            tensor = tensor.reshape(-1)[:: max(1, size // WHOLE)]
        tensor = tensor.cpu().contiguous()
        size = tensor.numel() * tensor.element_size()
    held = memoryview((ctypes.c_char * size).from_address(tensor.data_ptr()))
    if size <= WHOLE:
        return f"{zlib.crc32(held):08x}"
    found = 0
    for number in range(BLOCKS):
        begin = number * (size - BLOCK) // (BLOCKS - 1)
        found = zlib.crc32(held[begin : begin + BLOCK], found)
    return f"{found:08x}"
