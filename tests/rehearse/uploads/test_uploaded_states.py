"""Each state of the bucket is tried once, with halves of what was written in place; and which files are a whole checkpoint."""

import struct
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from spotter_cli.rehearse.runs import gate
from spotter_cli.rehearse.uploads.bucket import BucketChange, StoredCopy
from spotter_cli.rehearse.uploads.uploaded_states import chosen_states, uploaded_states


def put(name: str, digest: str, *, in_place: bool = True, at: float = 0.0) -> BucketChange:
    return BucketChange(at, name, StoredCopy(Path("x"), 10, digest, at), in_place)


def gone(name: str) -> BucketChange:
    return BucketChange(0.0, name, None)


def shown(changes: Sequence[BucketChange]) -> list[tuple[str, str | None]]:
    return [
        ("".join(sorted(f"{n}={c.digest} " for n, c in one.contents.items())).strip(), one.torn)
        for one in uploaded_states(changes)
    ]


def test_a_file_that_is_replaced_by_a_rename_is_never_torn():
    changes = [put("last.part", "a"), put("last", "a", in_place=False), gone("last.part")]
    assert shown(changes) == [
        ("last.part=a", "last.part"),
        ("last.part=a", None),
        ("last.part=a last=a", None),
        ("last=a", None),
    ]


def test_a_file_that_is_written_in_place_is_torn_each_time():
    assert shown([put("last", "a"), put("last", "b"), put("last", "a")]) == [
        ("last=a", "last"),
        ("last=a", None),
        ("last=b", "last"),
        ("last=b", None),
    ]


def test_a_deletion_before_the_next_save_leaves_an_empty_folder():
    assert shown([put("1", "a", in_place=False), gone("1"), put("2", "b", in_place=False)]) == [
        ("1=a", None),
        ("", None),
        ("2=b", None),
    ]


@given(st.integers(1, 90), st.integers(1, 70))
def test_at_most_so_many_are_chosen_and_of_each_kind_one(saves, most):
    changes = [
        one for n in range(saves) for one in (put(f"step-{n}", f"{n}"), gone(f"step-{n - 1}"))
    ]
    states = list(uploaded_states(changes))
    chosen = chosen_states(states, most)
    assert len(chosen) == min(most, len(states))
    assert [one.number for one in chosen] == sorted(one.number for one in chosen)
    if most >= 8:
        assert {bool(one.torn) for one in chosen} == {bool(one.torn) for one in states}


def stored(folder: Path, **files: bytes) -> dict[str, StoredCopy]:
    found = {}
    for at, (name, content) in enumerate(files.items()):
        path = folder / f"{at}"
        path.write_bytes(content)
        found[name.replace("__", ".")] = StoredCopy(path, len(content), f"{at}", 1e9 + at)
    return found


def test_the_gate_reads_what_was_uploaded(tmp_path):
    header = b'{"w":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}'
    whole = struct.pack("<Q", len(header)) + header + bytes(16)
    contents = stored(tmp_path, step_1__safetensors=whole, step_2__safetensors=whole[:-8])
    verdict = gate.gate_verdict(contents)
    assert verdict.complete == "step_1.safetensors"
    assert gate.gate_verdict(stored(tmp_path, notes__txt=b"x")).complete is None


def test_without_a_name_that_a_framework_uses_each_finished_file_is_a_checkpoint(tmp_path):
    contents = stored(tmp_path, state__json=b"{}", state__json__part=b"{")
    assert gate.newest_whole(contents) == "state.json"
    assert gate.newest_whole(stored(tmp_path, state__json__tmp=b"{")) is None
    assert gate.newest_whole({}) is None
