"""Keras, on PyTorch: ModelCheckpoint in its three formats, and BackupAndRestore."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.frameworks.scenario import SAVES, Lacks, Pulse, Scenario, newest, top_level

WIDTH = 512


def _model() -> Any:
    import keras  # type: ignore[import-not-found]

    keras.utils.set_random_seed(7)
    layers = [keras.layers.Dense(WIDTH) for _ in range(3)]
    model = keras.Sequential([keras.Input((WIDTH,)), *layers])
    model.compile(keras.optimizers.Adam(), keras.losses.MeanSquaredError())
    return model


def _fit(model: Any, callbacks: list[Any], epochs: int) -> None:
    import numpy as np  # type: ignore[import-not-found]

    ones = np.ones((2, WIDTH), np.float32)
    model.fit(ones, ones, epochs=epochs, verbose=0, callbacks=callbacks)


def _training(
    saving: Callable[[Path], Any],
) -> Callable[[Path, Pulse], None]:
    def train(folder: Path, pulse: Pulse) -> None:
        import keras

        class Before(keras.callbacks.Callback):  # type: ignore[misc]
            def on_epoch_begin(self, *_: Any, **__: Any) -> None:
                pulse.pause()

        class After(keras.callbacks.Callback):  # type: ignore[misc]
            def on_epoch_end(self, *_: Any, **__: Any) -> None:
                pulse.saved()

        _fit(_model(), [Before(), saving(folder), After()], SAVES)

    return train


def _checkpoint(name: str, **more: Any) -> Callable[[Path], Any]:
    def saving(folder: Path) -> Any:
        import keras

        return keras.callbacks.ModelCheckpoint(str(folder / name), **more)

    return saving


def _backup(folder: Path) -> Any:
    import keras

    return keras.callbacks.BackupAndRestore(str(folder), delete_checkpoint=False)


def _load_model(folder: Path, name: str) -> None:
    import keras

    keras.saving.load_model(folder / name)


def _load_weights(folder: Path, name: str) -> None:
    _model().load_weights(folder / name)


def _load_backup(folder: Path, _: str) -> None:
    """Resume; the optimizer's steps tell whether something was restored."""
    model = _model()
    _fit(model, [_backup(folder)], SAVES + 1)
    if int(model.optimizer.iterations) != SAVES + 1:
        raise Lacks("weights or epochs")


def _backup_entries(folder: Path) -> list[str]:
    return ["."] if any(folder.iterdir()) else []


KERAS = ("keras", "h5py", "torch")
SCENARIOS = (
    Scenario("keras", KERAS, ("keras",), _training(_checkpoint("model_{epoch:02d}.keras")),
             newest("model_*.keras"), _load_model, top_level(), "ModelCheckpoint, .keras"),
    Scenario("keras-weights", KERAS, ("keras",),
             _training(_checkpoint("model_{epoch:02d}.weights.h5", save_weights_only=True)),
             newest("model_*.weights.h5"), _load_weights, top_level(),
             "ModelCheckpoint, .weights.h5"),
    Scenario("keras-h5", KERAS, ("keras",), _training(_checkpoint("model_{epoch:02d}.h5")),
             newest("model_*.h5"), _load_model, top_level(), "ModelCheckpoint, .h5"),
    Scenario("keras-backup", KERAS, ("keras",), _training(_backup),
             lambda folder: next(iter(_backup_entries(folder)), None), _load_backup,
             _backup_entries, "BackupAndRestore, the same files each epoch"),
)  # fmt: skip
