"""PyTorch: each step of each optimizer, by its global hooks; Lightning, Trainer and Accelerate step through them."""

from __future__ import annotations

import os
import sys
from typing import Any

from . import files, torch_saved, torch_state, training
from .log import quietly, row
from .training import session
from .wrapping import around

NUMBERS = 30
"""Whole numbers of a checkpoint that are written down, at most."""


def observe(torch: Any) -> None:
    """Called once, when torch was imported."""
    # torch.optim deletes the names of its modules.
    optimizers: Any = sys.modules.get("torch.optim.optimizer")
    register = getattr(optimizers, "register_optimizer_step_pre_hook", None)
    if register is None:
        row(
            "fault",
            error=f"torch {torch.__version__} has no global optimizer hooks (2.0 or later has)",
        )
    else:
        register(lambda optimizer, *_: before_step(optimizer))
        optimizers.register_optimizer_step_post_hook(lambda optimizer, *_: after_step(optimizer))
    around(torch, "save", before=_saves)
    around(torch, "load", failed=_cannot_load)
    around(torch.nn.Module, "state_dict", before=lambda *_, **__: training.snapshot())
    around(torch.autograd, "backward", before=_loss)
    hook = torch.nn.modules.module.register_module_forward_pre_hook(_forward)
    # Compiled graphs are guarded by the hooks there are, so none may come or go, nor be traced.
    around(torch, "compile", before=lambda *_, **__: hook.remove())
    session.captures["torch"] = quietly_captured


def quietly_captured() -> dict[str, dict[str, Any]]:
    return torch_state.everything()


@quietly
def before_step(optimizer: Any) -> None:
    known = torch_state.known(optimizer)
    known.begun += 1
    if known.begun > session.steps:
        if session.steps == 0:
            torch_state.search()
            torch_saved.begin(torch_state.places())
        training.begin_step()
    if known.is_new:
        known.is_new = False
        training.state(
            "step", torch_state.before_first_step(known), optimizer=torch_state.number_of(known)
        )
    elif session.is_detailed:
        training.state(
            "step", {"schedule": torch_state.schedule()}, optimizer=torch_state.number_of(known)
        )
    known.lr = [float(group["lr"]) for group in optimizer.param_groups if "lr" in group]


@quietly
def after_step(optimizer: Any) -> None:
    known = torch_state.known(optimizer)
    passes, session.backwards = session.backwards, 0
    if known.begun > session.steps:
        training.end_step(
            lr=torch_state.rates(), optimizer=torch_state.number_of(known), passes=passes
        )


def _saves(value: Any, file: Any, *_: Any, **__: Any) -> None:
    path = file if isinstance(file, (str, bytes, os.PathLike)) else getattr(file, "name", None)
    if isinstance(path, (str, bytes, os.PathLike)):
        numbers = {}
        if isinstance(value, dict):
            numbers = {str(k): v for k, v in value.items() if type(v) is int}
        files.begins_to_write(path, dict(list(numbers.items())[:NUMBERS]))
        # What is written elsewhere may be copied into the folder when it is whole.
        training.before_save()
        if session.steps:
            torch_saved.saves(value, torch_state.places())


def _cannot_load(error: Exception, file: Any = None, *_: Any, **__: Any) -> None:
    path = file if isinstance(file, (str, bytes, os.PathLike)) else getattr(file, "name", None)
    if isinstance(path, (str, bytes, os.PathLike)):
        files.unreadable(path, error)


def _loss(tensors: Any = None, *_: Any, **__: Any) -> None:
    session.backwards += 1
    tensor = tensors[0] if isinstance(tensors, (tuple, list)) else tensors
    # On an accelerator the value would have to be waited for.
    if tensor is not None and tensor.numel() == 1 and (session.is_detailed or not tensor.is_cuda):
        session.loss = float(tensor.detach())


@quietly
def _observe_forward(module: Any, given: Any) -> None:
    if session.input is None and given:
        tensor = torch_state.first_tensor(given)
        if tensor is not None:
            session.input = torch_state.fingerprint(tensor)
    if session.buffers_due and session.steps == 0:
        session.buffers_due = False
        buffers = torch_state.buffers()
        if buffers:
            training.state("forward", {"buffers": buffers})


def _forward(module: Any, given: Any) -> None:
    # Called for each module of each forward pass: what does not concern us has to return at once.
    if session.detailed > 0 and (session.input is None or session.buffers_due) and module.training:
        _observe_forward(module, given)
