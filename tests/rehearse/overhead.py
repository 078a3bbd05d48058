"""What the hook costs a step, in processor time of the training thread: `python -m tests.rehearse.overhead PYTHON`.

Run by hand. Each network trains with and without the hook, in turn; the figure is the median of the pairs.
Processor time is compared, since the time of a clock also holds what else the machine does.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from spotter_cli.rehearse.stage import HOOK

PAIRS = 5
TRAIN = """
import json, os, sys, time
import torch
from torch import nn
torch.set_num_threads(1)
kind, saves, steps = sys.argv[1], int(sys.argv[2]), 300
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
def step():
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(data), labels).backward()
    optimizer.step()
for _ in range(20):
    step()
begun = time.thread_time()
for number in range(1, steps + 1):
    step()
    if saves and number % saves == 0:
        torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, path)
print(json.dumps((time.thread_time() - begun) / steps))
"""


def main() -> None:
    for kind, saves in (
        ("convolutions", 0),
        ("convolutions", 50),
        ("transformer", 0),
        ("transformer", 50),
    ):
        pairs = [
            (seconds(kind, saves, hooked=False), seconds(kind, saves, hooked=True))
            for _ in range(PAIRS)
        ]
        step = statistics.median(one for one, _ in pairs)
        more = statistics.median(hooked / without - 1 for without, hooked in pairs)
        how = f"a save every {saves} steps" if saves else "no save"
        print(
            f"{kind}, {how}: {1000 * step:.1f} ms a step, {100 * more:+.1f} % with the hook",
            flush=True,
        )


def seconds(kind: str, saves: int, *, hooked: bool) -> float:
    """Processor seconds of a step."""
    with tempfile.TemporaryDirectory() as folder:
        own = {"FOLDER": folder, "OMP_NUM_THREADS": "1"}
        if hooked:
            log = str(Path(folder) / "log")
            own |= {
                "PYTHONPATH": str(HOOK),
                "SPOTTER_REHEARSAL_LOG": log,
                "SPOTTER_REHEARSAL_CHECKPOINTS": folder,
            }
        command = [sys.argv[1], "-c", TRAIN, kind, str(saves)]
        done = subprocess.run(
            command, env=os.environ | own, capture_output=True, text=True, check=True
        )
    return float(json.loads(done.stdout))


if __name__ == "__main__":
    main()
