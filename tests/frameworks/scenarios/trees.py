"""Models of trees, and what scikit-learn and NumPy write."""

from pathlib import Path
from typing import Any

from tests.frameworks.scenario import SAVES, Lacks, Pulse, Scenario, newest, number, top_level

ROWS, COLUMNS = 2000, 10


def _data() -> tuple[Any, Any]:
    import numpy as np  # type: ignore[import-not-found]

    chance = np.random.default_rng(7)
    return chance.normal(size=(ROWS, COLUMNS)), chance.normal(size=ROWS)


def _train_xgboost(folder: Path, pulse: Pulse) -> None:
    import xgboost  # type: ignore[import-not-found]

    class Pausing(xgboost.callback.TrainingCallback):  # type: ignore[misc]
        def before_iteration(self, *_: Any) -> bool:
            pulse.pause()
            return False

    class Saving(xgboost.callback.TrainingCheckPoint):  # type: ignore[misc]
        def after_iteration(self, *parts: Any) -> bool:
            super().after_iteration(*parts)
            if any(folder.iterdir()):  # there is no file of the first iteration
                pulse.saved()
            return False

    xgboost.train(
        {"max_depth": 12, "num_parallel_tree": 12, "subsample": 0.9, "nthread": 1, "seed": 7},
        xgboost.DMatrix(*_data()), SAVES + 1,
        callbacks=[Pausing(), Saving(directory=str(folder), name="model", interval=1)],
    )  # fmt: skip


def _load_xgboost(folder: Path, name: str) -> None:
    import xgboost

    booster = xgboost.Booster()
    booster.load_model(folder / name)
    booster.predict(xgboost.DMatrix(_data()[0]))


def _train_lightgbm(folder: Path, pulse: Pulse) -> None:
    import lightgbm  # type: ignore[import-not-found]

    def saving(state: Any) -> None:
        if (state.iteration + 1) % TREES == 0:
            state.model.save_model(folder / f"model_{(state.iteration + 1) // TREES}.txt")
            pulse.saved()
            pulse.pause()

    pulse.pause()
    parameters = {"num_leaves": 1500, "min_data_in_leaf": 2, "num_threads": 1, "verbose": -1}
    lightgbm.train(
        {**parameters, "deterministic": True}, lightgbm.Dataset(*_data()), SAVES * TREES,
        callbacks=[saving],
    )  # fmt: skip


TREES = 3


def _load_lightgbm(folder: Path, name: str) -> None:
    import lightgbm

    booster = lightgbm.Booster(model_file=folder / name)
    booster.predict(_data()[0])
    if booster.num_trees() < number(name) * TREES:
        raise Lacks("trees")


def _train_catboost(folder: Path, pulse: Pulse) -> None:
    import catboost  # type: ignore[import-not-found]

    model = None
    for step in range(1, SAVES + 1):
        pulse.pause()
        after = catboost.CatBoostRegressor(
            iterations=6, depth=12, thread_count=1, random_seed=7, verbose=False,
            allow_writing_files=False, border_count=32,
        )  # fmt: skip
        model = after.fit(*_data(), init_model=model)
        model.save_model(folder / f"model_{step}.cbm")
        pulse.saved()


def _load_catboost(folder: Path, name: str) -> None:
    import catboost

    model = catboost.CatBoostRegressor()
    model.load_model(folder / name)
    model.predict(_data()[0])


def _train_sklearn(folder: Path, pulse: Pulse) -> None:
    import joblib  # type: ignore[import-not-found]
    from sklearn.neural_network import MLPRegressor  # type: ignore[import-not-found]

    model = MLPRegressor(hidden_layer_sizes=(700, 700), random_state=7)
    inputs, targets = (part[:50] for part in _data())
    for step in range(1, SAVES + 1):
        pulse.pause()
        model.partial_fit(inputs, targets)
        joblib.dump(model, folder / f"model-{step}.joblib")
        pulse.saved()


def _load_sklearn(folder: Path, name: str) -> None:
    import joblib

    joblib.load(folder / name).predict(_data()[0][:5])  # written by this very run


def _train_numpy(folder: Path, pulse: Pulse) -> None:
    import numpy as np

    weights = np.random.default_rng(7).normal(size=(6, 512, 512))
    for step in range(1, SAVES + 1):
        pulse.pause()
        np.savez(folder / f"step-{step}.npz", **{f"layer{n}": w for n, w in enumerate(weights)})
        pulse.saved()


def _load_numpy(folder: Path, name: str) -> None:
    import numpy as np

    with np.load(folder / name) as found:
        if len([found[key].sum() for key in found]) < 6:
            raise Lacks("layers")


SCENARIOS = (
    Scenario("xgboost", ("xgboost-cpu",), ("xgboost",), _train_xgboost, newest("model_*"),
             _load_xgboost, top_level(), "TrainingCheckPoint, a growing model"),
    Scenario("lightgbm", ("lightgbm",), ("lightgbm",), _train_lightgbm, newest("model_*"),
             _load_lightgbm, top_level(), "save_model in a callback, a growing model"),
    Scenario("catboost", ("catboost",), ("catboost",), _train_catboost, newest("model_*"),
             _load_catboost, top_level(), "save_model of a growing model"),
    Scenario("scikit-learn", ("scikit-learn", "joblib"), ("joblib", "sklearn.neural_network"), _train_sklearn,
             newest("model-*"), _load_sklearn, top_level(), "joblib.dump of one file a step"),
    Scenario("numpy", ("numpy",), ("numpy",), _train_numpy, newest("step-*.npz"), _load_numpy,
             top_level(), "savez of one file a step"),
)  # fmt: skip
