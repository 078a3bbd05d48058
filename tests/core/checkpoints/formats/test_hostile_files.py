"""Whatever bytes a checkpoint has: a verdict comes, in bounds, and nothing is executed."""

import os
import pickle
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spotter.core.checkpoints.formats.verdicts import MOST_AT_ONCE, WHOLE, FileState, Range, run
from tests.support.checkpoint_files import (
    FILES,
    archive,
    tensors,
    verdict,
    verdict_and_reader,
    with_zip64_end,
)

NAMES = (
    "m.pt", "m.safetensors", "a.npy", "a.npz", "m.keras", "w.h5", "x.ubj", "x.json", "m.txt", "m.cbm",
    ".metadata", "m.safetensors.index.json", "m.model", "m.joblib", "unknown",
)  # fmt: skip
BEGINNINGS = (
    b"", b"PK\x03\x04", b"\x93NUMPY\x01\x00", b"\x89HDF\r\n\x1a\n", b"{L\x00", b'{"', b"tree\n", b"CBM1", b"\x80\x04",
    struct.pack("<Q", 40) + b'{"a":{"data_offsets":[0,',
)  # fmt: skip
ENDS = (b"", b"PK\x05\x06" + bytes(18), with_zip64_end(archive({"a": b"1"})), b"}", b".")
WRITTEN = {path.name: path.read_bytes() for path in sorted(FILES.iterdir())}
OPCODES = [
    bytes([n])
    for n in b"(.012FIJKLMNPRSTUVXabcdeghijloqrstu})]\x81\x85\x86\x87\x8c\x8f\x90\x91\x92\x93\x94"
]


class Payload:
    """Pickles as a call of os.system."""

    def __reduce__(self):
        return os.system, ("touch executed",)


@given(
    st.sampled_from(NAMES),
    st.tuples(st.sampled_from(BEGINNINGS), st.binary(max_size=400), st.sampled_from(ENDS)),
)
@settings(max_examples=400, deadline=None)
def test_any_bytes_get_a_verdict_within_bounds(name, parts):
    data = b"".join(parts)
    _, reader = verdict_and_reader(name, data)
    assert reader.total <= 20 * len(data) + 1000
    assert len(reader.ranges) <= 200


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_written_file_with_other_bytes_in_it_gets_a_verdict_within_bounds(data):
    name = data.draw(st.sampled_from(sorted(WRITTEN)))
    changed = bytearray(WRITTEN[name])
    for at in data.draw(st.lists(st.integers(0, len(changed) - 1), max_size=8)):
        changed[at] = data.draw(st.integers(0, 255))
    renamed = ".metadata" if name.endswith(".metadata") else name
    _, reader = verdict_and_reader(renamed, bytes(changed))
    assert len(reader.ranges) <= 200


@given(st.lists(st.one_of(st.sampled_from(OPCODES), st.binary(max_size=4)), max_size=60))
@settings(max_examples=400, deadline=None)
def test_any_opcodes_get_a_verdict(opcodes):
    assert verdict(".metadata", b"".join(opcodes)).state is not FileState.WHOLE


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("name", [".metadata", "m.pt", "m.pkl", "m.joblib"])
def test_a_pickle_that_calls_a_program_calls_none(name, protocol, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    attack = pickle.dumps({"storage_data": Payload()}, protocol)
    assert verdict(name, attack).state is not FileState.WHOLE
    assert list(tmp_path.iterdir()) == []


def test_a_header_of_two_to_the_63rd_is_torn_and_not_read():
    answer, reader = verdict_and_reader("m.safetensors", struct.pack("<Q", 2**63) + bytes(100))
    assert answer.state is FileState.TORN
    assert reader.total == 8


def test_brackets_nested_millions_deep_end_in_a_verdict():
    deep = b"[" * 3_000_000
    assert verdict("x.json", deep).state is FileState.NOT_VERIFIED
    assert verdict("m.safetensors", tensors({}, header=deep)).state is FileState.TORN
    assert verdict("m.safetensors.index.json", deep).state is FileState.TORN
    assert verdict("x.ubj", deep).state is FileState.NOT_VERIFIED
    assert verdict(".metadata", b"\x80\x04" + b"(" * 3_000_000).state is FileState.NOT_VERIFIED


def test_a_zip_bomb_is_not_unpacked():
    bomb = archive({"a": bytes(50 << 20)}, packed=True)
    answer, reader = verdict_and_reader("a.npz", bomb)
    assert answer == WHOLE
    assert reader.total < 3000


def test_many_end_records_cost_no_more_reads_than_some():
    records = b"".join(
        b"PK\x05\x06" + bytes(16) + struct.pack("<H", 22 * left) for left in range(2900, -1, -1)
    )
    _, reader = verdict_and_reader("a.npz", bytes(200) + records)
    assert len(reader.ranges) <= 40


def test_a_shape_that_takes_long_to_match_does_not():
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"1" * 60_000
    data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    assert verdict("a.npy", data).state is FileState.NOT_VERIFIED


@pytest.mark.parametrize(
    "document",
    [b"{" + b'L' + bytes(7) + b"\x01a" + b"[#L\x7f" + bytes(7), b"[$Z#L\x7f" + b"\xff" * 7, b"[#L\xff" * 9],
    ids=len,
)  # fmt: skip
def test_counts_of_two_to_the_62nd_end_in_a_verdict(document):
    _, reader = verdict_and_reader("x.ubj", document)
    assert reader.total <= 20 * len(document)


def test_a_memo_of_two_to_the_31st_takes_no_room():
    assert verdict(".metadata", b"\x80\x04]r\xff\xff\xff\x7f.").state is FileState.NOT_VERIFIED


def test_a_range_is_never_longer_than_the_bound():
    data = tensors({}, header=b'{"a":' + b" " * (3 << 20))
    _, reader = verdict_and_reader("m.safetensors", data)
    assert max(wanted.length for wanted in reader.ranges) == MOST_AT_ONCE


def test_fewer_bytes_than_asked_for_are_another_file():
    def reading():
        yield Range(0, 4)
        return WHOLE

    answer = run(reading(), lambda wanted: b"abc")
    assert (answer.state, answer.why) == (FileState.NOT_VERIFIED, "it changed while it was read")
