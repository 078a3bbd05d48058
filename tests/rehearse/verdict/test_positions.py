"""Where a restart began, by the names and bytes of what it saved."""

import pytest

from spotter_cli.rehearse.verdict.evidence import AttemptEvidence, EndedBy, UploadedFile
from spotter_cli.rehearse.verdict.positions import started_over_by_uploads


def saved(*names: str, bytes_of: str = "") -> AttemptEvidence:
    """A save a second; `bytes_of` makes an attempt's bytes its own."""
    files = [UploadedFile(float(n), name, 1, f"{bytes_of}{name}") for n, name in enumerate(names)]
    return AttemptEvidence(99.0, EndedBy.ITSELF, 0, uploads=files)


def folder(step: int, hashed: str) -> tuple[str, ...]:
    return (f"{step}/data/{hashed}.bin", f"{step}/data/model.bin")


WHOLE = (*folder(0, "a1f"), *folder(10, "9c"), *folder(20, "e77"), *folder(30, "b2"))


@pytest.mark.parametrize(
    ("first", "expected"), [(folder(30, "f4"), False), (folder(0, "0d"), True)]
)
def test_the_number_of_a_name_tells_it_though_another_name_of_the_folder_is_random(first, expected):
    reader = saved(*first, bytes_of="reader")
    assert started_over_by_uploads(saved(*WHOLE, bytes_of="run"), reader, 4) is expected


def test_equal_bytes_tell_it_where_names_do_not():
    run = AttemptEvidence(9.0, EndedBy.ITSELF, 0, uploads=[UploadedFile(float(n), "last", 1, str(n)) for n in range(4)])  # fmt: skip
    for first, expected in (("0", True), ("2", False)):
        reader = AttemptEvidence(9.0, EndedBy.ITSELF, 0, uploads=[UploadedFile(9.0, "last", 1, first)])  # fmt: skip
        assert started_over_by_uploads(run, reader, 2) is expected


def test_numbers_that_do_not_grow_tell_nothing():
    run = saved("slot-1.pt", "slot-0.pt", "slot-1.pt", bytes_of="run")
    assert started_over_by_uploads(run, saved("slot-0.pt", bytes_of="reader"), 2) is None
