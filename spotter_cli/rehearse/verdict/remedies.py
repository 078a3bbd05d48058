"""What to do about a finding, in the terms of the framework that the script uses."""

from collections.abc import Iterable, Mapping

from spotter_cli.rehearse.verdict.judge import RehearsalFinding, ResumeFault

ANY = ""
FRAMEWORKS = ("transformers", "lightning", "keras", "xgboost", "lightgbm", "torch")
"""The most particular first: a script that uses the Trainer also imports torch."""
ALIASES = {"pytorch_lightning": "lightning", "tensorflow": "keras", "accelerate": "torch"}

REMEDIES: Mapping[tuple[ResumeFault, str], Mapping[str, str]] = {
    (ResumeFault.SAVES_NOTHING, ""): {
        "transformers": "TrainingArguments(output_dir='/opt/ml/checkpoints', save_strategy='steps', save_steps=...)",
        "lightning": "Trainer(callbacks=[ModelCheckpoint(dirpath='/opt/ml/checkpoints', save_last=True)])",
        "keras": "model.fit(callbacks=[keras.callbacks.BackupAndRestore('/opt/ml/checkpoints')])",
        "xgboost": "xgb.train(callbacks=[xgb.callback.TrainingCheckPoint('/opt/ml/checkpoints', interval=...)])",
        "torch": "torch.save() a dictionary of model, optimizer, scheduler, step and RNG states every few minutes into /opt/ml/checkpoints",
        ANY: "save the state of the training every few minutes into /opt/ml/checkpoints",
    },
    (ResumeFault.SAVES_ELSEWHERE, ""): {
        "transformers": "set output_dir='/opt/ml/checkpoints'; only the final model belongs into SM_MODEL_DIR",
        "lightning": "set ModelCheckpoint(dirpath='/opt/ml/checkpoints')",
        "keras": "point BackupAndRestore or ModelCheckpoint to /opt/ml/checkpoints",
        ANY: "save into /opt/ml/checkpoints, or name the folder as CheckpointConfig.LocalPath and rehearse with --checkpoint-dir",
    },
    (ResumeFault.STARTS_OVER, ""): {
        "transformers": "trainer.train(resume_from_checkpoint=get_last_checkpoint(output_dir)); it is None at the first start",
        "lightning": "trainer.fit(model, ckpt_path='last'), with ModelCheckpoint(save_last=True) in the checkpoint folder",
        "keras": "use keras.callbacks.BackupAndRestore, or load the newest file and pass initial_epoch to fit()",
        "xgboost": "load the newest checkpoint, pass it as xgb_model, and train only the rounds that are left",
        "lightgbm": "load the newest checkpoint, pass it as init_model, and train only the rounds that are left",
        ANY: "at the start, look for the newest checkpoint in the checkpoint folder and load it",
    },
    (ResumeFault.TORN, ""): {
        "transformers": "before resuming, skip a checkpoint-* folder without trainer_state.json and take the one before; keep save_total_limit at 2 or more",
        "lightning": "keep two checkpoints (save_top_k=2), and take the older one if the newest cannot be loaded",
        "torch": "torch.save() to a temporary name in the same folder, then os.replace(); keep the one before, and take it if the newest cannot be loaded",
        ANY: "write to a temporary name in the same folder, then os.replace(); keep the one before, and take it if the newest cannot be loaded",
    },
    (ResumeFault.DELETED_FIRST, ""): {
        "transformers": "set save_total_limit to 2 or more",
        ANY: "delete an old checkpoint only after the new one is whole, and keep two",
    },
    (ResumeFault.NO_SAVE_AT_SIGTERM, ""): {
        "transformers": "lower save_steps, or save in a callback when SIGTERM came (control.should_save = True)",
        "lightning": "save more often: ModelCheckpoint(every_n_train_steps=...)",
        ANY: "save more often, or install a handler of SIGTERM that saves within its 120 s",
    },
    (ResumeFault.FAILS, ""): {ANY: "run the script a second time on the same checkpoint folder, and read its error"},
    (ResumeFault.HANGS, ""): {ANY: "run the script a second time on the same checkpoint folder, and look at where it waits (py-spy dump)"},
    (ResumeFault.OTHER_RESULT, ""): {
        ANY: "save and load all that the training depends on: optimizer, learning-rate schedule, order of samples, random generators, step",
    },
    (ResumeFault.PART_LOST, "weights"): {
        "torch": "load the state_dict of every module with strict=True; modules that are not in the optimizer count, too (EMA, heads)",
        ANY: "save and load all weights, those of frozen and averaged copies, too",
    },
    (ResumeFault.PART_LOST, "optimizer"): {
        "transformers": "do not set save_only_model=True: optimizer.pt is needed to resume",
        "lightning": "do not set save_weights_only=True, and resume with ckpt_path, not load_from_checkpoint()",
        "keras": "save the whole model (.keras or BackupAndRestore), not the weights alone (save_weights_only=True)",
        "torch": "save optimizer.state_dict(), and load it after the model is on its device; and that of a GradScaler, if there is one",
        ANY: "save and load the optimizer's state",
    },
    (ResumeFault.PART_LOST, "gradients"): {
        ANY: "save only after optimizer.step() and zero_grad(), never between the backward passes that one step accumulates",
    },
    (ResumeFault.PART_LOST, "schedule"): {
        "lightning": "return the scheduler from configure_optimizers(), and resume with ckpt_path",
        "keras": "use a LearningRateSchedule, whose step is the optimizer's, or pass initial_epoch to fit()",
        "torch": "save scheduler.state_dict(), and load it after the optimizer's",
        ANY: "save and load the step of the learning-rate schedule",
    },
    (ResumeFault.PART_LOST, "sampler"): {
        "transformers": "leave ignore_data_skip at False, so that the Trainer skips what was seen",
        "torch": "seed the sampler's generator with the epoch, and skip the batches that were seen (torchdata's StatefulDataLoader saves its place)",
        ANY: "seed the order of samples with the epoch, and skip what was seen in it",
    },
    (ResumeFault.PART_LOST, "RNG"): {
        "torch": "save and restore torch.get_rng_state(), torch.cuda.get_rng_state_all(), random.getstate() and numpy.random.get_state()",
        ANY: "save and restore the state of each random generator (random, numpy, the framework's)",
    },
    (ResumeFault.PART_LOST, "step counter"): {
        "xgboost": "train num_boost_round - booster.num_boosted_rounds() rounds after loading",
        "lightgbm": "train num_boost_round - booster.current_iteration() rounds after loading",
        "keras": "pass initial_epoch to fit(), or use BackupAndRestore",
        ANY: "save the step, and go on from it: warm-up, schedules and the end of the training depend on it",
    },
}  # fmt: skip


def remedy(finding: RehearsalFinding, frameworks: Iterable[str]) -> str:
    """What to do about a finding; one imperative clause."""
    of_part = REMEDIES.get((finding.fault, finding.part)) or {}
    used = {ALIASES.get(name, name) for name in frameworks}
    for name in FRAMEWORKS:
        if name in used and name in of_part:
            return of_part[name]
    return of_part.get(ANY, "")
