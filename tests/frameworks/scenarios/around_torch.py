"""Libraries around PyTorch that save by themselves: Ignite, fvcore (Detectron2's), skorch."""

from pathlib import Path
from typing import Any

from tests.frameworks.scenario import SAVES, Pulse, Scenario, newest, top_level
from tests.frameworks.scenarios.torch_files import (
    WIDTH,
    load_state,
    model_and_optimizer,
    one_step,
    steps,
)

KEPT = 3


def _train_ignite(folder: Path, pulse: Pulse) -> None:
    from ignite.engine import Engine, Events  # type: ignore[import-not-found]
    from ignite.handlers import Checkpoint, DiskSaver  # type: ignore[import-not-found]

    model, optimizer = model_and_optimizer()

    def step(*_: Any) -> None:
        pulse.pause()
        one_step(model, optimizer)

    engine = Engine(step)
    parts = {"model": model, "optimizer": optimizer}
    saver = DiskSaver(str(folder), require_empty=False)
    engine.add_event_handler(Events.ITERATION_COMPLETED, Checkpoint(parts, saver, n_saved=KEPT))
    engine.add_event_handler(Events.ITERATION_COMPLETED, lambda: pulse.saved())
    engine.run([0] * SAVES, max_epochs=1)


def _load_ignite(folder: Path, name: str) -> None:
    load_state(folder / name)


def _train_fvcore(folder: Path, pulse: Pulse) -> None:
    from fvcore.common.checkpoint import Checkpointer, PeriodicCheckpointer  # type: ignore[import-not-found]

    periodic: Any = None
    for step, model, optimizer in steps(pulse):
        periodic = periodic or PeriodicCheckpointer(
            Checkpointer(model, str(folder), optimizer=optimizer), 1, SAVES, KEPT
        )
        periodic.step(step)
        pulse.saved()


def _chosen_fvcore(folder: Path) -> str | None:
    from fvcore.common.checkpoint import Checkpointer

    checkpointer = Checkpointer(model_and_optimizer()[0], str(folder))
    return Path(checkpointer.get_checkpoint_file()).name if checkpointer.has_checkpoint() else None


def _load_fvcore(folder: Path, name: str) -> None:
    from fvcore.common.checkpoint import Checkpointer

    model, optimizer = model_and_optimizer()
    found = Checkpointer(model, str(folder), optimizer=optimizer).load(str(folder / name))
    if "iteration" not in found:
        raise KeyError("iteration")


def _net() -> Any:
    import torch  # type: ignore[import-not-found]
    from skorch import NeuralNetRegressor  # type: ignore[import-not-found]

    model, _ = model_and_optimizer()
    return NeuralNetRegressor(
        model, optimizer=torch.optim.Adam, train_split=None, iterator_train__shuffle=False,
        max_epochs=SAVES, verbose=0, device="cpu",
    )  # fmt: skip


def _train_skorch(folder: Path, pulse: Pulse) -> None:
    import torch
    from skorch.callbacks import Callback, Checkpoint  # type: ignore[import-not-found]

    class Beating(Callback):  # type: ignore[misc]
        def on_epoch_begin(self, *_: Any, **__: Any) -> None:
            pulse.pause()

    class Saving(Checkpoint):  # type: ignore[misc]
        def on_epoch_end(self, net: Any, **named: Any) -> None:
            super().on_epoch_end(net, **named)
            pulse.saved()

    net = _net()
    net.set_params(callbacks=[Beating(), Saving(dirname=str(folder), monitor=None)])
    net.fit(torch.ones(4, WIDTH), torch.ones(4, WIDTH))


def _load_skorch(folder: Path, _: str) -> None:
    net = _net().initialize()
    net.load_params(
        f_params=folder / "params.pt", f_optimizer=folder / "optimizer.pt",
        f_criterion=folder / "criterion.pt", f_history=folder / "history.json",
    )  # fmt: skip


def _the_folder(folder: Path) -> list[str]:
    return ["."] if any(folder.iterdir()) else []


SCENARIOS = (
    Scenario("ignite", ("pytorch-ignite", "torch"), ("ignite.handlers", "torch"), _train_ignite,
             newest("checkpoint_*.pt"), _load_ignite, top_level(),
             f"Checkpoint with DiskSaver, n_saved={KEPT}"),
    Scenario("fvcore", ("fvcore", "torch"), ("fvcore.common.checkpoint", "torch"), _train_fvcore, _chosen_fvcore,
             _load_fvcore, top_level("last_checkpoint"),
             f"PeriodicCheckpointer as in Detectron2, max_to_keep={KEPT}"),
    Scenario("skorch", ("skorch", "torch"), ("skorch.callbacks", "torch"), _train_skorch,
             lambda folder: next(iter(_the_folder(folder)), None), _load_skorch, _the_folder,
             "Checkpoint, four files under the same names each time"),
)  # fmt: skip
