"""Hugging Face: the Trainer with a rotation of three, and Accelerate by name and by its own numbering."""

from pathlib import Path
from typing import Any

from tests.frameworks.scenario import SAVES, Lacks, Pulse, Scenario, newest, number, top_level
from tests.frameworks.scenarios.torch_files import model_and_optimizer, one_step

KEPT = 3


def _model() -> Any:
    """1.6 million weights, made from a configuration; nothing is downloaded."""
    import torch  # type: ignore[import-not-found]
    from transformers import LlamaConfig, LlamaForCausalLM  # type: ignore[import-not-found]

    torch.manual_seed(7)
    torch.set_num_threads(1)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=2000, hidden_size=128, intermediate_size=512, num_hidden_layers=4,
            num_attention_heads=4, num_key_value_heads=4, max_position_embeddings=32,
        )
    )  # fmt: skip


def _trainer(folder: Path, callbacks: list[Any], steps: int, **saving: Any) -> Any:
    from transformers import Trainer, TrainingArguments

    tokens = list(range(16))
    return Trainer(
        model=_model(),
        args=TrainingArguments(
            output_dir=str(folder), max_steps=steps, per_device_train_batch_size=1, report_to=[],
            use_cpu=True, disable_tqdm=True, logging_strategy="no", **saving,
        ),
        train_dataset=[{"input_ids": tokens, "labels": tokens}] * SAVES,
        callbacks=callbacks,
    )  # fmt: skip


def _train(folder: Path, pulse: Pulse) -> None:
    from transformers import TrainerCallback

    class Beating(TrainerCallback):  # type: ignore[misc]
        def on_step_begin(self, *_: Any, **__: Any) -> None:
            pulse.pause()

        def on_save(self, *_: Any, **__: Any) -> None:
            pulse.saved()

    saving = {"save_strategy": "steps", "save_steps": 1, "save_total_limit": KEPT}
    _trainer(folder, [Beating()], SAVES, **saving).train()


def _chosen(folder: Path) -> str | None:
    from transformers.trainer_utils import get_last_checkpoint  # type: ignore[import-not-found]

    found = get_last_checkpoint(str(folder))
    return Path(found).name if found else None


def _load(folder: Path, name: str) -> None:
    """Resume, and train one step more than the recorded run did."""
    trainer = _trainer(folder.parent / "elsewhere", [], SAVES + 1, save_strategy="no")
    trainer.train(resume_from_checkpoint=str(folder / name))
    reached = {
        "trainer state": trainer.state.global_step,
        "scheduler": trainer.lr_scheduler.last_epoch,
        "optimizer": max(
            (int(moments["step"]) for moments in trainer.optimizer.state_dict()["state"].values()),
            default=0,
        ),
    }
    if lost := [part for part, step in reached.items() if step != SAVES + 1]:
        raise Lacks(", ".join(lost))


def _accelerated(folder: Path | None = None) -> tuple[Any, Any, Any, Any]:
    import torch
    from accelerate import Accelerator  # type: ignore[import-not-found]
    from accelerate.utils import ProjectConfiguration  # type: ignore[import-not-found]

    settings = ProjectConfiguration(
        project_dir=folder and str(folder),
        automatic_checkpoint_naming=bool(folder),
        total_limit=KEPT if folder else None,
    )
    accelerator = Accelerator(cpu=True, project_config=settings)
    model, optimizer = model_and_optimizer()
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer)
    return accelerator, *accelerator.prepare(model, optimizer, scheduler)


def _train_accelerate(folder: Path, pulse: Pulse) -> None:
    accelerator, model, optimizer, _ = _accelerated()
    for step in range(1, SAVES + 1):
        pulse.pause()
        one_step(model, optimizer)
        accelerator.save_state(str(folder / f"step_{step}"))
        pulse.saved()


def _train_numbered(folder: Path, pulse: Pulse) -> None:
    accelerator, model, optimizer, _ = _accelerated(folder)
    for _ in range(SAVES):
        pulse.pause()
        one_step(model, optimizer)
        accelerator.save_state()
        pulse.saved()


def _load_accelerate(folder: Path, name: str) -> None:
    accelerator, _, optimizer, _ = _accelerated()
    accelerator.load_state(str(folder / name))
    if not optimizer.state_dict()["state"]:
        raise Lacks("optimizer")
    if not (folder / name / "random_states_0.pkl").exists():
        raise Lacks("random states")  # only a line in the log says so


def _numbered(folder: Path) -> list[str]:
    return [f"checkpoints/{path.name}" for path in sorted(folder.glob("checkpoints/*"))]


def _chosen_numbered(folder: Path) -> str | None:
    names = sorted(_numbered(folder), key=number)
    return names[-1] if names else None


ACCELERATE = ("accelerate", "torch", "safetensors")
SCENARIOS = (
    Scenario("trainer", ("transformers", "accelerate", "torch", "safetensors"), ("transformers", "transformers.trainer", "accelerate", "torch"), _train,
             _chosen, _load, top_level(), f"Trainer, save_total_limit={KEPT}"),
    Scenario("accelerate", ACCELERATE, ("transformers", "transformers.trainer", "accelerate", "torch"), _train_accelerate, newest("step_*"),
             _load_accelerate, top_level(), "save_state into a folder a step"),
    Scenario("accelerate-numbered", ACCELERATE, ("transformers", "transformers.trainer", "accelerate", "torch"), _train_numbered, _chosen_numbered,
             _load_accelerate, _numbered, f"automatic_checkpoint_naming, total_limit={KEPT}"),
)  # fmt: skip
