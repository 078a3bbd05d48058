"""Trains a line by gradient descent in pure Python, with checkpoints; `--fault` plants one fault, or none."""

import argparse
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

parser = argparse.ArgumentParser()
parser.add_argument("--steps", type=int, default=40)
parser.add_argument("--every", type=int, default=5)
parser.add_argument("--pace", type=float, default=0.01)
parser.add_argument("--fault", default="none")
parser.add_argument("--silent", type=int, default=0)
given = parser.parse_args()
fault = given.fault

folder = Path(
    "/opt/ml/checkpoints"
    if "SM_INPUT_DIR" not in os.environ
    else os.environ["SM_INPUT_DIR"] + "/../checkpoints"
)
if fault == "elsewhere":
    folder = Path("checkpoints")
    folder.mkdir(exist_ok=True)
every = 20 if fault == "rare" else given.every
dice = random.Random(None if fault in ("unseeded", "unseeded_no_resume") else 3)
state = {"step": 0, "weight": 0.0, "momentum": 0.0, "dice": dice.getstate()}


def say(text):
    if not given.silent:
        print(text, flush=True)


def load(path):
    return json.loads(path.read_text())


def restore():
    saved = sorted(folder.glob("step-*.json"))
    if fault in ("in_place", "falls_back") and (folder / "last.json").exists():
        saved = [folder / "last.json"]
    if not saved or fault in ("no_resume", "unseeded_no_resume"):
        return
    try:
        state.update(load(saved[-1]))
    except ValueError:
        if fault != "falls_back":
            raise
        return
    version, numbers, gauss = state["dice"]
    if fault != "rng":
        dice.setstate((version, tuple(numbers), gauss))
    if fault == "momentum":
        state["momentum"] = 0.0
    if fault == "counter":
        state["step"] = 0
    say(f"resumed at step {state['step']}")


def save():
    state["dice"] = dice.getstate()
    text = json.dumps(state)
    if fault in ("in_place", "falls_back"):
        (folder / "last.json").write_text(text)
        return
    target = folder / f"step-{state['step']:05d}.json"
    if fault == "in_place_numbered":
        target.write_text(text)
        return
    if fault == "deletes_first":
        for old in folder.glob("step-*.json"):
            old.unlink()
        time.sleep(0.01)
    temporary = target.with_suffix(".part")
    temporary.write_text(text)
    temporary.replace(target)
    if fault == "keeps_one":
        for old in sorted(folder.glob("step-*.json"))[:-1]:
            old.unlink()


def terminated(*_):
    if fault in ("at_sigterm", "right_handler"):
        save()
    sys.exit(0)


if fault in ("at_sigterm", "right_handler"):
    signal.signal(signal.SIGTERM, terminated)
if fault == "rare":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
restore()
if fault == "fails" and state["step"]:
    raise SystemExit("KeyError: 'epoch'")
if fault == "hangs" and state["step"]:
    time.sleep(600)

while state["step"] < given.steps:
    time.sleep(given.pace)
    x = dice.uniform(-1, 1)
    error = state["weight"] * x - 3 * x
    state["momentum"] = 0.9 * state["momentum"] + error * x
    state["weight"] -= 0.05 * state["momentum"]
    state["step"] += 1
    say(f"step {state['step']}: loss={error * error:.6f}")
    if state["step"] % every == 0 and fault not in ("saves_nothing", "at_sigterm"):
        save()

Path(os.environ["SM_MODEL_DIR"], "model.json").write_text(json.dumps({"weight": state["weight"]}))
