"""Which format a file has: by its name, else by its first bytes."""

from collections.abc import Callable, Mapping

from spotter.core.checkpoints.formats import (
    catboost_model,
    hdf5,
    json_text,
    lightgbm_text,
    numpy_array,
    safetensors,
    shard_index,
    torch_distributed,
    ubjson,
    zip_archive,
)
from spotter.core.checkpoints.formats.verdicts import CannotTell, IsTorn, Reading
from spotter.core.checkpoints.formats.window import take

PROMISED: Mapping[str, Callable[[int], Reading]] = {
    ".safetensors": safetensors.verify,
    ".npy": numpy_array.verify,
    ".npz": zip_archive.verify,
    ".keras": zip_archive.verify,
    ".zip": zip_archive.verify,
    ".h5": hdf5.verify,
    ".hdf5": hdf5.verify,
    ".json": json_text.verify,
    ".ubj": ubjson.verify,
    ".cbm": catboost_model.verify,
}
"""By the end of the name; what begins as another format is torn."""

TORCH = (".pt", ".pth", ".ckpt", ".pyth", ".pt.tar", ".pth.tar", ".ckpt.tar", ".bin")
ZIP_OR_PICKLE = TORCH[:-1]
"""Names that torch writes; a `.bin` may be anything."""

BEGINS: tuple[tuple[bytes, Callable[[int], Reading]], ...] = (
    (zip_archive.SIGNATURE, zip_archive.verify),
    (hdf5.SIGNATURE, hdf5.verify),
    (numpy_array.SIGNATURE, numpy_array.verify),
    (lightgbm_text.SIGNATURE, lightgbm_text.verify),
    (catboost_model.SIGNATURE, catboost_model.verify),
    (b"{L\x00", ubjson.verify),
    (b'{"', json_text.verify),
    (b"{\n", json_text.verify),
)
LEGACY_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19"
"""The pickled number with which torch.save began before 1.6 (torch.serialization.MAGIC_NUMBER)."""
BEGINNING = 16
NO_FORMAT = "its format is none that Spotter verifies"


def verify(name: str, files: Mapping[str, int], *, all_seen: bool = True) -> Reading:
    """Verify one of a checkpoint's files, by their names and sizes; `all_seen` if those are all."""
    size, base = files[name], name.rpartition("/")[2]
    if not size:
        raise IsTorn("it is empty")
    if torch_distributed.is_metadata(base):
        return (yield from torch_distributed.verify(size, _beside(name, files), all_seen=all_seen))
    if base.endswith(shard_index.SUFFIX):
        return (yield from shard_index.verify(size, _beside(name, files), all_seen=all_seen))
    for suffix, promised in PROMISED.items():
        if base.endswith(suffix):
            return (yield from promised(size))
    if base.endswith(torch_distributed.DATA):
        raise CannotTell("no .metadata lies beside it")
    return (yield from _by_content(size, base))


def _by_content(size: int, base: str) -> Reading:
    begins = yield from take(size, 0, min(size, BEGINNING), "its beginning")
    for signature, check in BEGINS:
        if begins.startswith(signature):
            return (yield from check(size))
    if begins.startswith(LEGACY_TORCH):
        raise CannotTell("a torch pickle of before 1.6 tells no end")
    if begins[:1] == b"\x80":
        raise CannotTell("a pickle is not read")
    if base.endswith(ZIP_OR_PICKLE) and not begins.strip(b"\x00"):
        raise IsTorn("it begins with zeros")
    raise CannotTell(NO_FORMAT)


def promises(name: str) -> bool:
    """True of a name whose ending means a format, or one of those that torch writes."""
    base = name.rpartition("/")[2]
    return torch_distributed.is_metadata(base) or base.endswith((*PROMISED, *TORCH))


def _beside(name: str, files: Mapping[str, int]) -> dict[str, int]:
    """The files of the same folder and below, by their names from there on."""
    folder = name[: name.rfind("/") + 1]
    return {n.removeprefix(folder): size for n, size in files.items() if n.startswith(folder)}
