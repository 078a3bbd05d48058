"""What a training leaves at its end is compared by what it holds: LightGBM's trees, and no bytes of a pickle."""

import pickle

import pytest

from spotter_cli.rehearse.runs.collect import _artifacts
from spotter_cli.rehearse.verdict.artifacts import Sameness, compare_artifacts

TREES = "tree\nversion=v4\nnum_class=1\n\nTree=0\nleaf_value=0.1 {}\n\nend of trees\n"
PARAMETERS = "\nparameters:\n[num_iterations: {}]\nend of parameters\n"


def left(folder, name, content):
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return _artifacts(folder, "model/")


@pytest.mark.parametrize(
    ("last", "expected"), [("0.2", Sameness.SAME), ("0.3", Sameness.DIFFERENT)]
)
def test_a_lightgbm_model_is_its_trees(tmp_path, last, expected):
    whole = TREES.format("0.2") + PARAMETERS.format(60)
    first, second = (left(tmp_path / name, "m.txt", whole) for name in "ab")
    resumed = left(tmp_path / "c", "m.txt", TREES.format(last) + PARAMETERS.format(15))
    assert compare_artifacts(first, second, resumed) == {"model/m.txt": expected}


def test_a_pickle_that_differs_is_not_compared_and_one_that_agrees_is(tmp_path):
    """Equal texts are one object before they are loaded, and may be two afterwards."""
    text = "".join(["dtype", "-name"])
    shared, apart = pickle.dumps([text, text]), pickle.dumps([text, "".join(list(text))])
    assert shared != apart
    first, second = (left(tmp_path / name, "m.joblib", shared) for name in "ab")
    assert compare_artifacts(first, second, left(tmp_path / "c", "m.joblib", apart)) == {}
    same = compare_artifacts(first, second, left(tmp_path / "d", "m.joblib", shared))
    assert same == {"model/m.joblib": Sameness.SAME}
