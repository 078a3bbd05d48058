"""Hugging Face's Trainer and Lightning: what they count as finished steps. The rest is PyTorch's."""

from __future__ import annotations

from typing import Any

from .training import session
from .wrapping import around


def observe(module: Any) -> None:
    """Called once for each of them, when it was imported."""
    if module.__name__ == "transformers.trainer_callback":
        around(module.CallbackHandler, "on_step_begin", before=_step_of_trainer)
    else:
        around(module, "_call_callback_hooks", before=_step_of_lightning)


def _step_of_trainer(handler: Any, args: Any, state: Any, *_: Any, **__: Any) -> None:
    session.counter = int(state.global_step)


def _step_of_lightning(trainer: Any, hook_name: str = "", *_: Any, **__: Any) -> None:
    if hook_name == "on_train_batch_start":
        session.counter = int(trainer.global_step)
