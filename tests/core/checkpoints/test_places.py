"""The folder that is a checkpoint, where folders of steps lie in each other."""

import pytest

from spotter.core.checkpoints.places import EntryLocation, place


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("checkpoint-500/global_step480/mp_rank_00_model_states.pt", "checkpoint-500/"),
        ("checkpoint-500/step_500/model.pt", "checkpoint-500/"),
        ("epoch_3-step_100/step_100/model.pt", "epoch_3-step_100/"),
        ("step_100/epoch_3-step_100/model.pt", "step_100/epoch_3-step_100/"),
        ("epoch_3/step_100/model.pt", "epoch_3/step_100/"),
        ("step_5/last.ckpt/model.pt", "step_5/last.ckpt/"),
        ("epoch_3/checkpoint-500/global_step480/m.pt", "epoch_3/checkpoint-500/"),
        ("run/step_5/parts/model.pt", "run/step_5/"),
    ],
)
def test_a_folder_of_a_step_within_one_of_the_same_step_is_its_part(path, folder):
    assert place(path, set(), theirs=False).folder == folder


def test_a_staged_folder_is_the_outermost_one():
    assert place("run/step_5.tmp/parts/model.pt", set(), theirs=False) == EntryLocation(
        "run/step_5.tmp/", staged=True
    )


def test_shards_of_a_file_that_stands_alone_are_one_group():
    assert place("last-00001-of-00002.ckpt", set(), theirs=False) == EntryLocation(
        "", "last*.ckpt", "00001-00002"
    )


@pytest.mark.parametrize(
    ("path", "raising", "folder"),
    [
        ("out/params/weights.npz", {"out/"}, "out/"),
        ("out/params/weights.npz", {"out/params/"}, "out/params/"),
        ("out/params/weights.npz", {"other/"}, "out/params/"),
        ("a/out/params/weights.npz", {"a/", "a/out/"}, "a/"),
    ],
)
def test_the_outermost_folder_with_a_mark_is_the_checkpoint(path, raising, folder):
    assert place(path, raising, theirs=False).folder == folder


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        ("out/params.w/.zarray", "out/"),
        ("out/params/d/abc", "out/params/"),
        ("out/5/params/d/abc", "out/5/"),
        ("out/ocdbt.process_0/d/abc", "out/"),
        ("out/7/ocdbt.process_0/d/abc", "out/7/"),
        ("out/variables/variables.index", "out/"),
    ],
)
def test_folders_of_arrays_are_parts_of_the_checkpoint_around_them(path, folder):
    assert place(path, set(), theirs=False).folder == folder
