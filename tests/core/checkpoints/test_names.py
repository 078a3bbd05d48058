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
