"""Acts when the script imports a framework, and imports none by itself."""

from __future__ import annotations

import contextlib
import importlib
import sys
from typing import Any

from .log import quietly, row

OBSERVERS = {
    "torch": "torch_training",
    "torch.utils.data.dataloader": "torch_data",
    "safetensors.torch": "files_of_libraries",
    "h5py._hl.files": "files_of_libraries",
    "transformers.trainer_callback": "trainers",
    "lightning.pytorch.trainer.call": "trainers",
    "pytorch_lightning.trainer.call": "trainers",
    "keras.src.callbacks.callback_list": "keras_training",
    "keras.src.callbacks": "keras_training",
    "keras.src.models.model": "keras_training",
    "xgboost.core": "boosting",
    "lightgbm.basic": "boosting",
}
"""Of each module, which of ours observes it."""
FRAMEWORKS = frozenset(
    [
        "torch",
        "transformers",
        "lightning",
        "pytorch_lightning",
        "keras",
        "tensorflow",
        "xgboost",
        "lightgbm",
        "catboost",
        "jax",
        "flax",
        "sklearn",
        "accelerate",
        "deepspeed",
    ]
)
"""Whose name and version are written down."""


class Finder:
    """First on sys.meta_path: lets the others find a module, and adds a call after it was executed."""

    def __init__(self) -> None:
        self.finding: set[str] = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if (name not in OBSERVERS and name not in FRAMEWORKS) or name in self.finding:
            return None
        self.finding.add(name)
        try:
            for finder in list(sys.meta_path):
                find = getattr(finder, "find_spec", None)
                if finder is self or find is None:
                    continue
                spec = find(name, path, target)
                if spec is not None:
                    _add_a_call(spec.loader)
                    return spec
        finally:
            self.finding.discard(name)
        return None


def _add_a_call(loader: Any) -> None:
    execute = getattr(loader, "exec_module", None)
    if execute is None:
        return

    def execute_and_observe(module: Any) -> None:
        with contextlib.suppress(AttributeError):
            del loader.exec_module
        execute(module)
        observe(module)

    try:
        loader.exec_module = execute_and_observe
    except AttributeError:
        return


@quietly
def observe(module: Any) -> None:
    """What is done once a module is there."""
    name = module.__name__
    if name in FRAMEWORKS:
        row("framework", name=name, version=str(getattr(module, "__version__", "")))
    if name in OBSERVERS:
        observer = importlib.import_module("." + OBSERVERS[name], __package__)
        observer.observe(module)


def begin() -> None:
    sys.meta_path.insert(0, Finder())
