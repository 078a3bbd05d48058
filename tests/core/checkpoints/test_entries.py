"""Which files are one checkpoint, and in which order checkpoints follow one another."""

import pytest

from spotter.core.checkpoints import StoredObject
from spotter.core.checkpoints.entries import Entry, entries
from tests.support.jobs import NOON


def found(*paths: str, own: tuple[str, ...] = ()) -> list[Entry]:
    return entries({path: StoredObject(f"run/{path}", NOON, 10) for path in paths}, own)


def in_order(*paths: str) -> list[str]:
    return [one.name for one in sorted(found(*paths), key=lambda one: one.order)]


@pytest.mark.parametrize(
    "paths",
    [
        ("model_9_1.pt", "model_1_2.pt"),
        ("model-9.pt", "model-10.pt"),
        ("run_1_step_5.pt", "run_2_step_4_3.pt")[::-1],
    ],
)
def test_the_steps_of_a_name_tell_the_order_and_else_its_last_number(paths):
    assert in_order(*paths) == in_order(*reversed(paths)) == list(paths)


@pytest.mark.parametrize(
    ("pattern", "names"),
    [("weights/*.dat", ["weights/a.dat"]), ("*.dat", ["b.dat", "weights/a.dat"]), ("*.other", [])],
)
def test_an_owners_pattern_fits_a_path_or_a_name_and_nothing_that_is_being_written(pattern, names):
    given = ("weights/a.dat", "weights/c.dat.tmp", "b.dat")
    assert sorted(one.name for one in found(*given, own=(pattern,))) == names


def test_an_entry_has_the_numbers_of_its_whole_name_and_apart_those_of_its_folder():
    [one] = found("run_3/step_005/model.pt")
    assert one.name == "run_3/step_005/"
    assert [plain for _, plain in one.numbers] == ["3", "5"]
    assert one.own_numbers == {"5"}
