"""A checkpoint as Hugging Face's Trainer saves it: a folder of files, and `trainer_state.json` last of all.

https://huggingface.co/docs/safetensors (the format of `model.safetensors`: eight bytes that hold the
length of a JSON header, the header, the numbers) and Trainer's `_save_checkpoint`. The `.pt` files are
PyTorch's: a zip of stored entries. They are written for whoever loads the folder with PyTorch; nothing
here reads them, since a seed and a step are the whole state of this training.
"""

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Mapping
from typing import Any

MODEL, STATE = "model.safetensors", "trainer_state.json"
_LENGTH = 8  # bytes, little-endian: the length of the header that follows
_START_OF_ZIP = (1980, 1, 1, 0, 0, 0)  # the same bytes whenever they are written


def safetensors(numbers: Mapping[str, float], metadata: Mapping[str, str]) -> bytes:
    """Scalars of 64 bits, which no rounding changes; the header is padded to eight bytes."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    for n, name in enumerate(sorted(numbers)):
        header[name] = {"dtype": "F64", "shape": [], "data_offsets": [8 * n, 8 * n + 8]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(struct.pack("<d", numbers[name]) for name in sorted(numbers))
    return len(text).to_bytes(_LENGTH, "little") + text + data


def read_safetensors(body: bytes) -> tuple[dict[str, float], dict[str, str]]:
    """The numbers and the metadata; ValueError if the file is torn."""
    start = _LENGTH + int.from_bytes(body[:_LENGTH], "little")
    header = json.loads(body[_LENGTH:start])
    metadata = header.pop("__metadata__", {})
    if len(body) != start + 8 * len(header):
        raise ValueError(f"{MODEL} is torn: {len(body)} bytes are not what its header promises")
    at = {name: start + entry["data_offsets"][0] for name, entry in header.items()}
    return {name: struct.unpack_from("<d", body, at[name])[0] for name in at}, metadata


def torch_zip(value: Any, folder: str) -> bytes:
    """What `torch.save` writes of plain values: no tensors, so no entries of data."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_STORED) as archive:
        for name, body in (
            ("data.pkl", pickle.dumps(value, protocol=2)),
            ("byteorder", b"little"),
            ("version", b"3\n"),
        ):
            archive.writestr(zipfile.ZipInfo(f"{folder}/{name}", _START_OF_ZIP), body)
    return written.getvalue()


def folder(
    numbers: Mapping[str, float], *, seed: int, step: int, steps: int, rate: float, rng: Any
) -> dict[str, bytes]:
    """The files of one checkpoint, in the order in which Trainer writes them."""
    group = {"lr": rate, "momentum": 0, "initial_lr": rate, "params": list(range(len(numbers)))}
    state = {"epoch": step / max(steps, 1), "global_step": step, "max_steps": steps}
    return {
        MODEL: safetensors(numbers, {"format": "pt", "seed": str(seed)}),
        "optimizer.pt": torch_zip({"state": {}, "param_groups": [group]}, "optimizer"),
        "scheduler.pt": torch_zip({"last_epoch": step, "_last_lr": [rate]}, "scheduler"),
        "rng_state.pth": torch_zip({"python": rng}, "rng_state"),
        STATE: json.dumps(state | {"log_history": []}, indent=2).encode(),
    }
