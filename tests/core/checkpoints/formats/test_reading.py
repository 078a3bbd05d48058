"""What is read of a file: every byte once, with pauses in which its reader can keep its bounds."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.checkpoints.formats.verdicts import WHOLE, FileState, Range, Reading, run
from spotter.core.checkpoints.formats.window import AHEAD, Window
from tests.support.checkpoint_files import FILES, archive, tensors, verdict, verdict_and_reader

DATA = bytes(n * 7 % 251 for n in range(3 * AHEAD))
STEPS = st.lists(
    st.tuples(st.sampled_from(["take", "skip", "back"]), st.sampled_from([0, 1, 9, 1000, AHEAD - 1, AHEAD])),
    max_size=12,
)  # fmt: skip


def taken_by(window: Window, length: int) -> tuple[list[Range], bytes]:
    """What the window requests of DATA for its next bytes, and these bytes."""
    ranges, found = list[Range](), list[bytes]()

    def reading() -> Reading:
        found.append((yield from window.take(length, "")))
        return WHOLE

    def read(wanted: Range) -> bytes:
        ranges.append(wanted)
        return DATA[wanted.start : wanted.start + wanted.length]

    assert run(reading(), read) == WHOLE
    return ranges, found[0]


@given(STEPS)
def test_a_window_gives_the_bytes_of_its_place_and_fetches_none_twice_on_the_way(steps):
    window, at, fetched = Window(len(DATA)), 0, 0
    back = any(step == "back" for step, _ in steps)
    for step, length in steps:
        if step == "back":
            at = window.at = max(0, at - length)
        elif at + length > len(DATA):
            break
        elif step == "skip":
            window.skip(length, "")
            at += length
        else:
            ranges, taken = taken_by(window, length)
            assert taken == DATA[at : at + length]
            fetched += sum(one.length for one in ranges)
            at += length
        assert (window.at, window.left) == (at, len(DATA) - at)
    assert back or fetched <= len(DATA) + AHEAD * len(steps)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.ubj", (FILES / "xgboost.ubj").read_bytes()),
        ("x.ubj", b"[" + b"i\x01" * 100 + b"]"),
        ("m.safetensors", tensors({"w": 12})),
        ("x.json", (FILES / "xgboost.json").read_bytes()),
        ("m.npz", b"PK\x03\x04" + bytes(90)),
        ("m.npz", archive({"a": b"1", "b": b"2"})),
    ],
)
def test_a_short_file_is_not_read_twice(name, data):
    _, reader = verdict_and_reader(name, data)
    directory = len(data) if data.startswith(b"PK") and len(data) > 100 else 0
    assert reader.total <= len(data) + directory


@pytest.mark.parametrize(
    ("name", "data", "pauses"),
    [
        ("x.ubj", b"[" + b"Z" * 49_998 + b"]", 1),
        ("x.ubj", b"[" + b"Z" * 100_000 + b"]", 3),
        (".metadata", b"\x80\x04(" + b"N" * 99_996 + b"t.", 2),
        (".metadata", b"\x80\x04(" + b"N" * 99_995 + b"t.", 1),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_long_file_is_walked_with_pauses_that_read_nothing(name, data, pauses):
    _, reader = verdict_and_reader(name, data)
    assert len([one for one in reader.ranges if one.length == 0]) == pauses
    assert reader.total <= len(data)


OTHER_FIELD = struct.pack("<HH5s", 0x5455, 5, b"times")


def with_fields(extra: bytes, offset: int = 0xFFFFFFFF) -> bytes:
    """An archive of one entry of one byte whose directory places it there, with these extra fields."""
    made = archive({"a": b"1"})
    entry, end = made.rfind(b"PK\x01\x02"), made.rfind(b"PK\x05\x06")
    directory, record = bytearray(made[entry:end] + extra), bytearray(made[end:])
    struct.pack_into("<H", directory, 30, len(extra))
    struct.pack_into("<L", directory, 42, offset)
    struct.pack_into("<L", record, 12, len(directory))
    return made[:entry] + bytes(directory) + bytes(record)


START = archive({"a": b"1"}).rfind(b"PK\x01\x02")


@pytest.mark.parametrize(
    ("extra", "offset", "state"),
    [
        (b"", START - 1, FileState.WHOLE),
        (b"", START, FileState.TORN),
        (struct.pack("<HHQ", 1, 8, START - 1), 0xFFFFFFFF, FileState.WHOLE),
        (struct.pack("<HHQ", 1, 8, START), 0xFFFFFFFF, FileState.TORN),
        (OTHER_FIELD + struct.pack("<HHQ", 1, 8, 0), 0xFFFFFFFF, FileState.WHOLE),
        (OTHER_FIELD + struct.pack("<HHQ", 1, 8, START), 0xFFFFFFFF, FileState.TORN),
        (OTHER_FIELD + struct.pack("<HHQ", 1, 24, 0), 0xFFFFFFFF, FileState.WHOLE),
        (OTHER_FIELD + struct.pack("<HH", 1, 0), 0xFFFFFFFF, FileState.TORN),
        (OTHER_FIELD + b"\x01\x00\x08", 0xFFFFFFFF, FileState.TORN),
        (OTHER_FIELD, 0xFFFFFFFF, FileState.TORN),
        (OTHER_FIELD, 0, FileState.WHOLE),
        (b"", 0xFFFFFFFF, FileState.TORN),
    ],
)
def test_an_entry_lies_where_its_fields_say_and_before_the_directory(extra, offset, state):
    assert verdict("a.npz", with_fields(extra, offset)).state is state


def test_a_pause_asks_for_no_bytes():
    assert Range(0, 0) in verdict_and_reader("x.ubj", b"[Z]")[1].ranges
    assert verdict("x.ubj", b"[Z]") == WHOLE
