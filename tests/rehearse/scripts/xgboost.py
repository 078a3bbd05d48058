"""Trains trees with XGBoost; saves each 5 rounds, and trains the rounds that are missing."""

import argparse
import os
import time

import numpy as np
import xgboost

parser = argparse.ArgumentParser()
parser.add_argument("--num-round", type=int, default=40)
parser.add_argument("--eta", type=float, default=0.2)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--pace", type=float, default=0.03)
parser.add_argument("--checkpoint-dir", default="/opt/ml/checkpoints")
parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
args = parser.parse_args()

points = np.random.default_rng(args.seed).normal(size=(300, 6))
data = xgboost.DMatrix(points, points[:, 0] * points[:, 1] + points[:, 2])
parameters = {"eta": args.eta, "max_depth": 3, "nthread": 1, "seed": args.seed}
checkpoint = os.path.join(args.checkpoint_dir, "model.ubj")


class Saving(xgboost.callback.TrainingCallback):
    def after_iteration(self, model, epoch, evals_log):
        time.sleep(args.pace)
        if model.num_boosted_rounds() % 5 == 0:
            model.save_model(checkpoint[:-4] + "-part.ubj")
            os.replace(checkpoint[:-4] + "-part.ubj", checkpoint)
        return False


booster, done = None, 0
if os.path.exists(checkpoint):
    booster = xgboost.Booster(parameters, model_file=checkpoint)
    done = booster.num_boosted_rounds()
    print(f"resuming after {done} rounds")
booster = xgboost.train(
    parameters,
    data,
    num_boost_round=args.num_round - done,
    evals=[(data, "train")],
    xgb_model=booster,
    callbacks=[Saving()],
)
booster.save_model(os.path.join(args.model_dir, "model.ubj"))
