"""A checkpoint is recognised by what it positively is: what lies beside never counts, whatever its age.

The listings are those that frameworks leave before, during and after a save; sources of the layouts are
in the table, docs/checkpoints.md.
"""

from datetime import timedelta

import pytest

from spotter.core.checkpoints import StoredObject, findings
from tests.support.jobs import NOON

Files = list[tuple[str, int]]


def newest(files: Files, after: int = 600, own: tuple[str, ...] = ()) -> str | None:
    """The newest complete checkpoint of (name, second) pairs, ten minutes after the last of them."""
    stored = [StoredObject(f"run/{name}", NOON + timedelta(seconds=at), 1000) for name, at in files]
    now = max(o.modified for o in stored) + timedelta(seconds=after)
    found = findings("run/", stored, now=now, own=own).newest
    return found.name if found else None


def saved(folder: str, names: str, begin: int) -> Files:
    """These names in a folder, written one a second."""
    return [(f"{folder}/{name}", begin + k) for k, name in enumerate(names.split())]


BEFORE_THE_FIRST_SAVE = {
    "Detectron2": "config.yaml log.txt metrics.json",
    "MMEngine": "my_config.py 20261125_100000/vis_data/scalars.json 20261125_100000/x.log",
    "Ultralytics": "train/args.yaml train/labels.jpg train/train_batch0.jpg yolov8n.pt",
    "Hydra": ".hydra/config.yaml .hydra/overrides.yaml train.log",
    "TensorFlow's Estimator": "graph.pbtxt events.out.tfevents.1.h checkpoint",
    "MXNet": "image-classification-symbol.json",
    "push_to_hub": ".gitattributes README.md",
    "Trainer": "training_args.bin config.json tokenizer.json vocab.json runs/Nov25/events.out.tfevents",
    "fairseq": "dict.en.txt preprocess.log tensorboard/train/events.out.tfevents.1",
    "a tokenizer": "spiece.model tokenizer.model vocab.bin sentencepiece.bpe.model merges.txt",
    "data and caches": "data/MNIST/processed/training.pt train.bin labels.npy cache/features.pt mnist.npz",
    "downloads": "models--bert/snapshots/0a/model.safetensors hub/checkpoints/resnet50.pth",
    "states without weights": "rng_state.pth scheduler.pt random_states_0.pkl scaler.pt sampler.bin",
    "Ray": "tuner.pkl experiment_state-2026.json trial_0/params.json trial_0/result.json",
    "Weights & Biases": "wandb/run-1/files/output.log wandb/run-1/run-1.wandb",
    "CatBoost": "catboost_info/catboost_training.json catboost_info/learn/events.out.tfevents",
}


@pytest.mark.parametrize("names", BEFORE_THE_FIRST_SAVE.values(), ids=BEFORE_THE_FIRST_SAVE)
def test_what_lies_there_before_the_first_save_is_no_checkpoint(names):
    files = [(name, k) for k, name in enumerate(names.split())]
    assert newest(files) is None
    found = findings("run/", [StoredObject(f"run/{n}", NOON, 9) for n, _ in files], now=NOON)
    assert (found.settling, found.unfinished) == (None, ())
    assert set(found.beside) <= {name for name, _ in files}
    assert len(found.beside) == min(3, len(files))


LEARNT = {
    "a Keras file beside smdebug's state": ("checkpoint-1.h5 metadata.json", "checkpoint-1.h5"),
    "Detectron2": (
        "config.yaml model_0004999.pth last_checkpoint metrics.json log.txt",
        "model_0004999.pth",
    ),
    "Lightning and Hydra": (
        "logs/train/runs/2026-11-25/csv/metrics.csv logs/train/runs/2026-11-25/checkpoints/last.ckpt",
        "logs/train/runs/2026-11-25/checkpoints/last.ckpt",
    ),
    "latent diffusion": (
        "logs/2026-11-25_x/checkpoints/last.ckpt",
        "logs/2026-11-25_x/checkpoints/last.ckpt",
    ),
    "Ultralytics": (
        "runs/detect/train/args.yaml runs/detect/train/weights/last.pt",
        "runs/detect/train/weights/last.pt",
    ),
    "Lightning": (
        "lightning_logs/version_1/hparams.yaml lightning_logs/version_1/checkpoints/epoch=1-step=20.ckpt",
        "lightning_logs/version_1/checkpoints/epoch=1-step=20.ckpt",
    ),
    "Hydra's multirun": (
        "multirun/2026-11-25/10-00-00/0/best.pt",
        "multirun/2026-11-25/10-00-00/0/best.pt",
    ),
    "timm": (
        "train/20261125-x/args.yaml train/20261125-x/last.pth.tar",
        "train/20261125-x/last.pth.tar",
    ),
    "fairseq": ("dict.txt checkpoint_last.pt", "checkpoint_last.pt"),
    "MMEngine": ("my_config.py epoch_12.pth last_checkpoint", "epoch_12.pth"),
    "XGBoost": ("model_9.ubj model_10.ubj", "model_10.ubj"),
    "LightGBM": ("train.conf LightGBM_model.txt", "LightGBM_model.txt"),
    "CatBoost": ("catboost_info/experiment.cbsnapshot", "catboost_info/"),
    "scikit-learn": ("model-2.joblib scaler.joblib", "model-2.joblib"),
    "stable-baselines": ("rl_model_1000_steps.zip monitor.csv", "rl_model_1000_steps.zip"),
    "Ray": (
        "t_1/result.json t_1/checkpoint_000001/model.pt",
        "t_1/checkpoint_000001/",
    ),
    "a folder of steps in epochs": (
        "epoch_3/step-100.pt epoch_3/step-200.pt",
        "epoch_3/step-200.pt",
    ),
    "Flax": ("checkpoint_99 checkpoint_100", "checkpoint_100"),
}


@pytest.mark.parametrize(("names", "name"), LEARNT.values(), ids=LEARNT)
def test_learnt_state_is_found_where_it_lies(names, name):
    assert newest([(each, k) for k, each in enumerate(names.split())]) == name


def test_what_the_owner_names_is_learnt_state():
    files = [("notes.md", 0), ("a/17.mystate", 1), ("a/17.mystate.tmp", 2)]
    assert newest(files) is None
    assert newest(files, own=("*.mystate",)) == "a/17.mystate"


ZERO = "bf16_zero_pp_rank_0_mp_rank_00_optim_states.pt"
TRAINER = "config.json model.safetensors training_args.bin optimizer.pt scheduler.pt rng_state.pth"
DEEPSPEED = (
    f"config.json global_step{{0}}/mp_rank_00_model_states.pt global_step{{0}}/{ZERO} zero_to_fp32.py "
    "latest scheduler.pt rng_state_0.pth trainer_state.json"
)
FSDP = (
    "pytorch_model_fsdp_0/__0_0.distcp pytorch_model_fsdp_0/__1_0.distcp pytorch_model_fsdp_0/.metadata "
    "optimizer_0/__0_0.distcp optimizer_0/__1_0.distcp optimizer_0/.metadata scheduler.pt rng_state_0.pth "
    "trainer_state.json"
)
DIFFUSERS = (
    "unet/diffusion_pytorch_model.safetensors optimizer.bin scheduler.bin random_states_0.pkl"
)
ACCELERATE = "model.safetensors optimizer.bin scheduler.bin random_states_0.pkl"
SAVES = {
    "Trainer": ("checkpoint-{0}", f"{TRAINER} trainer_state.json"),
    "Trainer on DeepSpeed": ("checkpoint-{0}", DEEPSPEED),
    "Trainer on FSDP": ("checkpoint-{0}", FSDP),
    "diffusers": ("checkpoint-{0}", DIFFUSERS),
    "Accelerate": ("checkpoints/checkpoint_{0}", ACCELERATE),
    "DCP": ("step-{0}", "__0_0.distcp __1_0.distcp .metadata"),
    "Lightning with FSDP": ("a/epoch={0}.ckpt", "__0_0.distcp .metadata meta.pt"),
    "Lightning with DeepSpeed": (
        "a/epoch={0}.ckpt",
        f"checkpoint/mp_rank_00_model_states.pt checkpoint/{ZERO} latest",
    ),
    "SavedModel": (
        "{0}",
        "variables/variables.data-00000-of-00001 variables/variables.index saved_model.pb",
    ),
    "NeMo": ("nemo/step={0}", "weights/__0_0.distcp weights/.metadata"),
}


@pytest.mark.parametrize(("folder", "names"), SAVES.values(), ids=SAVES)
def test_a_save_that_was_cut_anywhere_is_not_complete(folder, names):
    """The very first save as well as a later one; whole, it is the newest."""
    for step, before in ((500, []), (1000, [500])):
        earlier = [f for n in before for f in saved(folder.format(n), names.format(n), 0)]
        whole = saved(folder.format(step), names.format(step), 600)
        older = folder.format(500) + "/" if before else None
        for cut in range(1, len(whole)):
            assert newest(earlier + whole[:cut]) == older, whole[cut - 1]
        assert newest(earlier + whole) == folder.format(step) + "/"


def test_an_arrival_out_of_order_completes_nothing_that_its_siblings_show_to_be_lacking():
    """Uploads run side by side: the commit may arrive before the weights."""
    names = f"{TRAINER} trainer_state.json"
    whole = saved("checkpoint-500", names, 0)
    late = [f for f in saved("checkpoint-1000", names, 600) if "optimizer" not in f[0]]
    assert newest(whole + late) == "checkpoint-500/"


STAGED = {
    "orbax": "200.orbax-checkpoint-tmp/default/d/ab",
    "orbax with a time": "200.orbax-checkpoint-tmp-1764000000/default/d/ab",
    "transformers 4.36": "tmp-checkpoint-1000/model.safetensors tmp-checkpoint-1000/trainer_state.json",
    "safetensors": ".tmpAbC123",
    "safetensors in a folder": "checkpoint-7/.tmpAbC123 checkpoint-7/config.json",
    "Python's tempfile": "tmpab12_xyz",
    "timm": "tmp.pth.tar",
    "fairseq": "checkpoint_last.pt.tmp",
    "TensorFlow 1": "model.ckpt-9_temp_0123456789abcdef/part-00000-of-00001.data-00000-of-00001",
    "TensorFlow 2": "ckpt-9_temp/part-00000-of-00001.data-00000-of-00001",
    "an Estimator's export": "temp-1764000000/variables/variables.data-00000-of-00001",
    "SageMaker's XGBoost": "xgboost-checkpoint.13.sagemaker-ignore",
    "custom": "step-9.pt.part step-9.ckpt.incomplete step_9.tmp/model.pt",
}


@pytest.mark.parametrize("names", STAGED.values(), ids=STAGED)
def test_what_its_name_calls_unfinished_is_never_complete(names):
    whole = [("step-5/model.pt", 0)]
    assert newest(whole + [(name, 600) for name in names.split()]) == "step-5/"


@pytest.mark.parametrize("name", ["gpt--step=20.ckpt", "gpt--step=20/weights/__0_0.distcp"])
def test_a_marker_of_nemo_makes_what_it_names_unfinished(name):
    whole = [
        ("c/gpt--step=10.ckpt", 0),
        (f"c/{name}", 600),
        ("c/gpt--step=20/weights/.metadata", 601),
    ]
    assert newest([*whole, ("c/gpt--step=20-unfinished", 599)]) == "c/gpt--step=10.ckpt"


COPIES = {
    "Lightning": ("epoch=0-step=9.ckpt", "last.ckpt"),
    "fairseq": ("checkpoint_1_500.pt", "checkpoint_last.pt"),
    "timm": ("checkpoint-12.pth.tar", "last.pth.tar"),
}


@pytest.mark.parametrize(("save", "copy"), COPIES.values(), ids=COPIES)
@pytest.mark.parametrize(("size", "is_torn"), [(4_000_000, True), (9_000_000, False)])
def test_a_copy_of_the_newest_save_is_as_large_as_the_numbered_ones(
    save: str, copy: str, size: int, is_torn: bool
):
    stored = [
        StoredObject(f"run/{save}", NOON, 9_000_000),
        StoredObject(f"run/{copy}", NOON + timedelta(minutes=1), size),
    ]
    found = findings("run/", stored, now=NOON + timedelta(hours=1))
    assert (copy in {torn.name for torn in found.unfinished}) is is_torn
    assert (copy in {whole.name for whole in found.complete}) is not is_torn
