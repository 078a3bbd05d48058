"""Each format to its limits: the last that is whole, the first that is not, and what says neither."""

import json
import struct

import pytest

from spotter.core.checkpoints.formats.verdicts import WHOLE, FileState, FileVerdict
from tests.support.checkpoint_files import archive, array, superblock, tensors, verdict

HDF = b"\x89HDF\r\n\x1a\n"


def narrow(version: int, width: int) -> bytes:
    """An HDF5 file whose addresses have so many bytes, with nothing behind its root's signature."""

    def address(place: int) -> bytes:
        return place.to_bytes(width, "little")

    none = b"\xff" * width
    if version < 2:
        begin = HDF + bytes([version, 0, 0, 0, 0, width, 16, 0]) + bytes(8 + 4 * version)
        end = address(len(begin) + 6 * width)
        return begin + address(0) + none + end + none + address(0) + none
    begin = HDF + bytes([version, width, 16, 0])
    root = len(begin) + 4 * width
    return begin + address(0) + none + address(root + 4) + address(root) + b"OHDR"


def padded(header: bytes, length: int) -> bytes:
    return header + b" " * (length - len(header))


def shaped(header: bytes, data: int = 0, version: int = 1) -> bytes:
    """A `.npy` file with this header."""
    width = struct.pack("<H" if version == 1 else "<L", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + width + header + bytes(data)


def offsets(*tensors_: tuple[int, int]) -> bytes:
    named = {str(n): {"data_offsets": list(one)} for n, one in enumerate(tensors_)}
    return json.dumps(named).encode()


def counting(entries: int, before: bytes = b"PK\x03\x04") -> bytes:
    """A zip archive without an entry whose zip64 end record counts so many."""
    start = len(before)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, 0, start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start, 1)
    old = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return before + record + locator + old


FLOATS = b"{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }"
MODEL = b"tree\nversion=v4\n\nend of trees\n\nparameters:\n[a: 1]\n\nend of parameters\n"
WHOLE_FILES = {
    **{f"HDF5, version {v}, {w} bytes an address": ("w.h5", narrow(v, w)) for v in range(4) for w in (2, 4, 8)},
    "HDF5 behind the longest block of the user's": (
        "w.h5", superblock(2, end=1 << 21, size=1 << 21, place=512 << 11),
    ),
    "a header of safetensors of 4 MB": ("m.safetensors", tensors({}, header=padded(b"{}", 4 << 20))),
    "tensors in another order": ("m.safetensors", tensors({}, header=offsets((4, 8), (0, 4))) + bytes(8)),
    "an archive of two": ("a.npz", archive({"a": b"1", "b": b"2"})),
    "an archive of three": ("a.npz", archive({"a": b"1", "b": b"2", "c": b"3"})),
    "three million numbers in one list": ("x.ubj", b"[$U#l" + struct.pack(">l", 3_000_000) + bytes(3_000_000)),
    "a header of an array of 64 kB": ("a.npy", shaped(padded(FLOATS, 64 << 10), 12, version=2)),
    "a header of an array of 300 bytes": ("a.npy", shaped(padded(FLOATS, 300), 12)),
    "an array of single bytes": ("a.npy", shaped(FLOATS.replace(b"<f4", b"|?"), 3)),
    "an array of version 3": ("a.npy", shaped(FLOATS, 12, version=3)),
    "an array of no element": ("a.npy", array((0, 4))),
    "brackets nested as deep as are followed": ("a.json", b"[" * 100_000 + b"]" * 100_000),
    "a list that an end mark closes": ("x.ubj", b"[i\x01SU\x02ab]"),
    "an object that an end mark closes": ("x.ubj", b"{i\x01a[]U\x01b{}i\x01cT}"),
    "values of every type": ("x.ubj", b"[ZTFNi\x01U\xffCcI\x00\x01l" + bytes(4) + b"d" + bytes(4) + b"L"
                             + bytes(8) + b"D" + bytes(8) + b"Si\x00HU\x011]"),
    "counted objects": ("x.ubj", b"{$U#i\x02i\x01a\x07i\x01b\x08"),
    "counted lists": ("x.ubj", b"[#I\x00\x02i\x01[$S#L" + bytes(7) + b"\x01i\x01x"),
    "lists nested as deep as are followed": ("x.ubj", b"[" * 1000 + b"]" * 1000),
    "LightGBM's text without pandas' line": ("m_lightgbm.txt", MODEL),
    "LightGBM's text with pandas' line": ("m_lightgbm.txt", MODEL + b"\npandas_categorical:null\n"),
    "LightGBM's text with Windows' lines": ("m_lightgbm.txt", MODEL.replace(b"\n", b"\r\n").replace(b"\r", b"", 1)),
}  # fmt: skip


@pytest.mark.parametrize("kind", WHOLE_FILES)
def test_a_file_that_just_fits_is_whole(kind):
    assert verdict(*WHOLE_FILES[kind]) == WHOLE


NO_END = "it ends without the end record of a zip archive"
TORN = [
    ("w.h5", narrow(2, 8)[:-1], "it lacks 1 of the bytes that its superblock counts"),
    ("w.h5", narrow(0, 8)[:-1], "ends at byte 71, before the end of its superblock"),
    ("w.h5", HDF + b"\x02\x03\x03\x00" + bytes(60), "its superblock is none"),
    ("w.h5", HDF, "ends at byte 8, before the end of its superblock"),
    ("w.h5", bytes(510), "it has no superblock"),
    ("w.h5", bytes(512 << 12) + HDF, "it has no superblock"),
    ("m.safetensors", struct.pack("<Q", 10**8) + b"{}", "it ends within its header"),
    ("m.safetensors", struct.pack("<Q", 10**8 + 1) + b"{}", "its header's length is none that safetensors allows"),
    ("m.safetensors", tensors({})[:-1], "it ends within its header"),
    ("m.safetensors", tensors({}, header=b"[]"), "its header is no JSON object"),
    ("m.safetensors", tensors({}, header=b"{"), "its header is no JSON"),
    ("m.safetensors", tensors({}, header=b'{"a": 7}'), "its header says of a tensor not where it lies"),
    ("m.safetensors", tensors({}, header=b'{"a": {"data_offsets": [0]}}'),
     "its header says of a tensor not where it lies"),
    *(
        ("m.safetensors", tensors({}, header=offsets(*wrong)) + bytes(8),
         "the tensors of its header do not follow each other")
        for wrong in ([(1, 8)], [(0, 4), (5, 8)], [(0, 4), (3, 8)], [(0, 8), (8, 7)])
    ),
    ("a.npy", b"\x94NUMPY\x01\x00\x00\x00", "it does not begin as a .npy file does"),
    ("a.npy", b"\x93NUMPY\x01\x00\x01\x00", "it ends within its header"),
    ("a.npy", b"\x93NUMPY\x01\x00\x00", "ends at byte 9, before the end of its header"),
    ("a.npy", shaped(FLOATS, 11), "it lacks 1 of the bytes that its header counts"),
    ("a.npz", counting(200_000), "its directory holds 0 of 200000 entries"),
    ("a.npz", archive({}, comment=b"PK\x05\x06"), "it is an archive of nothing"),
    ("a.npz", counting(7).replace(b"PK\x06\x07", b"PK\x06\x08"), NO_END),
    ("a.npz", counting(7).replace(struct.pack("<LQL", 0, 4, 1), struct.pack("<LQL", 0, 5, 1)), NO_END),
    ("m.ckpt.tar", bytes(40), "it begins with zeros"),
    ("m.pt", bytes(16) + b"\x01", "it begins with zeros"),
    ("m.cbm", b"CBM2\x00\x00\x00\x00", "it does not begin as a CatBoost model does"),
    ("m.cbm", b"CBM1\x05\x00\x00\x00abcd", "it lacks 1 of the bytes that its header counts"),
    ("m.cbm", b"CBM1\xfe\xff\xff\xff", "it lacks 4294967294 of the bytes that its header counts"),
    ("a.json", b'"text"', "it is no JSON object or list"),
    ("a.json", b"]", "its brackets do not match"),
    ("a.json", b'["a]', "it ends within its text"),
    ("x.ubj", b"i\x01", "it begins with no object and no list"),
    ("x.ubj", b"[x]", "it holds a value of no type that UBJSON knows"),
    ("x.ubj", b"[$i]", "a container says its type and not its count"),
    ("x.ubj", b"[Sx]", "a length in it is none"),
    ("x.ubj", b"{i\x01a", "ends at byte 4, before the end of an object"),
    ("x.ubj", b"[i", "ends at byte 2, before the end of a number"),
    ("x.ubj", b"[Si\x02a", "ends at byte 5, before the end of a text"),
    ("x.ubj", b"[[]", "ends at byte 3, before the end of a list"),
    ("m_lightgbm.txt", MODEL[:-1], "it ends before `end of parameters`"),
    ("m_lightgbm.txt", MODEL + b"pandas_categorical:null", "it ends within its last line"),
    ("m_lightgbm.txt", MODEL + b"pandas_cat\n", "it ends within its last line"),
    ("m.model", b"tree\nversion=v4\n", "it ends before `end of parameters`"),
]  # fmt: skip
NOT_VERIFIED = [
    ("w.h5", HDF + b"\x04", "its superblock is of version 4"),
    ("w.h5", bytes(512) + superblock(2, end=300, size=300), "its superblock says that it lies elsewhere"),
    ("m.safetensors", tensors({}, header=padded(b"{}", (4 << 20) + 1)), "its header is longer than 4194304 bytes"),
    ("a.npy", b"\x93NUMPY\x01\x00\x00\x00", "its header describes no plain array"),
    ("a.npy", shaped(FLOATS, 12, version=0), "it is of version 0 of its format"),
    ("a.npy", shaped(FLOATS, 12, version=4), "it is of version 4 of its format"),
    ("a.npy", shaped(padded(FLOATS, (64 << 10) + 1), 12, version=2), "its header is longer than 65536 bytes"),
    ("a.npy", shaped(FLOATS, 13), "more than one array seems to be in it"),
    ("a.npy", shaped(FLOATS.replace(b"<f4", b"|O"), 12), "its header describes no plain array"),
    ("a.npz", counting(200_001), "it has more than 200000 entries"),
    ("a.npz", counting(200_001, before=b""), "it has more than 200000 entries"),
    ("m.safetensors.index.json", b"[]", "it has no weight_map"),
    ("m.safetensors.index.json", b"{}", "it has no weight_map"),
    ("m.safetensors.index.json", b'{"weight_map": ["m.safetensors"]}', "it has no weight_map"),
    ("m.cbm", b"CBM1\xff\xff\xff\xff",
     "its core is whole; of what may follow it, CatBoost's format tells no end"),
    ("a.json", b"[" * 100_001, "it is nested more than 100000 deep"),
    ("x.ubj", b"[" * 1001 + b"]", "it is nested more than 1000 deep"),
    ("m.pt", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19", "a torch pickle of before 1.6 tells no end"),
    ("m.pt", b"\x80\x02N.", "a pickle is not read"),
    ("m.bin", bytes(40), "its format is none that Spotter verifies"),
    ("m.pt", bytes(15) + b"\x01", "its format is none that Spotter verifies"),
    ("__0_0.distcp", bytes(40), "no .metadata lies beside it"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "why"), TORN, ids=lambda v: str(v)[:50])
def test_a_file_of_a_known_format_that_is_torn_says_why(name, data, why):
    assert verdict(name, data) == FileVerdict(FileState.TORN, why)


@pytest.mark.parametrize(("name", "data", "why"), NOT_VERIFIED, ids=lambda v: str(v)[:50])
def test_a_file_that_shows_neither_is_not_verified_and_says_why(name, data, why):
    assert verdict(name, data) == FileVerdict(FileState.NOT_VERIFIED, why)


def test_files_that_are_longer_than_is_read_are_not_verified():
    for name, most in ((".metadata", 16 << 20), ("m.safetensors.index.json", 4 << 20)):
        assert verdict(name, bytes(most + 1)) == FileVerdict(
            FileState.NOT_VERIFIED, f"it is longer than {most} bytes"
        )
        assert verdict(name, bytes(most)).state is FileState.TORN


def test_an_archive_with_the_longest_comment_is_whole_and_with_a_cut_one_torn():
    data = archive({"a": b"1"}, comment=b"x" * 0xFFFF)
    assert verdict("a.npz", data) == WHOLE
    assert verdict("a.npz", data[:-1]).state is FileState.TORN
