"""JAX: orbax's CheckpointManager and Checkpointer, and Flax's own files."""

from pathlib import Path
from typing import Any

from tests.frameworks.scenario import SAVES, Pulse, Scenario, newest, top_level

KEPT = 3


def _tree(step: int) -> dict[str, Any]:
    """8 MB that do not compress, the same in each process."""
    import jax.numpy as jnp  # type: ignore[import-not-found]
    import numpy as np  # type: ignore[import-not-found]

    chance = np.random.default_rng(7)
    layers = {f"layer{n}": jnp.asarray(chance.random((512, 1024), np.float32)) for n in range(4)}
    return {"step": jnp.asarray(step), "params": layers}


def _manager(folder: Path) -> Any:
    import orbax.checkpoint as ocp  # type: ignore[import-not-found]

    return ocp.CheckpointManager(folder, options=ocp.CheckpointManagerOptions(max_to_keep=KEPT))


def _train_manager(folder: Path, pulse: Pulse) -> None:
    import orbax.checkpoint as ocp

    manager, tree = _manager(folder), _tree(0)
    for step in range(1, SAVES + 1):
        pulse.pause()
        manager.save(step, args=ocp.args.StandardSave(tree))
        manager.wait_until_finished()
        pulse.saved()
    manager.close()


def _chosen_manager(folder: Path) -> str | None:
    step = _manager(folder).latest_step()
    return None if step is None else str(step)


def _load_manager(folder: Path, name: str) -> None:
    import orbax.checkpoint as ocp

    _manager(folder).restore(int(name), args=ocp.args.StandardRestore(_tree(0)))


def _train_checkpointer(folder: Path, pulse: Pulse) -> None:
    import orbax.checkpoint as ocp

    checkpointer, tree = ocp.StandardCheckpointer(), _tree(0)
    for step in range(1, SAVES + 1):
        pulse.pause()
        checkpointer.save(folder / f"step_{step}", tree)
        checkpointer.wait_until_finished()
        pulse.saved()
    checkpointer.close()


def _load_checkpointer(folder: Path, name: str) -> None:
    import orbax.checkpoint as ocp

    ocp.StandardCheckpointer().restore(folder / name, _tree(0))


def _chosen_checkpointer(folder: Path) -> str | None:
    import orbax.checkpoint as ocp

    steps = ocp.utils.checkpoint_steps(folder)
    return f"step_{max(steps)}" if steps else None


def _train_flax(folder: Path, pulse: Pulse) -> None:
    import flax  # type: ignore[import-not-found]
    from flax.training import checkpoints  # type: ignore[import-not-found]

    flax.config.update("flax_use_orbax_checkpointing", False)
    tree = _tree(0)
    for step in range(1, SAVES + 1):
        pulse.pause()
        checkpoints.save_checkpoint(folder, tree, step, keep=KEPT)
        pulse.saved()


def _chosen_flax(folder: Path) -> str | None:
    from flax.training import checkpoints

    found = checkpoints.latest_checkpoint(folder)
    return Path(found).name if found else None


def _load_flax(folder: Path, name: str) -> None:
    from flax.training import checkpoints

    if not (folder / name).exists():
        raise FileNotFoundError(name)
    checkpoints.restore_checkpoint(folder / name, _tree(0))


def _train_msgpack(folder: Path, pulse: Pulse) -> None:
    from flax import serialization

    tree = _tree(0)
    for step in range(1, SAVES + 1):
        pulse.pause()
        (folder / f"step_{step}.msgpack").write_bytes(serialization.to_bytes(tree))
        pulse.saved()


def _load_msgpack(folder: Path, name: str) -> None:
    from flax import serialization

    serialization.from_bytes(_tree(0), (folder / name).read_bytes())


ORBAX = ("orbax-checkpoint", "jax")
FLAX = ("flax", "jax")
SCENARIOS = (
    Scenario("orbax-manager", ORBAX, ("jax", "orbax.checkpoint"), _train_manager, _chosen_manager,
             _load_manager, top_level(), f"CheckpointManager, max_to_keep={KEPT}"),
    Scenario("orbax", ORBAX, ("jax", "orbax.checkpoint"), _train_checkpointer, _chosen_checkpointer,
             _load_checkpointer, top_level(), "StandardCheckpointer into a folder a step"),
    Scenario("flax", FLAX, ("jax", "flax.training.checkpoints"), _train_flax, _chosen_flax, _load_flax, top_level(),
             f"flax.training.checkpoints without orbax, keep={KEPT}"),
    Scenario("flax-msgpack", FLAX, ("jax", "flax.training.checkpoints"), _train_msgpack, newest("step_*.msgpack"),
             _load_msgpack, top_level(), "serialization.to_bytes into one file a step"),
)  # fmt: skip
