"""TensorFlow: CheckpointManager, the Saver of TF1 and Estimators, and a SavedModel a step."""

from pathlib import Path
from typing import Any

from tests.frameworks.scenario import SAVES, Pulse, Scenario, newest, top_level

KEPT = 3
SHAPE = (512, 1024)


def _variables() -> list[Any]:
    """8 MB that do not compress, the same in each process."""
    import numpy as np  # type: ignore[import-not-found]
    import tensorflow as tf  # type: ignore[import-untyped]

    chance = np.random.default_rng(7)
    return [tf.Variable(chance.random(SHAPE, np.float32), name=f"layer{n}") for n in range(4)]


def _manager(folder: Path) -> Any:
    import tensorflow as tf

    checkpoint = tf.train.Checkpoint(layers=_variables())
    return tf.train.CheckpointManager(checkpoint, str(folder), max_to_keep=KEPT)


def _train_manager(folder: Path, pulse: Pulse) -> None:
    manager = _manager(folder)
    for _ in range(SAVES):
        pulse.pause()
        manager.save()
        pulse.saved()


def _load_manager(folder: Path, name: str) -> None:
    manager = _manager(folder)
    manager.checkpoint.restore(str(folder / name)).assert_existing_objects_matched()


def _chosen(folder: Path) -> str | None:
    import tensorflow as tf

    found = tf.train.latest_checkpoint(str(folder))
    return Path(found).name if found else None


def _stems(folder: Path) -> list[str]:
    """`ckpt-3` for its index and data; staging as it is called."""
    names = (path.name for path in folder.iterdir() if path.name != "checkpoint")
    return sorted({name.partition(".index")[0].partition(".data-")[0].removesuffix(".meta")
                   for name in names})  # fmt: skip


def _train_saver(folder: Path, pulse: Pulse) -> None:
    import tensorflow as tf

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        saver = _saver()
        session.run(tf.compat.v1.global_variables_initializer())
        for step in range(1, SAVES + 1):
            pulse.pause()
            saver.save(session, str(folder / "model.ckpt"), global_step=step)
            pulse.saved()


def _saver() -> Any:
    import tensorflow as tf

    chance = tf.compat.v1.random_uniform_initializer(seed=7)
    for n in range(4):
        tf.compat.v1.get_variable(f"layer{n}", SHAPE, initializer=chance, use_resource=True)
    return tf.compat.v1.train.Saver(max_to_keep=KEPT)


def _load_saver(folder: Path, name: str) -> None:
    import tensorflow as tf

    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        _saver().restore(session, str(folder / name))


def _train_saved_model(folder: Path, pulse: Pulse) -> None:
    import tensorflow as tf

    module = tf.Module()
    module.layers = _variables()
    for step in range(1, SAVES + 1):
        pulse.pause()
        tf.saved_model.save(module, str(folder / str(step)))
        pulse.saved()


def _load_saved_model(folder: Path, name: str) -> None:
    import tensorflow as tf

    [layer.numpy() for layer in tf.saved_model.load(str(folder / name)).layers]


TF = ("tensorflow-cpu",)
SCENARIOS = (
    Scenario("tensorflow", TF, ("tensorflow",), _train_manager, _chosen, _load_manager, _stems,
             f"CheckpointManager, max_to_keep={KEPT}"),
    Scenario("tensorflow-1", TF, ("tensorflow",), _train_saver, _chosen, _load_saver, _stems,
             f"compat.v1.train.Saver as in Estimators, max_to_keep={KEPT}"),
    Scenario("saved-model", TF, ("tensorflow",), _train_saved_model, newest("[0-9]*"), _load_saved_model,
             top_level(), "saved_model.save into a folder a step"),
)  # fmt: skip
