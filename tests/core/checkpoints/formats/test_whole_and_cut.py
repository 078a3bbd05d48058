"""Whole files of each format are whole, and no file that was cut anywhere is."""

import json

import pytest

from spotter.core.checkpoints.formats.verdicts import WHOLE, FileState, FileVerdict
from tests.support.checkpoint_files import (
    FILES,
    archive,
    array,
    superblock,
    tensors,
    verdict,
    with_wide_entry,
    with_zip64_end,
)

STORED = archive({"a/data.pkl": b"\x80\x02.", "a/data/0": bytes(40), "a/version": b"3\n"})
DATA = {"__0_0.distcp": 5000}


def recorded(name: str) -> bytes:
    return (FILES / name).read_bytes()


FILES_BY_FORMAT = {
    "a zip archive of torch": ("model.pt", recorded("torch.pt")),
    "a zip archive that Lightning names": ("epoch=1.ckpt", recorded("torch.pt")),
    "a zip archive with zip64's end": ("model.bin", with_zip64_end(STORED)),
    "a zip archive with a comment": ("model.zip", archive({"a": b"1"}, comment=b"a comment")),
    "entries with zip64's fields": ("a.npz", archive({"a.npy": array((2,))}, wide=True)),
    "packed entries": ("a.npz", archive({"a.npy": array((90,))}, packed=True)),
    "an archive that holds another": ("a.keras", archive({"in.zip": STORED})),
    "an array": ("a.npy", array((3, 4), "<f8")),
    "an array of no dimension": ("a.npy", array((), "|b1")),
    "an array of text": ("a.npy", array((5,), "<U7", version=2)),
    "an array of instants": ("a.npy", array((5,), "<M8[ns]", data=bytes(40))),
    "safetensors": ("model.safetensors", tensors({"w": 12, "b": 0, "c": 3})),
    "safetensors without a tensor": ("model.safetensors", tensors({})),
    "HDF5, version 0": ("weights.h5", recorded("version-0.h5")),
    "HDF5, version 1": ("weights.h5", superblock(1, end=300, size=300)),
    "HDF5, version 2": ("weights.h5", superblock(2, end=300, size=300)),
    "HDF5, version 3": ("model.hdf5", recorded("version-3.h5")),
    "HDF5 behind a block of the user's": (
        "weights.h5",
        superblock(0, end=900, size=900, place=512),
    ),
    "XGBoost's UBJSON": ("xgboost.ubj", recorded("xgboost.ubj")),
    "XGBoost's UBJSON by its content": ("xgboost.model", recorded("xgboost.ubj")),
    "XGBoost's JSON": ("xgboost.json", recorded("xgboost.json")),
    "XGBoost's JSON by its content": ("xgboost.model", recorded("xgboost.json")),
    "LightGBM's text": ("lightgbm.txt", recorded("lightgbm.txt")),
    "JSON": ("trainer_state.json", json.dumps({"a": ['x"]}\\', {"b": "{["}]}).encode()),
    "torch.distributed's metadata": ("step-5/.metadata", recorded("torch-distributed.metadata")),
}
BESIDE = {"step-5/__0_0.distcp": 5000}


@pytest.mark.parametrize("kind", FILES_BY_FORMAT)
def test_a_whole_file_is_whole(kind):
    assert verdict(*FILES_BY_FORMAT[kind], BESIDE) == WHOLE


@pytest.mark.parametrize("kind", FILES_BY_FORMAT)
def test_a_file_that_was_cut_is_never_whole(kind):
    name, data = FILES_BY_FORMAT[kind]
    cuts = [end for end in range(len(data)) if verdict(name, data[:end], BESIDE) == WHOLE]
    assert [data[end:] for end in cuts] == _what_a_loader_does_without(data)


def _what_a_loader_does_without(data: bytes) -> list[bytes]:
    """LightGBM's loader needs nothing that follows its parameters."""
    ended = data.rfind(b"end of parameters\n")
    if ended < 0:
        return []
    return [data[ended + len("end of parameters") + n :] for n in (1, 2)]


@pytest.mark.parametrize("kind", FILES_BY_FORMAT)
def test_a_file_that_was_cut_in_its_middle_is_torn(kind):
    name, data = FILES_BY_FORMAT[kind]
    assert verdict(name, data[: len(data) * 2 // 3], BESIDE).state is FileState.TORN


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("model.pt", recorded("legacy-torch.pt")),
        ("model.pkl", b"\x80\x04]."),
        ("model.joblib", b"\x80\x04]."),
        ("model.model", b"binf" + bytes(40)),
        ("ckpt-5.data-00000-of-00001", bytes(40)),
        ("d/0/ocdbt.process_0/manifest.ocdbt", b"\x0c\xdb\x3a\x2a" + bytes(20)),
        ("a.npy", array((3,), "|O", data=b"\x80N.")),
        ("a.npy", array((2,)) + array((2,))),
        ("model.cbm", b"CBM1\x04\x00\x00\x00abcd"),
        ("events.arrow", b"ARROW1" + bytes(40)),
        ("lightgbm.txt", b"tree\nversion=v2\n\nTree=0\n\nend of trees\n"),
        ("notes.txt", b"nothing learnt"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_a_format_that_shows_no_end_is_not_verified(name, data):
    answer = verdict(name, data)
    assert answer.state is FileState.NOT_VERIFIED
    assert answer.why


@pytest.mark.parametrize(
    ("name", "data", "why"),
    [
        ("model.pt", b"", "it is empty"),
        ("model.pt", bytes(4000), "it begins with zeros"),
        ("model.safetensors", tensors({"w": 12}) + b"x", "it has 1 bytes more than its header counts"),
        ("model.safetensors", tensors({"w": 12})[:-3], "it lacks 3 of the bytes that its header counts"),
        ("a.npy", array((3,))[:-4], "it lacks 4 of the bytes that its header counts"),
        ("a.npz", STORED[:-1], "it ends without the end record of a zip archive"),
        ("a.npz", STORED[:-22], "it ends without the end record of a zip archive"),
        ("a.npz", STORED[9:], "it ends without the end record of a zip archive"),
        ("a.npz", archive({}), "it is an archive of nothing"),
        ("w.h5", superblock(2, end=400, size=300), "it lacks 100 of the bytes that its superblock counts"),
        ("w.h5", superblock(2, end=200, size=300), "it is longer than its superblock says, so it was not closed"),
        ("w.h5", superblock(2, end=300, size=300).replace(b"OHDR", b"OHDX"), "its root group is missing"),
        ("x.ubj", b"[$U#l\xff\xff\xff\xff" + bytes(40), "a length in it is negative"),
        ("w.h5", bytes(9000), "it has no superblock"),
        ("model.cbm", b"CBM1\x09\x00\x00\x00abcd", "it lacks 5 of the bytes that its header counts"),
        ("a.json", b'{"a": [1, 2', "it ends within its text"),
        ("a.json", b'{"a": [1}', "its brackets do not match"),
        ("a.json", b'{"a": 1}{"b"', "more follows its last bracket"),
        ("a.json", b'{"a": \x00', "it holds bytes that no JSON holds"),
        ("x.ubj", b"{}}", "more follows its last value"),
        ("lightgbm.txt", recorded("lightgbm.txt")[:-4], "it ends within its last line"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)  # fmt: skip
def test_a_torn_file_says_why(name, data, why):
    assert verdict(name, data) == FileVerdict(FileState.TORN, why)


def test_a_directory_with_another_count_than_its_end_record_is_torn():
    count = STORED.rfind(b"PK\x05\x06") + 10
    for more in (2, 4):
        other = STORED[:count] + bytes([more]) + STORED[count + 1 :]
        assert verdict("a.npz", other).state is FileState.TORN


def test_an_entry_beyond_the_data_is_torn():
    entry = STORED.rfind(b"PK\x01\x02")
    beyond = STORED[: entry + 42] + b"\xf0\xff\xff\x00" + STORED[entry + 46 :]
    assert verdict("a.npz", beyond) == FileVerdict(
        FileState.TORN, "an entry of its directory lies beyond its data"
    )


def test_a_directory_of_something_else_is_torn():
    entry = STORED.rfind(b"PK\x01\x02")
    other = STORED[:entry] + b"PK\x01\x03" + STORED[entry + 4 :]
    assert verdict("a.npz", other) == FileVerdict(FileState.TORN, "its directory is none")


@pytest.mark.parametrize(("offset", "state"), [(0, FileState.WHOLE), (1 << 33, FileState.TORN)])
def test_an_entry_lies_where_its_zip64_fields_say(offset, state):
    assert verdict("a.npz", with_wide_entry(offset)).state is state


def test_json_is_the_same_wherever_a_piece_of_it_ends():
    for shift in range(6):
        text = "x" * ((64 << 10) - 20 + shift) + '\\\\"]}{[\\' * 9
        data = json.dumps({"a": text, "b": [1, {}]}).encode()
        assert verdict("a.json", data) == WHOLE
        assert verdict("a.json", data[:-1]).state is FileState.TORN
