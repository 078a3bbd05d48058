"""What is compared of a file that a training leaves: its bytes, or what they say."""

import pytest

from spotter_cli.rehearse.runs.collect import left_a_gap, values_of
from spotter_cli.rehearse.verdict.artifacts import is_same
from spotter_cli.rehearse.verdict.evidence import Artifact
from tests.rehearse.runs.test_deleted_checkpoint import bucket

MODEL = "tree\nversion=v4\nTree=0\nleaf_value={leaf}\nend of trees\n\nparameters:\n[num_iterations: {rounds}]\nend of parameters\n"


def artifact(tmp_path, text: str) -> Artifact:
    path = tmp_path / "model"
    path.write_text(text)
    return Artifact(text, len(text), values_of(path, len(text)))


def test_a_lightgbm_model_is_the_same_if_its_trees_are(tmp_path):
    whole = artifact(tmp_path, MODEL.format(leaf=0.5, rounds=40))
    assert is_same(whole, artifact(tmp_path, MODEL.format(leaf=0.5, rounds=10)))
    assert not is_same(whole, artifact(tmp_path, MODEL.format(leaf=0.4, rounds=40)))


def test_json_is_the_same_if_its_values_are_and_other_files_if_their_bytes_are(tmp_path):
    assert is_same(artifact(tmp_path, '{"a": 1}'), artifact(tmp_path, '{ "a":1 }'))
    assert values_of(tmp_path / "gone", 3) is None
    assert not is_same(artifact(tmp_path, "tree"), artifact(tmp_path, "trees"))


@pytest.mark.parametrize(
    ("gap", "changes"),
    [
        (True, ["epoch-0.pt", "-epoch-0.pt", "epoch-1.pt"]),
        (True, ["last.pt", "log.txt", "-last.pt", "last.pt"]),
        (True, ["0/model.pt", "0/rng.pt", "-0/rng.pt", "-0/model.pt", "1/model.pt"]),
        (False, ["epoch-0.pt", "epoch-1.pt", "-epoch-0.pt"]),
        (False, ["last.pt", "last.pt"]),
        (False, ["a.tmp", "-a.tmp", "a.pt", "a.tmp", "-a.tmp", "a.pt"]),
        (False, ["best.pt", "epoch-0.pt", "-epoch-0.pt", "epoch-1.pt"]),
        (False, ["-never-uploaded.pt", "epoch-0.pt"]),
        (False, ["epoch-0.pt", "-epoch-0.pt"]),
    ],
)
def test_a_gap_is_seen_where_the_last_file_of_a_kind_goes_before_the_next_one_comes(
    tmp_path, gap, changes
):
    made = bucket(tmp_path, *changes)
    assert left_a_gap(made.changes, made.contents) is gap
