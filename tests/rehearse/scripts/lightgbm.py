"""Trains trees with LightGBM; saves each 5 rounds, and trains the rounds that are missing."""

import argparse
import os
import time

import lightgbm
import numpy as np

parser = argparse.ArgumentParser()
parser.add_argument("--num-round", type=int, default=40)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--pace", type=float, default=0.03)
parser.add_argument("--checkpoint-dir", default="/opt/ml/checkpoints")
parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
args = parser.parse_args()

points = np.random.default_rng(args.seed).normal(size=(300, 6))
data = lightgbm.Dataset(points, points[:, 0] * points[:, 1] + points[:, 2], free_raw_data=False)
parameters = {
    "objective": "regression",
    "learning_rate": 0.1,
    "num_leaves": 7,
    "num_threads": 1,
    "deterministic": True,
    "seed": args.seed,
    "verbose": -1,
}
checkpoint = os.path.join(args.checkpoint_dir, "model.txt")


def saving(env):
    time.sleep(args.pace)
    rounds = env.model.current_iteration()
    if rounds % 5 == 0:
        env.model.save_model(checkpoint + ".tmp")
        os.replace(checkpoint + ".tmp", checkpoint)


booster, done = None, 0
if os.path.exists(checkpoint):
    booster = lightgbm.Booster(model_file=checkpoint)
    done = booster.current_iteration()
    print(f"resuming after {done} rounds")
booster = lightgbm.train(
    parameters,
    data,
    num_boost_round=args.num_round - done,
    init_model=booster,
    callbacks=[saving],
)
booster.save_model(os.path.join(args.model_dir, "model.txt"))
