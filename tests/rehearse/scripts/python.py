"""Fits a line in pure Python, which no hook observes; saves every 5 steps, and resumes."""

import argparse
import json
import os
import random
import time

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=60)
parser.add_argument("--pace", type=float, default=0.02)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--checkpoint-dir", default="/opt/ml/checkpoints")
parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
args = parser.parse_args()

dice = random.Random(args.seed)
state = {"step": 0, "slope": dice.random(), "momentum": 0.0}
checkpoint = os.path.join(args.checkpoint_dir, "state.json")
if os.path.exists(checkpoint):
    with open(checkpoint) as file:
        state, (version, numbers, gauss) = json.load(file)
    dice.setstate((version, tuple(numbers), gauss))

while state["step"] < args.steps:
    time.sleep(args.pace)
    x = dice.uniform(-1, 1)
    error = state["slope"] * x - 3 * x
    state["momentum"] = 0.9 * state["momentum"] + error * x
    state["slope"] -= 0.05 * state["momentum"]
    state["step"] += 1
    print(f"step {state['step']}: loss {error * error:.6f}", flush=True)
    if state["step"] % 5 == 0:
        with open(checkpoint + ".tmp", "w") as file:
            json.dump([state, dice.getstate()], file)
        os.replace(checkpoint + ".tmp", checkpoint)

with open(os.path.join(args.model_dir, "model.json"), "w") as file:
    json.dump({"slope": state["slope"]}, file)
