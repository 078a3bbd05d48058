"""Libraries that open checkpoint files without Python: safetensors and HDF5."""

from __future__ import annotations

import os
from typing import Any

from . import files
from .wrapping import around


def observe(module: Any) -> None:
    """Called once for each of them, when it was imported."""
    if module.__name__ == "safetensors.torch":
        around(
            module,
            "save_file",
            before=lambda tensors, filename, *_, **__: files.begins_to_write(filename),
        )
        around(module, "load_file", before=lambda filename, *_, **__: files.reads(filename))
    else:
        around(module.File, "__init__", before=_hdf5)


def _hdf5(file: Any, name: Any = None, mode: Any = "r", *_: Any, **__: Any) -> None:
    if isinstance(name, (str, bytes, os.PathLike)):
        if mode in ("r", None):
            files.reads(name)
        else:
            files.begins_to_write(name)
