"""Files in the formats of checkpoints, made byte by byte, and a reader that counts what is read."""

import io
import json
import struct
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spotter.core.checkpoints.formats.kinds import verify
from spotter.core.checkpoints.formats.verdicts import CannotTell, FileVerdict, Range, run

FILES = Path(__file__).parents[1] / "core/checkpoints/formats/files"
"""Written by the libraries themselves: torch 2.13, LightGBM 4.7, XGBoost 3.2, h5py 3.14 (HDF5 2.0)."""


@dataclass
class CountingReader:
    """Serves ranges of a file, up to a bound; what lies outside the file must not be requested."""

    data: bytes
    bound: int = 1 << 30
    ranges: list[Range] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(wanted.length for wanted in self.ranges)

    def read(self, wanted: Range) -> bytes:
        self.ranges.append(wanted)
        assert wanted.start >= 0
        assert wanted.length >= 0
        assert wanted.start + wanted.length <= len(self.data)
        if self.total > self.bound:
            raise CannotTell("the bound was reached")
        return self.data[wanted.start : wanted.start + wanted.length]


def verdict(
    name: str, data: bytes, beside: Mapping[str, int] | None = None, *, all_seen: bool = True
) -> FileVerdict:
    """What a verifier answers about a file with these bytes, next to files of these sizes."""
    return verdict_and_reader(name, data, beside, all_seen=all_seen)[0]


def verdict_and_reader(
    name: str, data: bytes, beside: Mapping[str, int] | None = None, *, all_seen: bool = True
) -> tuple[FileVerdict, CountingReader]:
    reader = CountingReader(data)
    sizes = {**(beside or {}), name: len(data)}
    return run(verify(name, sizes, all_seen=all_seen), reader.read), reader


def archive(
    entries: Mapping[str, bytes], *, packed: bool = False, comment: bytes = b"", wide: bool = False
) -> bytes:
    """A zip archive; `wide` writes zip64 fields into its entries."""
    made, method = io.BytesIO(), zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(made, "w", method) as opened:
        opened.comment = comment
        for name, content in entries.items():
            with opened.open(name, "w", force_zip64=wide) as entry:
                entry.write(content)
    return made.getvalue()


def with_zip64_end(made: bytes) -> bytes:
    """The same archive with a zip64 end record, and nothing but its marks in the old one."""
    end = struct.unpack("<4s4H2LH", made[-22:])
    entries, length, start = end[4], end[5], end[6]
    record = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, length, start
    )
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(made) - 22, 1)
    old = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return made[:-22] + record + locator + old


def with_wide_entry(offset: int) -> bytes:
    """An archive of one entry that the directory places by zip64's field."""
    made = archive({"a": b"1"})
    entry, end = made.rfind(b"PK\x01\x02"), made.rfind(b"PK\x05\x06")
    extra = struct.pack("<HHQ", 1, 8, offset)
    directory = bytearray(made[entry:end] + extra)
    struct.pack_into("<H", directory, 30, len(extra))
    struct.pack_into("<L", directory, 42, 0xFFFFFFFF)
    record = bytearray(made[end:])
    struct.pack_into("<L", record, 12, len(directory))
    return made[:entry] + bytes(directory) + bytes(record)


def array(
    shape: tuple[int, ...], kind: str = "<f4", *, data: bytes | None = None, version: int = 1
) -> bytes:
    """A `.npy` file of zeros."""
    item = int("".join(c for c in kind if c.isdigit()) or 1) * (4 if "U" in kind else 1)
    header = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape!r}, }}".encode()
    start = 10 if version == 1 else 12
    header += b" " * (-(start + len(header) + 1) % 64) + b"\n"
    width = struct.pack("<H" if version == 1 else "<L", len(header))
    count = 1
    for length in shape:
        count *= length
    return b"\x93NUMPY" + bytes([version, 0]) + width + header + (data or bytes(item * count))


def tensors(sizes: Mapping[str, int], *, header: bytes | None = None) -> bytes:
    """A safetensors file of tensors with so many bytes."""
    at = 0
    entries: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    for name, size in sizes.items():
        entries[name] = {"dtype": "U8", "shape": [size], "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(entries).encode() if header is None else header
    return struct.pack("<Q", len(text)) + text + bytes(at)


def superblock(version: int, *, end: int, size: int, place: int = 0) -> bytes:
    """An HDF5 file of so many bytes whose superblock tells so many."""
    address = struct.Struct("<Q").pack
    none = address(2**64 - 1)
    begin = b"\x89HDF\r\n\x1a\n" + bytes([version])
    if version < 2:
        begin += bytes([0, 0, 0, 0, 8, 8, 0]) + struct.pack("<HHL", 4, 16, 0)
        begin += struct.pack("<HH", 32, 0) if version else b""
        begin += address(place) + none + address(end) + none + address(0) + address(96)
    else:
        begin += bytes([8, 8, 0]) + address(place) + none + address(end) + address(48) + bytes(4)
        begin += b"OHDR"
    return (bytes(place) + begin).ljust(size, b"\x01")[:size]
