"""What the hook costs a training on PyTorch: `python -m tests.rehearse.overhead PYTHON [PAIRS]`.

Run by hand. Trainings with the hook and without it alternate, each of STEPS steps of 10 ms and more, with a checkpoint every 50
steps. Of each training the mean processor time of a step is taken, saves included; processor time, since the time of a clock
also holds what else the machine does. The three steps after a start are left out: the compiler and the allocator
warm up there.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from spotter_cli.rehearse.stage.machine import HOOK

STEPS, EVERY = 300, 50
TRAIN = f"""
import os, time
import torch
from torch import nn
torch.set_num_threads(1)
torch.manual_seed(1)
blocks = [nn.Sequential(nn.Conv2d(24, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU()) for _ in range(12)]
model = nn.Sequential(nn.Conv2d(3, 24, 3, padding=1), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10))
optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
data = torch.randn(8, 3, 16, 16)
steps = []
for step in range({STEPS}):
    begun = time.process_time()
    optimizer.zero_grad()
    model(data).square().mean().backward()
    optimizer.step()
    if step % {EVERY} == {EVERY - 1}:
        path = os.path.join(os.environ["SPOTTER_REHEARSAL_CHECKPOINTS"], "last.pt")
        torch.save({{"model": model.state_dict(), "optimizer": optimizer.state_dict()}}, path + ".tmp")
        os.replace(path + ".tmp", path)
    steps.append(time.process_time() - begun)
steps = steps[3:]
print(1000 * sum(steps) / len(steps), 1000 * sorted(steps)[len(steps) // 2])
"""


def trained(python: str, *, hooked: bool) -> tuple[float, float, int]:
    """One training: the mean and the median step in ms, and how many lines the hook wrote."""
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as beside:
        log = Path(beside) / "log"
        own = {"OMP_NUM_THREADS": "1", "SPOTTER_REHEARSAL_CHECKPOINTS": folder}
        if hooked:
            own |= {"PYTHONPATH": str(HOOK), "SPOTTER_REHEARSAL_LOG": str(log)}
        done = subprocess.run(
            [python, "-c", TRAIN], env=os.environ | own, check=True, capture_output=True, text=True
        )
        mean, middle = map(float, done.stdout.split())
        return mean, middle, len(log.read_text().splitlines()) if hooked else 0


def main() -> None:
    python, pairs = sys.argv[1], int((*sys.argv, "10")[2])
    means, middles = [], []
    for number in range(pairs):
        order = (False, True) if number % 2 else (True, False)
        found = {hooked: trained(python, hooked=hooked) for hooked in order}
        (plain, middle, _), (hooked, hooked_middle, lines) = found[False], found[True]
        assert lines > STEPS, "the hook observed nothing"
        means.append(hooked / plain - 1)
        middles.append(hooked_middle / middle - 1)
        print(f"mean step {plain:.2f} ms, with the hook {hooked:.2f} ms: {means[-1]:+.1%}; median step {middle:.2f} and {hooked_middle:.2f} ms: {middles[-1]:+.1%}", flush=True)  # fmt: skip
    for name, ratios in (("mean", means), ("median", middles)):
        print(f"{name} step, {pairs} pairs: median {median(ratios):+.1%}, from {min(ratios):+.1%} to {max(ratios):+.1%}")  # fmt: skip


if __name__ == "__main__":
    main()
