"""What the hook costs a training on PyTorch: `python -m tests.rehearse.overhead PYTHON [PAIRS]`.

Run by hand. Two trainings, with the hook and without it, take turns: each makes BLOCK steps of 10 ms and more and one save, then
the other one does, and which is first changes. So both meet the same machine, however busy it is. Compared is the
processor time of a block, since the time of a clock also holds what else the machine does.
"""

import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from statistics import median, quantiles

from spotter_cli.rehearse.stage.machine import HOOK

BLOCK = 20
TRAIN = f"""
import os, sys, time
import torch
from torch import nn
torch.set_num_threads(1)
torch.manual_seed(1)
blocks = [nn.Sequential(nn.Conv2d(24, 24, 3, padding=1), nn.BatchNorm2d(24), nn.ReLU()) for _ in range(12)]
model = nn.Sequential(nn.Conv2d(3, 24, 3, padding=1), *blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10))
optimizer = torch.optim.AdamW(model.parameters(), 1e-3)
data = torch.randn(8, 3, 16, 16)
path = os.path.join(os.environ["SPOTTER_REHEARSAL_CHECKPOINTS"], "last.pt")
for _ in sys.stdin:
    begun = time.process_time()
    for _ in range({BLOCK}):
        optimizer.zero_grad()
        model(data).square().mean().backward()
        optimizer.step()
    trained = time.process_time()
    torch.save({{"model": model.state_dict(), "optimizer": optimizer.state_dict()}}, path + ".tmp")
    os.replace(path + ".tmp", path)
    print(trained - begun, time.process_time() - trained, flush=True)
"""


class Training:
    """One of the two processes."""

    def __init__(self, python: str, folder: Path, *, hooked: bool) -> None:
        self.log = folder / "log"
        folder.mkdir()
        own = {"OMP_NUM_THREADS": "1", "SPOTTER_REHEARSAL_CHECKPOINTS": str(folder)}
        if hooked:
            own |= {"PYTHONPATH": str(HOOK), "SPOTTER_REHEARSAL_LOG": str(self.log)}
        self.process = subprocess.Popen([python, "-c", TRAIN], env=os.environ | own, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # fmt: skip

    def block(self) -> tuple[float, float]:
        """The milliseconds of a step, and those of the save."""
        assert self.process.stdin
        assert self.process.stdout
        print(file=self.process.stdin, flush=True)
        steps, save = map(float, self.process.stdout.readline().split())
        return 1000 * steps / BLOCK, 1000 * save


def main() -> None:
    python, pairs = sys.argv[1], int((*sys.argv, "60")[2])
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        plain = Training(python, Path(folder, "plain"), hooked=False)
        hooked = Training(python, Path(folder, "hooked"), hooked=True)
        for one in (plain, hooked):
            stack.enter_context(one.process)
            one.block()  # the allocator and the caches warm up
        found: dict[Training, list[tuple[float, float]]] = {plain: [], hooked: []}
        for number in range(pairs):
            for one in (plain, hooked) if number % 2 else (hooked, plain):
                found[one].append(one.block())
        lines = hooked.log.read_text().count('"kind":"step"')
        assert lines >= pairs * BLOCK, "the hook observed nothing"
    steps = [(a[0], b[0]) for a, b in zip(found[plain], found[hooked], strict=True)]
    ratios = [b / a - 1 for a, b in steps]
    low, _, high = quantiles(ratios, n=4)
    print(f"{pairs} pairs of {BLOCK} steps; a step without the hook: {median(a for a, _ in steps):.2f} ms")  # fmt: skip
    print(f"the hook in a step: {median(b - a for a, b in steps):+.3f} ms, {median(ratios):+.1%}; the middle half from {low:+.1%} to {high:+.1%}")  # fmt: skip
    print(f"a save: {median(a[1] for a in found[plain]):.1f} ms without, {median(b[1] for b in found[hooked]):.1f} ms with the hook")  # fmt: skip


if __name__ == "__main__":
    main()
