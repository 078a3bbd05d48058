"""What the hook costs a training on PyTorch, in processor time: `python -m tests.rehearse.overhead PYTHON`.

Run by hand. The calls that the hook adds to a step, and to a save, are made a thousand times by themselves: beside a
step of 10 ms they are too short to be measured as a difference. Processor time is taken, since the time of a
clock also holds what else the machine does.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from spotter_cli.rehearse.stage.machine import HOOK

MEASURE = """
import time
import torch
from torch import nn
torch.set_num_threads(1)
blocks = [nn.Sequential(nn.Conv2d(24, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU()) for _ in range(12)]
model = nn.Sequential(nn.Conv2d(3, 24, 3, padding=1), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10))
optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
data = torch.randn(8, 3, 16, 16)

def step():
    optimizer.zero_grad()
    model(data).sum().backward()
    optimizer.step()

def each(call, times=1000):
    begun = time.thread_time()
    for _ in range(times):
        call()
    return 1e6 * (time.thread_time() - begun) / times

for _ in range(10):
    step()
from spotter_rehearsal import torch_state, torch_training, training
modules = list(model.modules())
print(f"a step of this network: {each(step, 50) / 1000:.1f} ms")
def around():
    torch_training.before_step(optimizer)
    torch_training.after_step(optimizer)
forward = each(lambda: [torch_training._forward(one, ()) for one in modules])
print(f"the hook in each step: {each(around) + forward:.0f} us")
def detailed():
    training.session.detailed = 1
    training.session.input = None
    torch_training._forward(model, (data,))
    around()
print(f"in the 3 steps after a start and a save: {each(detailed, 200):.0f} us")
print(f"a save: {each(torch_state.everything, 50):.0f} us, {len(list(model.parameters()))} parameters")
torch_state._found.at = 0
print(f"a search for modules, for 2 % of the time at most: {each(torch_state.search, 1):.0f} us")
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as beside:
        own = {
            "OMP_NUM_THREADS": "1",
            "PYTHONPATH": str(HOOK),
            "SPOTTER_REHEARSAL_LOG": str(Path(beside) / "log"),
            "SPOTTER_REHEARSAL_CHECKPOINTS": folder,
        }
        subprocess.run([sys.argv[1], "-c", MEASURE], env=os.environ | own, check=True)


if __name__ == "__main__":
    main()
