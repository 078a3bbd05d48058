"""Trains a regression; its checkpoints lie in a folder beside the script."""

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


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(12, 32), nn.BatchNorm1d(32), nn.ReLU())
        self.head = nn.Linear(32, 1)

    def forward(self, x):
        return self.head(self.features(x))


points = torch.randn(160, 12, generator=torch.Generator().manual_seed(7))
targets = points[:, :3].sum(1, keepdim=True) + points[:, 3:4] ** 2
dataset = TensorDataset(points, targets)

model = Net()
optimizer = torch.optim.Adam(model.parameters(), lr=args.lr)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
checkpoint = os.path.join("checkpoints", "checkpoint.pt")
os.makedirs("checkpoints", exist_ok=True)
first_epoch = 0
if os.path.exists(checkpoint):
    saved = torch.load(checkpoint, weights_only=False)
    model.load_state_dict(saved["model"])
    optimizer.load_state_dict(saved["optimizer"])
    scheduler.load_state_dict(saved["scheduler"])
    first_epoch = saved["epoch"] + 1
    print(f"resuming at epoch {first_epoch}")

for epoch in range(first_epoch, args.epochs):
    loader = DataLoader(
        dataset,
        args.batch_size,
        shuffle=True,
        generator=torch.Generator().manual_seed(1000 * args.seed + epoch),
    )
    for x, y in loader:
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        time.sleep(args.pace)
    scheduler.step()
    print(f"epoch {epoch} loss {loss.item():.5f} lr {optimizer.param_groups[0]['lr']:.5f}")
    state = {
        "model": model.state_dict(),
        "optimizer": optimizer.state_dict(),
        "scheduler": scheduler.state_dict(),
        "epoch": epoch,
    }
    torch.save(state, checkpoint + ".tmp")
    os.replace(checkpoint + ".tmp", checkpoint)

torch.save(model.state_dict(), os.path.join(args.model_dir, "model.pt"))
