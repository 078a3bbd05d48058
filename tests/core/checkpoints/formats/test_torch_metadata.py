"""What a `.metadata` of torch.distributed names, however it was pickled, and what is no pickle at all."""

import pickle
from dataclasses import dataclass, field
from typing import Any

import pytest

from spotter.core.checkpoints.formats import pickled
from spotter.core.checkpoints.formats.verdicts import WHOLE, FileState, FileVerdict
from tests.support.checkpoint_files import verdict


@dataclass
class Info:
    """Where an item lies, as `_StorageInfo` of torch.distributed says it."""

    relative_path: Any
    offset: int
    length: int


@dataclass
class Saved:
    """What `.metadata` holds, and values of other kinds beside it."""

    storage_data: Any
    beside: Any = field(
        default_factory=lambda: [1, 2**70, 0.5, "text", b"bytes", None, True, {1, 2}, ()]
    )


def metadata(*items: Info, protocol: int = 4, **more: Any) -> bytes:
    stored: dict[Any, Any] = {("weights", n): item for n, item in enumerate(items)} | more
    return pickle.dumps(Saved(stored), protocol)


FIRST, SECOND = Info("__0_0.distcp", 0, 40), Info("__0_0.distcp", 40, 60)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (100, WHOLE),
        (99, FileVerdict(FileState.TORN, "__0_0.distcp lacks 1 of the bytes that it counts")),
        (None, FileVerdict(FileState.TORN, "a file that it names is missing")),
    ],
)
def test_what_a_metadata_of_any_protocol_names_must_be_there(protocol, size, expected):
    beside = {} if size is None else {"__0_0.distcp": size}
    assert verdict(".metadata", metadata(FIRST, SECOND, protocol=protocol), beside) == expected
    assert verdict("__0.metadata", metadata(FIRST, SECOND, protocol=protocol), beside) == expected


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (metadata(), "it names no files"),
        (pickle.dumps({"storage_data": {}}), "it names no files"),
        (pickle.dumps(["storage_data"]), "it names no files"),
        (metadata(Info("/etc/x", 0, 1)), "it says of an item not where it lies"),
        (metadata(Info(7, 0, 1)), "it says of an item not where it lies"),
        (metadata(FIRST, also="a text"), "it says of an item not where it lies"),
        (b"\x80\x04NQ.", "it uses BINPERSID, which Spotter does not follow"),
    ],
    ids=lambda v: str(v)[:40],
)
def test_a_metadata_that_does_not_say_where_its_items_lie_is_not_verified(data, why):
    found = verdict(".metadata", data, {"__0_0.distcp": 100})
    assert found == FileVerdict(FileState.NOT_VERIFIED, why)


def test_a_file_that_a_metadata_names_may_be_among_those_that_were_not_listed():
    found = verdict(".metadata", metadata(FIRST), all_seen=False)
    assert found.state is FileState.NOT_VERIFIED
    assert "was not listed" in found.why


@pytest.mark.parametrize(
    "opcodes",
    [
        b"h\x00.", b"\x85.", b"(\x85.", b"N(\x86.", b"\x94.", b"q\x00.", b"}Ns.", b"}(Nu.", b"Nt.", b"U\x01aNa.",
        b"](NNu.", b"]Nb.", b"0.", b"2.", b"(2.", b"Nb.", b"U\x01a(Ne.", b"Ne.", b"R.", b"NR.", b"1.", b"N",
    ],
    ids=repr,
)  # fmt: skip
def test_opcodes_that_make_no_program_are_torn(opcodes):
    assert verdict(".metadata", b"\x80\x04" + opcodes) == FileVerdict(
        FileState.TORN, "it is no whole pickle"
    )


@pytest.mark.parametrize(
    "opcodes",
    [
        b"(i__main__\nA\n0", b"(c__main__\nA\nNo0", b"c__main__\nA\n)}\x920", b"c__main__\nA\n)\x810",
        b"N0", b"(NN1", b"N200", b"]Na0", b"](NNe0", b"}NNs0", b"}(NNu0", b"\x8f(NN\x900", b"(NN\x910",
        b"N\x850", b"NN\x860", b"NNN\x870", b"(Nt0", b"(Nl0", b"(NNd0", b")0", b"\x880\x890", b"Nq\x630h\x630",
        b"c__main__\nA\nNb0",
    ],
    ids=repr,
)  # fmt: skip
def test_every_opcode_takes_from_the_stack_what_it_needs_and_no_more(opcodes):
    """Each makes one value and drops it, before a metadata that is whole."""
    whole = metadata(FIRST, protocol=2)
    changed = whole[:2] + opcodes + whole[2:]
    assert verdict(".metadata", changed, {"__0_0.distcp": 40}) == WHOLE


def test_a_pickle_is_followed_up_to_so_many_opcodes(monkeypatch):
    monkeypatch.setattr(pickled, "MOST_OPCODES", 5)
    assert verdict(".metadata", b"\x80\x04NNN.").why == "it names no files"
    assert verdict(".metadata", b"\x80\x04NNNN.").why == "it has more than 5 opcodes"


def test_a_walk_pauses_after_every_so_many_opcodes_so_that_its_reader_can_keep_its_bounds():
    for pause, pauses in ((1, 5), (2, 2), (5, 1), (6, 0)):
        assert len(list(pickled.walk(b"\x80\x04NNN.", pickled.Machine(), pause))) == pauses
