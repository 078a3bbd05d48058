"""What the hook costs a step, in processor time of the training thread: `python -m tests.rehearse.overhead PYTHON`.

Run by hand. One process trains in blocks of steps, in turn with the hook and without it: for those, what it
registered with PyTorch is taken out, and the rest is told to be quiet. The figure is the median of the pairs.
Processor time is compared, since the time of a clock also holds what else the machine does.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from spotter_cli.rehearse.stage import HOOK

TRAIN = """
import os, statistics, sys, time
import torch
from torch import nn
torch.set_num_threads(1)
kind, saves, block, pairs = sys.argv[1], int(sys.argv[2]), 50, 8
if kind == "convolutions":
    blocks = [nn.Sequential(nn.Conv2d(24, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU()) for _ in range(12)]
    model = nn.Sequential(nn.Conv2d(3, 24, 3, padding=1), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10))
    data = torch.randn(8, 3, 16, 16)
else:
    blocks = [nn.TransformerEncoderLayer(64, 4, 128, batch_first=True) for _ in range(4)]
    model = nn.Sequential(*blocks, nn.Flatten(), nn.Linear(64 * 32, 10))
    data = torch.randn(16, 32, 64)
labels = torch.randint(0, 10, (len(data),))
optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
path = os.path.join(os.environ["FOLDER"], "checkpoint.pt")
number = 0

def train(steps):
    global number
    begun = time.thread_time()
    for _ in range(steps):
        number += 1
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(data), labels).backward()
        optimizer.step()
        if saves and number % saves == 0:
            torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
    return 1000 * (time.thread_time() - begun) / steps

from spotter_rehearsal import log
optimizers = sys.modules["torch.optim.optimizer"]
registered = [
    torch.nn.modules.module._global_forward_pre_hooks,
    optimizers._global_optimizer_pre_hooks,
    optimizers._global_optimizer_post_hooks,
]

def without(steps):
    held = [dict(one) for one in registered]
    for one in registered:
        one.clear()
    with log.quiet():
        took = train(steps)
    for one, values in zip(registered, held):
        one.update(values)
    return took

train(20)
found = [(without(block), train(block)) for _ in range(pairs)]
plain = statistics.median(one for one, _ in found)
more = statistics.median(hooked - one for one, hooked in found)
how = f"a save every {saves} steps" if saves else "no save"
print(f"{kind}, {how}: {plain:.2f} ms a step, {1000 * more:.0f} us more with the hook ({100 * more / plain:.1f} %)")
"""


def main() -> None:
    for kind, saves in (
        ("convolutions", 0),
        ("convolutions", 50),
        ("transformer", 0),
        ("transformer", 50),
    ):
        with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as beside:
            own = {
                "FOLDER": folder,
                "OMP_NUM_THREADS": "1",
                "PYTHONPATH": str(HOOK),
                "SPOTTER_REHEARSAL_LOG": str(Path(beside) / "log"),
                "SPOTTER_REHEARSAL_CHECKPOINTS": folder,
            }
            command = [sys.argv[1], "-c", TRAIN, kind, str(saves)]
            subprocess.run(command, env=os.environ | own, check=True)


if __name__ == "__main__":
    main()
