"""What the siblings of a checkpoint show: what it lacks, and which of its files is too small."""

from datetime import timedelta
from itertools import pairwise

import pytest

from spotter.core.checkpoints import Findings, StoredObject, findings
from tests.support.jobs import NOON

SAVE = ("model.pt", "optimizer.pt", "progress.pt")


def found(files: dict[str, int], own: tuple[str, ...] = ()) -> Findings:
    """An hour after these files of these sizes were written, one a second."""
    stored = [
        StoredObject(f"run/{name}", NOON + timedelta(seconds=k), size)
        for k, (name, size) in enumerate(files.items())
    ]
    return findings("run/", stored, now=NOON + timedelta(hours=1), own=own)


def complete(files: dict[str, int]) -> list[str]:
    return [checkpoint.name for checkpoint in found(files).complete]


def folders(**steps: int) -> dict[str, int]:
    """Folders of a script's own layout, each with so many of its files."""
    return {f"{step}/{name}": 900 for step, upto in steps.items() for name in SAVE[:upto]}


def test_a_folder_that_lacks_what_its_siblings_hold_is_not_complete():
    assert complete(folders(step_1=3, step_2=1)) == ["step_1/"]
    assert complete(folders(step_1=3, step_2=3)) == ["step_1/", "step_2/"]
    torn = found(folders(step_1=3, step_2=1)).unfinished[-1]
    assert (torn.name, torn.lacks) == ("step_2/", "it lacks optimizer.pt, which its siblings hold")


def test_later_siblings_tell_as_much_as_earlier_ones():
    """Rotation deletes an old folder file by file, and an attempt may have died while it did."""
    assert complete(folders(step_9=1, step_10=3, step_11=3)) == ["step_10/", "step_11/"]


def test_a_half_deleted_sibling_is_no_measure():
    assert complete(folders(step_8=1, step_9=3, step_10=1)) == ["step_9/"]


def test_one_folder_that_holds_more_than_all_others_takes_nothing_from_them():
    files = folders(step_1=3, step_2=3, step_3=3, step_4=3, step_5=3)
    files["step_1/ema.pt"] = 900
    assert len(complete(files)) == 5


def test_the_newest_of_two_written_in_one_second_is_that_of_the_higher_number():
    stored = [StoredObject(f"run/step-{n}.pt", NOON, 9) for n in (9, 10, 100, 11)]
    assert found({}).newest is None
    newest = findings("run/", stored, now=NOON + timedelta(hours=1)).newest
    assert newest is not None
    assert newest.name == "step-100.pt"


RANKS = (
    "ep0-ba{0}-rank{1}.pt",
    "rank_{1}/step-{0}.pt",
    "step-{0}/rank_{1}.pt",
    "a/step-{0}/w{1}.npz",
)


@pytest.mark.parametrize("pattern", RANKS)
def test_a_save_without_all_its_ranks_is_not_complete(pattern):
    """Two processes each wrote a file of step 100; of step 200 one of them did."""
    whole = {pattern.format(100, rank): 900 for rank in range(2)}
    torn = whole | {pattern.format(200, 0): 900}
    assert len(found(torn).complete) == 1
    assert found(torn).newest == found(whole).newest
    assert len(found(torn | {pattern.format(200, 1): 900}).complete) == 2


def test_files_of_one_step_with_different_parts_are_one_checkpoint():
    files = {"G_1000.pth": 900, "D_1000.pth": 900, "G_2000.pth": 900}
    assert complete(files) == ["*_1000.pth"]
    assert complete(files | {"D_2000.pth": 900}) == ["*_1000.pth", "*_2000.pth"]


FIXED = (
    "step-{}.pt",
    "epoch={}.ckpt",
    "c/step-{}/model.safetensors",
    "w-{}.h5",
    "net-{}.params",
    "s-{}.npz",
)


@pytest.mark.parametrize("pattern", FIXED)
def test_a_file_over_half_a_percent_smaller_than_its_siblings_is_torn(pattern):
    def sizes(*of: int) -> list[str]:
        return complete({pattern.format(step): size for step, size in enumerate(of, 1)})

    assert len(sizes(100_000, 100_000, 99_300)) == 2
    assert len(sizes(100_000, 100_000, 99_600)) == 3
    assert len(sizes(100_000, 40_000)) == 1
    assert len(sizes(40_000, 100_000)) == 1


def test_sizes_are_compared_by_shard():
    """The second of two shards is smaller than the first in every save."""
    name = "step-{}/model-0000{}-of-00002.safetensors"
    whole = {name.format(s, k): 100_000 // k for s in (1, 2) for k in (1, 2)}
    assert complete(whole) == ["step-1/", "step-2/"]
    assert complete(whole | {name.format(2, 2): 20_000}) == ["step-1/"]


def test_a_model_that_became_smaller_for_good_is_whole():
    assert len(complete({f"step-{n}.pt": size for n, size in enumerate((100, 60, 60, 60))})) == 4


@pytest.mark.parametrize(
    "pattern", ["xgboost-checkpoint.{}", "model_{}.ubj", "model_{}.txt", "m-{}.cbm"]
)
def test_a_model_of_trees_may_grow_and_never_shrinks(pattern):
    growing = {pattern.format(n): 1000 * n for n in (8, 9, 10, 11)}
    assert len(complete(growing)) == 4
    assert complete(growing | {pattern.format(12): 5000}) == list(growing)


def test_what_ocdbt_writes_is_measured_together():
    """Orbax's files of data have names of chance, and there may be more of them or fewer."""

    def step(number: int, *sizes: int) -> dict[str, int]:
        data = {f"{number}/default/d/{number}{k}ab": size for k, size in enumerate(sizes)}
        return {f"{number}/_CHECKPOINT_METADATA": 9, f"{number}/default/manifest.ocdbt": 9} | data

    assert complete(step(100, 500, 500) | step(200, 970)) == ["100/", "200/"]
    assert complete(step(100, 500, 500) | step(200, 500)) == ["100/"]
    assert complete(step(100, 500, 500) | step(200)) == ["100/"]


ALONE = ("model.safetensors", "pytorch_model.bin", "adapter_model.safetensors")


@pytest.mark.parametrize("name", ALONE)
def test_weights_alone_in_a_trainers_folder_are_a_save_that_was_cut(name):
    """Until a second folder of the kind shows that another program writes them."""
    assert complete({f"checkpoint-5/{name}": 900, "checkpoint-5/config.json": 9}) == []
    two = {f"checkpoint-{n}/{each}": 900 for n in (5, 10) for each in (name, "config.json")}
    assert complete(two) == ["checkpoint-5/", "checkpoint-10/"]


@pytest.mark.parametrize(
    ("cut", "other"),
    [
        ("checkpoint-5/model.safetensors", ["checkpoint-10/weights.npz"]),
        ("step_5/model.safetensors", ["step_10/model.safetensors", "step_10/config.json"]),
    ],
)
def test_a_folder_of_another_kind_does_not_show_that_another_program_writes_weights(cut, other):
    unfinished = found(dict.fromkeys([cut, *other], 900)).unfinished
    lacks = {checkpoint.name: checkpoint.lacks for checkpoint in unfinished}
    assert lacks[f"{cut.partition('/')[0]}/"].endswith("trainer_state.json")


def test_siblings_are_told_apart_by_where_they_lie():
    """Trials of a search have models of different sizes; the versions of one run have not."""
    trials = {"t_a/checkpoint_000001/m.pt": 900, "t_b/checkpoint_000001/m.pt": 300}
    assert len(complete(trials)) == 2
    versions = {f"lightning_logs/version_{n}/checkpoints/last.ckpt": 900 - 600 * n for n in (0, 1)}
    assert complete(versions) == ["lightning_logs/version_0/checkpoints/last.ckpt"]


def test_what_is_written_over_in_place_is_complete_once_its_commit_is_the_newest():
    names = ("__0_0.distcp", "__1_0.distcp", ".metadata")
    assert complete(dict.fromkeys(names, 9)) == ["the files at the top"]
    assert complete(dict.fromkeys(reversed(names), 9)) == []


def test_what_is_torn_is_named_with_what_it_lacks_the_newest_last():
    files = folders(step_1=3, step_2=2, step_3=1)
    torn = found(files).unfinished
    assert [checkpoint.name for checkpoint in torn] == ["step_2/", "step_3/"]
    assert all(before.written <= after.written for before, after in pairwise(torn))
    assert {o.key for o in torn[0].files} == {"run/step_2/model.pt", "run/step_2/optimizer.pt"}


def test_a_checkpoint_says_its_layout_and_all_its_files():
    files = {
        f"checkpoint-5/{n}": 9 for n in ("model.safetensors", "trainer_state.json", "README.md")
    }
    newest = found(files).newest
    assert newest is not None
    assert newest.layout == "Hugging Face Trainer (plain, DeepSpeed, FSDP)"
    assert {o.key for o in newest.files} == {f"run/{name}" for name in files}
