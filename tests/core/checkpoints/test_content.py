"""What the verdicts about a checkpoint's files say of it, and what a torn newest one means."""

from datetime import timedelta

import pytest

from spotter.core.checkpoints import Findings, StoredObject, findings
from spotter.core.checkpoints.content import (
    is_not_verified,
    is_skipped,
    judged_by_content,
    to_read,
    together,
)
from spotter.core.checkpoints.formats.verdicts import WHOLE, FileState, not_verified, torn
from tests.support.jobs import NOON

DCP = ("step-5/.metadata", "step-5/__0_0.distcp", "step-5/__1_0.distcp")
TRAINER = (
    "checkpoint-5/config.json", "checkpoint-5/model.safetensors", "checkpoint-5/optimizer.pt",
    "checkpoint-5/README.md", "checkpoint-5/trainer_state.json",
)  # fmt: skip


def listed(*names: str) -> Findings:
    """A listing of these, a minute apart, an hour after the last one."""
    objects = [
        StoredObject(f"run/{name}", NOON + timedelta(minutes=n), 90) for n, name in enumerate(names)
    ]
    return findings("run", objects, now=NOON + timedelta(minutes=len(names), hours=1))


def read(*names: str) -> list[str]:
    return to_read(listed(*names).newest, "run/")


def test_files_with_a_format_are_read_the_last_written_first():
    assert read(*TRAINER) == [
        "checkpoint-5/trainer_state.json",
        "checkpoint-5/optimizer.pt",
        "checkpoint-5/model.safetensors",
        "checkpoint-5/config.json",
    ]


def test_of_a_distributed_checkpoint_its_metadata_is_read():
    assert read("step-5/__0_0.distcp", "step-5/__1_0.distcp", "step-5/.metadata") == [DCP[0]]


@pytest.mark.parametrize(
    "name", ["model_5.txt", "xgboost-checkpoint.5", "model-5.joblib", "0005.model", "step-5.npz"]
)
def test_whatever_holds_learnt_state_is_read(name):
    assert read(name) == [name]


def test_one_torn_file_tears_its_checkpoint_and_is_named():
    newest = listed(*TRAINER).newest
    verdicts = dict.fromkeys(TRAINER, WHOLE) | {TRAINER[4]: torn("it ends within its text")}
    verdict = together(newest, "run/", verdicts)
    assert verdict == torn("trainer_state.json: it ends within its text")


def test_a_checkpoint_is_whole_if_all_learnt_state_is():
    newest = listed(*TRAINER).newest
    verdicts = dict.fromkeys(TRAINER[1:3], WHOLE) | {TRAINER[0]: not_verified("unread")}
    assert together(newest, "run/", verdicts) == WHOLE
    assert together(listed(*DCP).newest, "run/", {DCP[0]: WHOLE}) == WHOLE


def test_learnt_state_that_is_not_verified_is_named_and_counted():
    newest = listed(*TRAINER).newest
    assert together(newest, "run/", {TRAINER[1]: WHOLE}) == not_verified(
        "optimizer.pt: it was not read"
    )
    why = together(newest, "run/", {TRAINER[1]: not_verified("S3 answers AccessDenied")}).why
    assert why == "model.safetensors: S3 answers AccessDenied, and 1 more"


def test_what_is_torn_is_complete_no_more():
    found = listed("step-1.pt", "step-2.pt")
    found = judged_by_content(found, found.newest, torn("step-2.pt: it is empty"))
    assert found.newest.name == "step-1.pt"
    assert [one.why for one in found.torn] == ["step-2.pt: it is empty"]
    found = judged_by_content(found, found.newest, WHOLE)
    assert (found.newest.name, found.verdict.state) == ("step-1.pt", FileState.WHOLE)


@pytest.mark.parametrize(
    ("names", "skipped"),
    [
        (("checkpoint-5/model.safetensors", "checkpoint-5/trainer_state.json"), False),
        (("step-1.pt", "step-2.pt"), False),
        (("epoch_1.pth", "last_checkpoint", "epoch_2.pth"), True),
        (("epoch_1.pth", "epoch_2.pth", "last_checkpoint"), False),
        (("checkpoint_last.pt", "checkpoint_1_500.pt"), True),
        (("checkpoint_1_500.pt", "checkpoint_last.pt"), False),
    ],
)
def test_a_framework_skips_what_is_not_named_to_it(names, skipped):
    assert is_skipped(listed(*names).newest) is skipped


def test_a_pointer_of_the_same_second_names_what_it_was_written_after():
    objects = [StoredObject(f"run/{name}", NOON, 90) for name in ("epoch_2.pth", "last_checkpoint")]
    assert not is_skipped(findings("run", objects, now=NOON + timedelta(hours=1)).newest)


def test_no_listing_shows_whether_a_first_single_file_is_whole():
    assert is_not_verified(listed("step-1.pt"))
    assert not is_not_verified(listed("step-1.pt", "step-2.pt"))
    assert not is_not_verified(listed("model.joblib"))
    assert not is_not_verified(listed(*TRAINER))
    found = listed("step-1.pt")
    assert not is_not_verified(judged_by_content(found, found.newest, WHOLE))
    assert not is_not_verified(Findings())
