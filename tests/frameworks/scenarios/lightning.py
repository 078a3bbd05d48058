"""Lightning's ModelCheckpoint: flat with `last.ckpt`, and where its logger puts it by default."""

from pathlib import Path
from typing import Any

from tests.frameworks.scenario import SAVES, Pulse, Scenario, number, top_level
from tests.frameworks.scenarios.torch_files import WIDTH, model_and_optimizer

LOGS = "lightning_logs/version_*/checkpoints/*"


def _module(pulse: Pulse | None) -> Any:
    import lightning  # type: ignore[import-not-found]
    import torch  # type: ignore[import-not-found]

    class Module(lightning.LightningModule):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.model, _ = model_and_optimizer()

        def training_step(self, batch: Any, _: int) -> Any:
            if pulse:
                pulse.pause()
            return self.model(batch).square().mean()

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters())

    return Module()


def _fit(folder: Path, saving: Any, logger: Any, pulse: Pulse | None, **more: Any) -> None:
    import lightning
    import torch

    module = _module(pulse)
    trainer = lightning.Trainer(
        default_root_dir=folder, callbacks=saving, logger=logger, accelerator="cpu", devices=1,
        max_steps=SAVES if pulse else 0, enable_checkpointing=bool(saving),
        enable_progress_bar=False, enable_model_summary=False,
    )  # fmt: skip
    data = torch.utils.data.DataLoader(torch.ones(2 * SAVES, WIDTH), batch_size=2)
    trainer.fit(module, data, **more)


def _saving(folder: Path | None, pulse: Pulse, **more: Any) -> Any:
    from lightning.pytorch.callbacks import ModelCheckpoint  # type: ignore[import-not-found]

    class Saving(ModelCheckpoint):  # type: ignore[misc]
        """Reports after the callback has done all its work for a step."""

        def on_train_batch_end(self, *parts: Any, **named: Any) -> None:
            super().on_train_batch_end(*parts, **named)
            pulse.saved()

    return Saving(dirpath=folder, every_n_train_steps=1, save_top_k=-1, **more)


def _train_flat(folder: Path, pulse: Pulse) -> None:
    _fit(folder, _saving(folder, pulse, save_last=True), False, pulse)


def _train_logs(folder: Path, pulse: Pulse) -> None:
    from lightning.pytorch.loggers import CSVLogger  # type: ignore[import-not-found]

    _fit(folder, _saving(None, pulse), CSVLogger(folder), pulse)


def _load(folder: Path, name: str) -> None:
    _fit(folder.parent / "elsewhere", [], False, None, ckpt_path=str(folder / name))


def _last(folder: Path) -> str | None:
    return "last.ckpt" if (folder / "last.ckpt").exists() else None


def _entries(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.glob(LOGS))


def _chosen(folder: Path) -> str | None:
    return max(_entries(folder), key=number, default=None)


LIGHTNING = ("lightning", "torch")
SCENARIOS = (
    Scenario("lightning", LIGHTNING, ("lightning.pytorch.loggers", "torch"), _train_flat, _last, _load, top_level(),
             "ModelCheckpoint with save_last"),
    Scenario("lightning-logs", LIGHTNING, ("lightning.pytorch.loggers", "torch"), _train_logs, _chosen, _load, _entries,
             "ModelCheckpoint in lightning_logs/version_0"),
)  # fmt: skip
