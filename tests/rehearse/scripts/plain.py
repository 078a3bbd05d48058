"""Trains a regression; saves every 7 steps, and resumes in the middle of an epoch."""

import argparse
import os
import time

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=6)
parser.add_argument("--batch-size", type=int, default=16)
parser.add_argument("--lr", type=float, default=0.05)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument(
    "--pace", type=float, default=0.02, help="seconds that a step takes on the accelerator"
)
parser.add_argument("--checkpoint-dir", default="/opt/ml/checkpoints")
parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
args = parser.parse_args()

torch.set_num_threads(1)
torch.manual_seed(args.seed)
order_seed = int(torch.randint(2**31, ()))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Linear(12, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.2)
        )
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        return self.head(self.features(x))


points = torch.randn(160, 12, generator=torch.Generator().manual_seed(7))
targets = points[:, :3].sum(1, keepdim=True) + points[:, 3:4] ** 2
dataset = TensorDataset(points, targets)

model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
steps = args.epochs * len(dataset) // args.batch_size
scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=steps + 1)
checkpoint = os.path.join(args.checkpoint_dir, "checkpoint.pt")
step, first_epoch, skip = 0, 0, 0
rng = None
if os.path.exists(checkpoint):
    saved = torch.load(checkpoint, weights_only=False)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    scheduler.load_state_dict(saved["scheduler"])
    step, first_epoch, skip = saved["step"], saved["epoch"], saved["batch"]
    rng, order_seed = saved["rng"], saved["order_seed"]
    print(f"resuming at step {step}")

for epoch in range(first_epoch, args.epochs):
    order = torch.Generator().manual_seed(order_seed + epoch)
    loader = DataLoader(dataset, args.batch_size, shuffle=True, generator=order)
    for batch, (x, y) in enumerate(loader):
        if epoch == first_epoch and batch < skip:
            continue
        if rng is not None:
            torch.set_rng_state(rng)
            rng = None
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        scheduler.step()
        time.sleep(args.pace)
        step += 1
        print(f"step {step} loss {loss.item():.5f}")
        if step % 7 == 0:
            state = {
                "model": model.state_dict(),
                "optimizer": optimizer.state_dict(),
                "scheduler": scheduler.state_dict(),
                "step": step,
                "epoch": epoch,
                "batch": batch + 1,
                "rng": torch.get_rng_state(),
                "order_seed": order_seed,
            }
            torch.save(state, checkpoint + ".tmp")
            os.replace(checkpoint + ".tmp", checkpoint)

torch.save(model.state_dict(), os.path.join(args.model_dir, "model.pt"))
