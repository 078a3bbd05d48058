"""Which folders of a prefix that is too large are listed, and in which order."""

import pytest

from spotter.core.checkpoints import scan


def test_of_each_kind_the_three_of_the_highest_numbers_are_listed():
    steps = [f"run/step-{n}/" for n in (1, 9, 10, 100, 20)]
    assert scan.worth(steps) == ["run/step-100/", "run/step-20/", "run/step-10/"]
    assert scan.worth(steps[:2]) == ["run/step-9/", "run/step-1/"]


def test_folders_of_steps_come_before_those_that_hold_checkpoints_and_those_before_others():
    folders = ["run/a/", "run/weights/", "run/20261125_100000/", "run/iter_0002500/", "run/100/"]
    assert scan.worth(folders) == [
        "run/100/",
        "run/iter_0002500/",
        "run/weights/",
        "run/20261125_100000/",
        "run/a/",
    ]


@pytest.mark.parametrize("own", ["wandb", "WANDB", ".hydra", "tmp-checkpoint-10"])
def test_folders_that_hold_no_state_and_those_that_are_staged_are_skipped(own):
    assert scan.worth([f"run/{own}/", "run/a/"]) == ["run/a/"]


@pytest.mark.parametrize(
    ("folder", "one"),
    [
        ("run/checkpoint-500/", True),
        ("run/100/", True),
        ("run/last.ckpt/", True),
        ("run/20261125/", False),
        ("checkpoint-500/logs/", False),
    ],
)
def test_a_folder_is_one_checkpoint_by_its_own_name(folder, one):
    assert scan.is_one(folder) is one
