"""Real frameworks' checkpoints in S3: whole, being written, torn, followed, and only old ones.

The layouts are those of the frameworks' own savers: transformers' Trainer, DeepSpeed's
save_checkpoint, torch.distributed.checkpoint, Megatron-LM, Accelerate, Lightning, TensorFlow's
CheckpointManager, safetensors in shards, SageMaker's XGBoost and image classification.
"""

from datetime import datetime, timedelta

import pytest

from spotter.core.checkpoints import QUIET, TOP, StoredObject, findings
from tests.support.jobs import NOON

AFTER = NOON + timedelta(hours=1)
JUST_NOW = NOON + timedelta(seconds=30)


def listing(*names: str, newest: datetime = NOON) -> list[StoredObject]:
    """These were uploaded one after another, a second apart, the last one at `newest`."""
    begin = newest - timedelta(seconds=len(names) - 1)
    return [StoredObject(f"run/{n}", begin + timedelta(seconds=k), 9) for k, n in enumerate(names)]


def newest_and_settling(
    objects: list[StoredObject], now: datetime = AFTER
) -> tuple[str | None, str | None]:
    found = findings("run/", objects, now=now)
    newest, settling = found.newest, found.settling
    return newest.name if newest else None, settling.name if settling else None


HUGGING_FACE = ("model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth")
ZERO = ("mp_rank_00_model_states.pt", "zero_pp_rank_0_mp_rank_00_optim_states.pt")


HF_ON_DEEPSPEED = ("global_step5/mp_rank_00_model_states.pt", "latest", "trainer_state.json")


def folder(name: str, *files: str) -> tuple[str, ...]:
    return tuple(f"{name}/{file}" for file in files)


FIRST_HF = folder("checkpoint-500", *HUGGING_FACE, "trainer_state.json")
TORN = {
    "Hugging Face": ((*FIRST_HF, *folder("checkpoint-1000", *HUGGING_FACE)), "checkpoint-500/"),
    "DeepSpeed": (
        (*folder("global_step1", *ZERO), "latest", *folder("global_step2", *ZERO)),
        "global_step1/",
    ),
    "Hugging Face on DeepSpeed": (
        (
            *folder("checkpoint-5", *HF_ON_DEEPSPEED),
            *folder("checkpoint-9", "global_step9/mp_rank_00_model_states.pt", "latest"),
        ),
        "checkpoint-5/",
    ),
    "Megatron-LM": (
        (
            "iter_0000100/mp_rank_00/model_optim_rng.pt",
            "latest_checkpointed_iteration.txt",
            "iter_0000200/mp_rank_00/model_optim_rng.pt",
        ),
        "iter_0000100/",
    ),
    "torch.distributed in folders": (
        (
            *folder("step-1", "__0_0.distcp", "__1_0.distcp", ".metadata"),
            *folder("step-2", "__0_0.distcp"),
        ),
        "step-1/",
    ),
    "a mark of success": (
        ("part-1/w.npz", "part-1/_SUCCESS", "part-2/w.npz"),
        "part-1/",
    ),
    "shards that count themselves": (
        (
            *folder(
                "step-1", "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"
            ),
            *folder("step-2", "model-00001-of-00002.safetensors"),
        ),
        "step-1/",
    ),
    "TensorFlow": (
        ("ckpt-5.data-00000-of-00001", "ckpt-5.index", "checkpoint", "ckpt-6.data-00000-of-00002"),
        "ckpt-5",
    ),
    "DeepSpeed's first save": (folder("global_step1", *ZERO), None),
    "Megatron-LM's first save": (("iter_0000100/mp_rank_00/model.pt",), None),
    "the top alone, first half": (("__0_0.distcp", "__1_0.distcp"), None),
    "the top alone, overwritten by half": ((".metadata", "__0_0.distcp"), None),
    "committed, but shards are missing": (
        folder("checkpoint-5", "model-00001-of-00003.safetensors", "trainer_state.json"),
        None,
    ),
}


@pytest.mark.parametrize(("names", "newest"), TORN.values(), ids=TORN)
def test_what_a_job_left_half_written_is_never_continued_from(names, newest):
    """However long it has been quiet; what was complete before it still is."""
    assert newest_and_settling(listing(*names)) == (newest, None)


@pytest.mark.parametrize(("names", "newest"), TORN.values(), ids=TORN)
def test_what_was_written_a_moment_ago_may_still_be_completed(names, newest):
    complete, settling = newest_and_settling(listing(*names), now=JUST_NOW)
    assert complete == newest
    assert settling is not None


WHOLE = {
    "Hugging Face": (FIRST_HF, "checkpoint-500/"),
    "Hugging Face with its arguments beside": ((*FIRST_HF, "training_args.bin"), "checkpoint-500/"),
    "DeepSpeed": ((*folder("global_step1", *ZERO), "latest", "zero_to_fp32.py"), "global_step1/"),
    "Megatron-LM": (
        ("iter_0000100/mp_rank_00/model.pt", "latest_checkpointed_iteration.txt"),
        "iter_0000100/",
    ),
    "torch.distributed at the top": (("__0_0.distcp", "__1_0.distcp", ".metadata"), TOP),
    "torch.distributed in folders": (folder("step-1", "__0_0.distcp", ".metadata"), "step-1/"),
    "XGBoost": (("xgboost-checkpoint.1", "xgboost-checkpoint.2"), "xgboost-checkpoint.2"),
    "image classification": (
        ("image-classification-symbol.json", "image-classification-0002.params"),
        "image-classification-0002.params",
    ),
    "plain files": (("step-9.pt", "step-10.pt"), "step-10.pt"),
    "TensorFlow": (("ckpt-5.data-00000-of-00001", "ckpt-5.index", "checkpoint"), "ckpt-5"),
    "Lightning": (
        folder("lightning_logs/version_0", "hparams.yaml", "checkpoints/epoch=0-step=9.ckpt"),
        "lightning_logs/version_0/checkpoints/epoch=0-step=9.ckpt",
    ),
}
QUIETLY = {
    "Accelerate": (
        folder("checkpoint_0", "pytorch_model.bin", "random_states_0.pkl"),
        "checkpoint_0/",
    ),
    "ranks at the top": (("rank0.pt", "rank1.pt"), "*.pt"),
}


@pytest.mark.parametrize(("names", "newest"), WHOLE.values(), ids=WHOLE)
def test_what_is_whole_is_complete_at_once(names, newest):
    assert newest_and_settling(listing(*names), now=JUST_NOW) == (newest, None)


@pytest.mark.parametrize(("names", "newest"), QUIETLY.values(), ids=QUIETLY)
def test_what_nothing_commits_is_complete_once_it_is_quiet(names, newest):
    assert newest_and_settling(listing(*names), now=JUST_NOW) == (None, newest)
    assert newest_and_settling(listing(*names), now=NOON + QUIET) == (newest, None)


@pytest.mark.parametrize(("names", "newest"), QUIETLY.values(), ids=QUIETLY)
def test_what_nothing_commits_is_complete_once_a_later_one_has_begun(names, newest):
    later = [StoredObject("run/zz-later/file.pt", NOON + timedelta(seconds=5), 9)]
    assert newest_and_settling([*listing(*names), *later], now=JUST_NOW) == (newest, "zz-later/")


def test_only_metrics_are_no_progress():
    names = ("lightning_logs/version_0/metrics.csv", "lightning_logs/version_0/hparams.yaml")
    assert newest_and_settling(listing(*names)) == (None, None)
