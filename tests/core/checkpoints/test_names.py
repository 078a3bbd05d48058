"""What a file's name alone tells: whether a copy left it behind, and whether it is a part."""

import pytest

from spotter.core.checkpoints import names


@pytest.mark.parametrize(
    ("base", "ignored"),
    [
        ("model.pt.sagemaker-uploading", True),
        ("model.pt.sagemaker-uploaded", True),
        ("model.lock", True),
        (".nfs0001", True),
        ("._model.pt", True),
        ("model.pt", False),
        ("locksmith.pt", False),
    ],
)
def test_what_a_copy_leaves_behind_is_ignored(base, ignored):
    assert names.is_ignored(base) is ignored


@pytest.mark.parametrize(
    ("path", "state"),
    [
        ("step-5.pt", True),
        ("0005.pt", True),
        ("features.pt", False),
        ("features-step-5.pt", True),
        ("best-features.pt", True),
        ("features.ckpt", True),
        ("embeddings.model", False),
        ("tokenizer.model", False),
        ("policy.model", True),
        ("0005.bin", False),
        ("weights.bin", True),
        ("step_5.pkl", True),
        ("optim2.npy", True),
        ("rng_state.pth", False),
        ("weights/a/args.pt", True),
        ("weights/a/b/args.pt", False),
        ("data/0005.pt", False),
        ("data/raw/0005.pt", False),
        ("Data/0005.pt", False),
        ("data/model.pt", True),
        ("data/checkpoints/0005.pt", True),
        ("data/step-5/0005.pt", True),
        ("checkpoints/data/0005.pt", False),
        ("hub/checkpoints/model.pt", False),
        ("models--bert/snapshots/0a/model.pt", False),
        ("a/datasets--squad/model.pt", False),
        ("m" * 252 + ".pt", True),
        ("m" * 253 + ".pt", False),
    ],
)
def test_a_name_shows_learnt_state_unless_it_is_that_of_data(path, state):
    assert names.is_state(path) is state


@pytest.mark.parametrize(
    ("folder", "number"),
    [
        *(("100", True), ("01", True), ("20261125", False), ("19991231", False)),
        *(("21000101", True), ("2026112", True), ("201", True), ("1e3", False), ("", False)),
        ("\u0663", False),
    ],
)
def test_a_folder_of_digits_is_a_number_unless_it_is_a_date(folder, number):
    assert names.is_number(folder) is number


def test_numbers_are_compared_as_numbers_however_long_they_are():
    ordered = ["step-0", "step-9", "step-010", "step-99", "step-" + "9" * 40, "step-1" + "0" * 40]
    assert sorted(set(ordered), key=names.numbers) == ordered
    assert names.steps("epoch=02-step=0500.ckpt") == ("2", "500")


def test_the_number_of_the_folder_is_left_out_of_a_path_and_other_numbers_stay():
    own = frozenset(("500", "7"))
    assert names.without("global_step500/rank_7.pt", own) == "global_step#/rank_7.pt"
    assert names.without("model-500.pt", own) == "model-#.pt"
    assert names.without("step_7/part-7.pt", own) == "step_#/part-7.pt"
    assert names.without("step_0500/501.pt", own) == "step_#/501.pt"


@pytest.mark.parametrize(
    ("pattern", "fits", "others"),
    [
        ("model.pt", ["model.pt"], ["model.p", "model.px", "model.pth", "a-model.pt", ""]),
        ("*.pt", [".pt", "a.pt"], ["pt", "a.pth", "a.pt.tmp"]),
        ("rank_*", ["rank_", "rank_0.pt"], ["rank", "a-rank_0"]),
        ("a?.pt", ["ab.pt", "a?.pt"], ["a.pt", "abc.pt"]),
        ("*?.mine", ["a.mine"], [".mine"]),
        ("w?*", ["wa", "wab"], ["w"]),
        ("*-part-*", ["a-part-b", "-part-"], ["a-part", "part-b"]),
        ("step_[0-9]*.pt", ["step_7.pt", "step_70_a.pt"], ["step_.pt", "step_a.pt"]),
        ("epoch-1.pt", ["epoch-1.pt", "epoch-7.pt"], ["epoch-10.pt", "epoch-a.pt"]),
        ("a|*.b", ["a", "x.b"], ["a.c", "ab", "b"]),
    ],
)
def test_a_pattern_fits_whole_names_with_all_digits_alike(pattern, fits, others):
    found = names.one_of(pattern)
    for _ in range(2):  # also once it is known
        assert [found.match(name) for name in fits] == [True] * len(fits)
        assert [found.match(name) for name in others] == [False] * len(others)


def test_a_number_of_two_digits_that_no_word_of_a_step_precedes_may_be_a_shards():
    own = frozenset(("10", "100"))
    assert names.without("step_10/part-10.pt", own) == "step_#/part-10.pt"
    assert names.without("step_100/part-100.pt", own) == "step_#/part-#.pt"
