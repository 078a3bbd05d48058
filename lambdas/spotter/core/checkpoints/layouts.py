"""The table of layouts: the names of each framework's learnt state, of what commits it, and of files that
are still being written.

This is data; `names`, `entries`, `completeness` and `content` read it, and docs/checkpoints.md is generated from it. A
row is recognised by its `signs`, names below a checkpoint that only this framework writes; the first
row that fits is the entry's layout. Names are patterns as in fnmatch; `*` goes beyond a slash.
"""

from spotter.core.checkpoints.layout import Commit, Layout, Level, Resume

_WHOLE_FILE = (Commit(Level.FILE, "the upload itself"),)
_WEIGHTS = (
    "model.safetensors", "model-*-of-*.safetensors", "pytorch_model*.bin", "adapter_model.safetensors",
    "adapter_model.bin",
)  # fmt: skip
_MEGATRON = "iter_" + "[0-9]" * 7
_FLAX = tuple("checkpoint_" + "[0-9]" * digits for digits in range(1, 11))
_TRANSFORMERS = (
    "config.json", "generation_config.json", "adapter_config.json", "*.safetensors.index.json",
    "*.bin.index.json", "training_args.bin", "scheduler.pt", "scaler.pt", "rng_state*.pth",
    "trainer_state.json", "tokenizer.json",
)  # fmt: skip

TABLE: tuple[Layout, ...] = (
    Layout(
        "diffusers",
        "`checkpoint-500/unet/diffusion_pytorch_model.safetensors`, `optimizer.bin`, ...",
        "https://huggingface.co/docs/diffusers/training/overview",
        Resume.LOADS,
        "its training scripts take the folder of the highest number",
        state=("diffusion_pytorch_model*", "pytorch_lora_weights.*"),
        beside=("model_index.json", "random_states_*.pkl", "scheduler*.bin"),
        signs=("*/diffusion_pytorch_model*", "*/pytorch_lora_weights.*"),
        commits=(Commit(Level.NEEDED, "random_states_*.pkl|model_index.json"),),
    ),
    Layout(
        "Accelerate",
        "`checkpoints/checkpoint_0/model.safetensors`, `optimizer.bin`, `random_states_0.pkl`",
        "https://huggingface.co/docs/accelerate/usage_guides/checkpoint",
        Resume.LOADS,
        "load_state() takes the folder of the highest number",
        state=("model_[0-9]*.safetensors", "optimizer*.bin", "custom_checkpoint_*.pkl"),
        beside=(
            "random_states_*.pkl",
            "scheduler*.bin",
            "sampler*.bin",
            "scaler.pt",
            "dl_state_dict*.bin",
        ),
        signs=(
            "*/random_states_*.pkl",
            "*/optimizer*.bin",
            "*/scheduler*.bin",
            "*/sampler*.bin",
            "*/custom_checkpoint_*.pkl",
        ),
        hints=(
            "checkpoint_[0-9]*/model*.safetensors",
            "checkpoint_[0-9]*/pytorch_model*.bin",
            "step_[0-9]*/model*.safetensors",
            "step_[0-9]*/pytorch_model*.bin",
            "epoch_[0-9]*/model.safetensors",
            "epoch_[0-9]*/pytorch_model.bin",
        ),
        unless=("config.json",),
        commits=(Commit(Level.NEEDED, "random_states_*.pkl|trainer_state.json"),),
    ),
    Layout(
        "Hugging Face Trainer (plain, DeepSpeed, FSDP)",
        "`checkpoint-500/model.safetensors`, `optimizer.pt`, ...; `global_step500/`; "
        "`pytorch_model_fsdp_0/`, `optimizer_0/`",
        "https://huggingface.co/docs/transformers/main_classes/trainer",
        Resume.LOADS,
        "get_last_checkpoint() takes the folder of the highest number",
        state=(*_WEIGHTS, "optimizer*.pt"),
        beside=_TRANSFORMERS,
        signs=tuple(
            f"checkpoint-[0-9]*/{name}"
            for name in (
                "optimizer.pt",
                "scheduler.pt",
                "rng_state*.pth",
                "training_args.bin",
                "trainer_state.json",
                "global_step*/*",
                "pytorch_model_fsdp*",
                "optimizer_[0-9]/*",
                "zero_to_fp32.py",
            )
        ),
        hints=tuple(f"checkpoint-[0-9]*/{name}" for name in _WEIGHTS),
        commits=(
            Commit(Level.FOLDER, "trainer_state.json"),
            Commit(Level.NEEDED, "|".join((*_WEIGHTS, "*_states.pt", "*.distcp"))),
            Commit(Level.PART, ".metadata"),
            Commit(Level.PART, "latest"),
        ),
        staging=("tmp-checkpoint-[0-9]*",),
    ),
    Layout(
        "Lightning with FSDP in shards",
        "`epoch=0-step=9.ckpt/__0_0.distcp`, `meta.pt`",
        "https://lightning.ai/docs/pytorch/stable/advanced/model_parallel/fsdp.html",
        Resume.LOADS,
        'ckpt_path="last" takes the newest `last*.ckpt`',
        resumes=("last*.ckpt",),
        state=("__*_*.distcp",),
        signs=("*.ckpt/*.distcp", "*.ckpt/meta.pt"),
        commits=(Commit(Level.PART, ".metadata"), Commit(Level.FOLDER, "meta.pt")),
    ),
    Layout(
        "Lightning",
        "`lightning_logs/version_0/checkpoints/epoch=0-step=9.ckpt`, `last.ckpt`",
        "https://lightning.ai/docs/pytorch/stable/common/checkpointing_basic.html",
        Resume.LOADS,
        'ckpt_path="last" takes the newest `last*.ckpt`',
        resumes=("last*.ckpt",),
        state=("*.ckpt",),
        signs=("*.ckpt", "*.ckpt/*"),
        commits=_WHOLE_FILE,
        copies=("last.ckpt", "last-v[0-9]*.ckpt"),
    ),
    Layout(
        "NeMo",
        "`checkpoints/gpt--step=100.ckpt`, `gpt--step=100/weights/__0_0.distcp`, `model.nemo`",
        "https://docs.nvidia.com/nemo-framework/user-guide/latest/nemotoolkit/core/exp_manager.html",
        Resume.SKIPS,
        "what has a marker `-unfinished` is removed at the start",
        state=("*.nemo", "model_weights.ckpt"),
        signs=("*/weights/*.distcp", "*/context/*", "*.nemo"),
        commits=(Commit(Level.PART, ".metadata"),),
        staging=("*-unfinished",),
    ),
    Layout(
        "Megatron-LM",
        "`iter_0000100/mp_rank_00/model_optim_rng.pt`, `iter_0000100/__0_0.distcp`",
        "https://docs.nvidia.com/megatron-core/developer-guide/latest/api-guide/dist_checkpointing.html",
        Resume.SKIPS,
        "latest_checkpointed_iteration.txt names the one that it loads",
        state=("model_optim_rng.pt", "distrib_optim.pt", "model_rng.pt", "*mp_rank_*/*.pt"),
        beside=("common.pt", "metadata.json", "modelopt_state.pt"),
        signs=(f"{_MEGATRON}/mp_rank_*", f"{_MEGATRON}/common.pt"),
        commits=(
            Commit(Level.PART, ".metadata"),
            Commit(Level.TOP, "latest_checkpointed_iteration.txt"),
        ),
    ),
    Layout(
        "DeepSpeed",
        "`global_step500/mp_rank_00_model_states.pt`, `zero_pp_rank_0_mp_rank_00_optim_states.pt`",
        "https://deepspeed.readthedocs.io/en/latest/model-checkpointing.html",
        Resume.SKIPS,
        "`latest` names the one that it loads",
        state=("*mp_rank_*_model_states.pt", "*_optim_states.pt"),
        beside=("zero_to_fp32.py",),
        signs=("*mp_rank_*_model_states.pt", "*_optim_states.pt"),
        commits=(Commit(Level.TOP, "latest"),),
    ),
    Layout(
        "Composer",
        "`ep0-ba100-rank0.pt`, `ep0-ba100/__0_0.distcp`",
        "https://docs.mosaicml.com/projects/composer/en/stable/api_reference/generated/"
        "composer.callbacks.CheckpointSaver.html",
        Resume.SKIPS,
        "autoresume loads `latest-rank0.pt`, which is linked after the save",
        state=("ep[0-9]*-ba[0-9]*",),
        beside=("latest-rank*",),
        signs=("*/ep[0-9]*-ba[0-9]*", "ep[0-9]*-ba[0-9]*/*"),
        commits=(Commit(Level.FILE, "the upload itself, of each rank"),),
    ),
    Layout(
        "torchtune",
        "`epoch_0/model-00001-of-00002.safetensors`, `recipe_state/recipe_state.pt`",
        "https://docs.pytorch.org/torchtune/stable/deep_dives/checkpointer.html",
        Resume.LOADS,
        "resume_from_checkpoint takes the folder of the highest number",
        state=(
            "hf_model_*.pt",
            "meta_model_*.pt",
            "torchtune_model_*.pt",
            "adapter_[0-9]*.pt",
            "ft-model-*.safetensors",
        ),
        beside=("recipe_state.pt",),
        signs=tuple(
            f"epoch_[0-9]*/{name}"
            for name in (
                "hf_model_*.pt",
                "meta_model_*.pt",
                "torchtune_model_*.pt",
                "adapter_*",
                "ft-model-*.safetensors",
                "model-*-of-*.safetensors",
            )
        ),
        commits=(Commit(Level.FILE, "all the shards that they count"),),
    ),
    Layout(
        "torch.distributed.checkpoint (DCP)",
        "`step-100/__0_0.distcp`, `__1_0.distcp`, `.metadata`",
        "https://docs.pytorch.org/docs/stable/distributed.checkpoint.html",
        Resume.SCRIPT,
        state=("*.distcp",),
        signs=("*.distcp",),
        commits=(Commit(Level.PART, ".metadata"),),
        staging=(".metadata.tmp", "__*.metadata.tmp"),
    ),
    Layout(
        "orbax, Flax",
        "`100/default/d/0a1b...`, `manifest.ocdbt`, `_CHECKPOINT_METADATA`; Flax's `checkpoint_100`",
        "https://orbax.readthedocs.io/en/latest/api_reference/checkpoint.path.atomicity.html",
        Resume.LOADS,
        "staged folders are skipped; a folder that was half uploaded after its rename is not",
        state=("*/d/[0-9a-f]*", "*/.zarray", "*.msgpack", *_FLAX),
        beside=(
            "_CHECKPOINT_METADATA",
            "_METADATA",
            "_sharding",
            "manifest.ocdbt",
            "commit_success.txt",
            "orbax.checkpoint",
            "process_[0-9]*",
        ),
        signs=(
            "*/d/[0-9a-f]*",
            "*/manifest.ocdbt",
            *(f"*/{name}" for name in _FLAX),
            "*/.zarray",
            "*/_CHECKPOINT_METADATA",
        ),
        commits=(
            Commit(Level.PART, "manifest.ocdbt"),
            Commit(
                Level.NEEDED, "_CHECKPOINT_METADATA|_METADATA|orbax.checkpoint|checkpoint_[0-9]*"
            ),
        ),
        staging=("*.orbax-checkpoint-tmp*", "checkpoint_tmp"),
    ),
    Layout(
        "Keras SavedModel",
        "`01/variables/variables.data-00000-of-00001`, `saved_model.pb`",
        "https://www.tensorflow.org/guide/saved_model",
        Resume.SCRIPT,
        beside=("saved_model.pb", "keras_metadata.pb", "fingerprint.pb"),
        signs=("*/variables/variables.*", "*/saved_model.pb"),
        commits=(Commit(Level.FOLDER, "saved_model.pb|saved_model.pbtxt"),),
        staging=("temp-[0-9]*",),
    ),
    Layout(
        "TensorFlow 1 Saver, Estimator",
        "`model.ckpt-100.index`, `.data-00000-of-00001`, `.meta`; `checkpoint`",
        "https://www.tensorflow.org/guide/checkpoint",
        Resume.SKIPS,
        "`checkpoint` names the one that it loads",
        state=("*.data-[0-9]*-of-[0-9]*",),
        beside=("*.index", "*.meta", "graph.pbtxt"),
        signs=("*.meta",),
        commits=(Commit(Level.FILE, "its .index, and all the shards that it counts"),),
        staging=(
            "*_temp_[0-9a-f]*",
            "part-[0-9]*-of-[0-9]*.data-*",
            "part-[0-9]*-of-[0-9]*.index",
            "checkpoint.tmp*",
            "*.tempstate[0-9]*",
        ),
    ),
    Layout(
        "TensorFlow 2 checkpoint",
        "`ckpt-5.index`, `ckpt-5.data-00000-of-00001`; `checkpoint`",
        "https://www.tensorflow.org/guide/checkpoint",
        Resume.SKIPS,
        "`checkpoint` names the one that it loads",
        state=("*.data-[0-9]*-of-[0-9]*",),
        signs=("*.index", "*.data-[0-9]*-of-[0-9]*"),
        commits=(Commit(Level.FILE, "its .index, and all the shards that it counts"),),
    ),
    Layout(
        "Keras",
        "`model_01.keras`, `cp-0001.weights.h5`; BackupAndRestore's `latest.weights.h5`",
        "https://keras.io/api/callbacks/model_checkpoint/",
        Resume.LOADS,
        "BackupAndRestore loads what lies there; its double_checkpoint keeps one more",
        state=("*.keras", "*.h5", "*.hdf5"),
        beside=("training_metadata.json",),
        commits=_WHOLE_FILE,
    ),
    Layout(
        "skorch",
        "`params.pt`, `optimizer.pt`, `criterion.pt`, `history.json`",
        "https://skorch.readthedocs.io/en/stable/user/save_load.html",
        Resume.SCRIPT,
        state=("params.pt", "optimizer.pt", "criterion.pt"),
        beside=("history.json",),
        signs=("*/params.pt", "*/criterion.pt"),
        commits=(Commit(Level.FOLDER, "history.json"),),
    ),
    Layout(
        "fairseq",
        "`checkpoint_last.pt`, `checkpoint_1_500.pt`, `checkpoint12.pt`",
        "https://fairseq.readthedocs.io/en/latest/command_line_tools.html",
        Resume.SKIPS,
        "`checkpoint_last.pt` gets its name once it is written",
        signs=("*/checkpoint_last*.pt", "*/checkpoint_best*.pt", "*/checkpoint_[0-9]*_[0-9]*.pt"),
        state=("checkpoint*.pt",),
        commits=_WHOLE_FILE,
        staging=("*.pt.tmp",),
        copies=("checkpoint_last.pt", "checkpoint_best.pt"),
    ),
    Layout(
        "timm",
        "`last.pth.tar`, `checkpoint-12.pth.tar`, `model_best.pth.tar`",
        "https://huggingface.co/docs/timm/training_script",
        Resume.SCRIPT,
        state=("*.pth.tar",),
        commits=_WHOLE_FILE,
        staging=("tmp.pth.tar",),
        copies=("last.pth.tar", "model_best.pth.tar"),
    ),
    Layout(
        "Ultralytics",
        "`runs/detect/train/weights/last.pt`, `best.pt`, `epoch10.pt`",
        "https://docs.ultralytics.com/modes/train/",
        Resume.LOADS,
        "resume=True takes the newest last.pt",
        resumes=("last.pt",),
        state=("*weights/*.pt",),
        beside=("yolov[0-9][nsmlx].pt", "yolo[v0-9][0-9][nsmlx].pt", "yolo*[0-9][nsmlx]-[a-z]*.pt"),
        signs=("weights/last.pt", "weights/best.pt", "weights/epoch[0-9]*.pt"),
        commits=_WHOLE_FILE,
    ),
    Layout(
        "Detectron2, fvcore",
        "`model_0004999.pth`, `model_final.pth`; `last_checkpoint`",
        "https://detectron2.readthedocs.io/en/latest/modules/checkpoint.html",
        Resume.SKIPS,
        "`last_checkpoint` names the one that it loads",
        state=("model_[0-9]*.pth",),
        signs=("*/model_[0-9][0-9][0-9][0-9][0-9][0-9][0-9].pth",),
        commits=_WHOLE_FILE,
    ),
    Layout(
        "MMEngine",
        "`iter_2000.pth`, `epoch_12.pth`; `last_checkpoint`",
        "https://mmengine.readthedocs.io/en/latest/api/generated/mmengine.hooks.CheckpointHook.html",
        Resume.SKIPS,
        "`last_checkpoint` names the one that it loads",
        state=("iter_[0-9]*.pth", "epoch_[0-9]*.pth"),
        signs=("*iter_[0-9]*.pth", "*epoch_[0-9]*.pth"),
        commits=_WHOLE_FILE,
    ),
    Layout(
        "MXNet",
        "`image-classification-0002.params`, `-0002.states`; `-symbol.json` alone is none",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/image-classification.html",
        Resume.UNKNOWN,
        state=("*.params",),
        beside=("*.states", "*-symbol.json"),
        commits=_WHOLE_FILE,
    ),
    Layout(
        "XGBoost, SageMaker's own too",
        "`xgboost-checkpoint.12`, `model_10.ubj`, `model_10.json`, `0012.model`",
        "https://xgboost.readthedocs.io/en/stable/python/callbacks.html",
        Resume.LOADS,
        "SageMaker's container takes the file of the highest number; elsewhere the script chooses",
        state=(
            "xgboost-checkpoint*",
            "xgboost-model*",
            "*.ubj",
            "*.xgb",
            "*.bst",
            "model_[0-9]*.json",
            "xgb*.json",
            "xgboost*.json",
            "[0-9]*.model",
        ),
        commits=_WHOLE_FILE,
        staging=("*.sagemaker-ignore",),
    ),
    Layout(
        "LightGBM",
        "`model.txt`, `LightGBM_model.txt`, `model.txt.snapshot_iter_10`",
        "https://lightgbm.readthedocs.io/en/stable/Parameters.html",
        Resume.SCRIPT,
        state=(
            "model.txt",
            "model_[0-9]*.txt",
            "LightGBM_model*.txt",
            "lgb*.txt",
            "gbm*.txt",
            "lightgbm*.txt",
            "*.snapshot_iter_[0-9]*",
        ),
        commits=_WHOLE_FILE,
    ),
    Layout(
        "CatBoost",
        "`model.cbm`, `catboost_info/experiment.cbsnapshot`",
        "https://catboost.ai/docs/en/concepts/snapshots",
        Resume.UNKNOWN,
        state=("*.cbm", "*.cbsnapshot"),
        commits=_WHOLE_FILE,
    ),
    Layout(
        "scikit-learn (joblib)",
        "`model-12.joblib`, `model.pkl`",
        "https://scikit-learn.org/stable/model_persistence.html",
        Resume.SCRIPT,
        state=("*.joblib", "*model*.pkl", "*model*.pickle"),
        commits=_WHOLE_FILE,
    ),
    Layout(
        "Ray Train, Ray Tune",
        "`train_fn_2026-11-25/train_fn_a1b2c_00000/checkpoint_000001/` around any of the others",
        "https://docs.ray.io/en/latest/train/user-guides/checkpoints.html",
        Resume.UNKNOWN,
        beside=(".is_checkpoint", ".metadata.json"),
        signs=("checkpoint_[0-9][0-9][0-9][0-9][0-9][0-9]/*",),
    ),
    Layout(
        "Hydra",
        "`outputs/2026-11-25/10-00-00/`, `multirun/.../0/` around any of the others; `.hydra/` is none",
        "https://hydra.cc/docs/tutorials/basic/running_your_app/working_directory/",
        Resume.UNKNOWN,
        "as the framework inside",
    ),
)
"""The order is the order in which rows are tried."""

OTHER = Layout(
    "any other",
    "`step-9.pt`, `step_9/model.pt` and `optimizer.pt`, `weights/best.npz`",
    "https://docs.pytorch.org/tutorials/beginner/saving_loading_models.html",
    Resume.SCRIPT,
    state=("*.pt", "*.pth", "*.ckpt", "*.safetensors", "*.h5", "*.hdf5", "*.keras", "*.npz",
           "*.params", "*.ubj", "*.xgb", "*.bst", "*.model", "*.cbm", "*.joblib", "*.nemo",
           "*.msgpack", "*.pdparams", "*.pdopt", "*.t7", "*.weights", "*.caffemodel", "*.solverstate",
           "*.pt.tar", "*.ckpt.tar"),
    beside=("m.model", "_SUCCESS", ".complete", "complete", "COMPLETE", "DONE", ".done", "*.done",
            "_COMMITTED", "config.json", "*.index.json"),
    staging=(
        ".tmp*", "tmp", "temp", "tmp[-_.]*", "*.tmp", "*.tmp.*", "*.tmp[-_.0-9]*", "*[-_]tmp", "*[-_]tmp.*",
        "*.tmp[0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z][0-9A-Za-z]*",
        "tmp[a-z0-9_][a-z0-9_][a-z0-9_][a-z0-9_][a-z0-9_][a-z0-9_][a-z0-9_][a-z0-9_]",
        "*.temp", "*.temp[-_.0-9]*", "*.part", "*.partial", "*.incomplete", "*.unfinished", "*.inprogress",
        "*.in_progress", "*.writing", "*.saving", "*.uploading", "*.download", "*.crdownload",
        "*.swp", "*~", ".~*", "~*",
    ),
)  # fmt: skip
"""What is in no row: a known kind of file, or a name like `best_model.pkl`; complete once it is quiet."""
OWN = Layout(
    "the policy's checkpoint_files", "what the owner's policy names", "", Resume.SCRIPT,
    commits=_WHOLE_FILE,
)  # fmt: skip

IN_FIXED_SIZE = (
    "*.pt", "*.pth", "*.ckpt", "*.bin", "*.safetensors", "*.h5", "*.hdf5", "*.keras", "*.npz", "*.npy",
    "*.params", "*.states", "*.distcp", "*.data-*-of-*", "*.msgpack", "*.nemo", "*.tar", "*.pdparams",
    "*.pdopt", "*.t7", "*.weights", "*.caffemodel", "*.solverstate", "ep*-ba*",
)  # fmt: skip
"""Formats whose files are of one size from save to save; those of trees grow."""

PARTS = (
    *_WEIGHTS, "optimizer.pt", "optimizer.bin", "optimizer_[0-9].bin", "*.distcp", "*_states.pt",
    "diffusion_pytorch_model*", "pytorch_lora_weights.*",
)  # fmt: skip
"""Names of files that are never a checkpoint by themselves."""

MARKS = (
    "trainer_state.json", ".metadata", "_SUCCESS", ".complete", "complete", "COMPLETE", "DONE", ".done",
    "*.done", "_COMMITTED", "commit_success.txt", "saved_model.pb", "meta.pt",
)  # fmt: skip
"""Names that commit the folder in which they lie, whoever writes them."""

POINTERS = ("latest", "latest_checkpointed_iteration.txt", "_SUCCESS")
"""Names that commit what lies beside them and is not newer, whoever writes them."""

MAY_BE_EMPTY = (
    "_SUCCESS", ".complete", "complete", "COMPLETE", "DONE", ".done", "*.done", "_COMMITTED",
    "commit_success.txt", "orbax.checkpoint", "*-unfinished", "*.unfinished", ".is_checkpoint",
)  # fmt: skip
"""An empty file holds nothing, but the names of these files carry information."""
