"""What is compared of a file that a training leaves: its bytes, or what they say."""

from spotter_cli.rehearse.runs.collect import values_of
from spotter_cli.rehearse.verdict.artifacts import is_same
from spotter_cli.rehearse.verdict.evidence import Artifact

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
