"""Trains a line by gradient descent, with a checkpoint every so many steps: pure Python, and right."""

import argparse
import json
import os
import random
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=40)
parser.add_argument("--every", type=int, default=5)
parser.add_argument("--pace", type=float, default=0.02)
parser.add_argument("--checkpoint-dir", default="/opt/ml/checkpoints")
given = parser.parse_args()

folder = Path(given.checkpoint_dir)
dice = random.Random(3)
state = {"step": 0, "weight": 0.0, "momentum": 0.0, "dice": dice.getstate()}
saved = sorted(folder.glob("step-*.json"))
if saved:
    state = json.loads(saved[-1].read_text())
    version, numbers, gauss = state["dice"]
    dice.setstate((version, tuple(numbers), gauss))
    print(f"resumed at step {state['step']}", flush=True)

while state["step"] < given.steps:
    time.sleep(given.pace)
    x = dice.uniform(-1, 1)
    error = state["weight"] * x - 3 * x
    state["momentum"] = 0.9 * state["momentum"] + error * x
    state["weight"] -= 0.05 * state["momentum"]
    state["step"] += 1
    print(f"step {state['step']}: loss={error * error:.6f}", flush=True)
    if state["step"] % given.every == 0:
        target = folder / f"step-{state['step']:05d}.json"
        temporary = target.with_suffix(".part")
        state["dice"] = dice.getstate()
        temporary.write_text(json.dumps(state))
        temporary.replace(target)

Path(os.environ["SM_MODEL_DIR"], "model.json").write_text(json.dumps({"weight": state["weight"]}))
