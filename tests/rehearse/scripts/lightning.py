"""Trains a small regression with Lightning; each step draws its random numbers from a seed of its own."""

import argparse
import os
import time
import warnings

import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from torch import nn
from torch.utils.data import DataLoader, Sampler, TensorDataset

warnings.filterwarnings("ignore")
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--pace", type=float, default=0.03)
parser.add_argument("--checkpoint-dir", default="/opt/ml/checkpoints")
parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
args = parser.parse_args()

torch.set_num_threads(1)
lightning.seed_everything(args.seed)


class OrderOfEpoch(Sampler):
    """Lightning sets the epoch before it begins, after a restart, too."""

    epoch = 0

    def __len__(self):
        return 80

    def __iter__(self):
        order = torch.Generator().manual_seed(1000 * args.seed + self.epoch)
        return iter(torch.randperm(80, generator=order).tolist())

    def set_epoch(self, epoch):
        self.epoch = epoch


class Regression(lightning.LightningModule):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 1))

    def training_step(self, batch, _):
        torch.manual_seed(1000 * args.seed + self.global_step)
        x, y = batch
        time.sleep(args.pace)
        loss = nn.functional.mse_loss(self.net(x), y)
        self.log("loss", loss, prog_bar=False)
        return loss

    def configure_optimizers(self):
        optimizer = torch.optim.Adam(self.parameters(), lr=0.01)
        return [optimizer], [torch.optim.lr_scheduler.StepLR(optimizer, 1, gamma=0.7)]

    def train_dataloader(self):
        features = torch.randn(80, 8, generator=torch.Generator().manual_seed(7))
        data = TensorDataset(features, features.sum(1, keepdim=True))
        return DataLoader(data, batch_size=8, sampler=OrderOfEpoch())


trainer = lightning.Trainer(
    max_epochs=args.epochs,
    accelerator="cpu",
    logger=False,
    enable_progress_bar=False,
    enable_model_summary=False,
    callbacks=[ModelCheckpoint(args.checkpoint_dir, save_last=True, every_n_epochs=1)],
)
model = Regression()
last = os.path.join(args.checkpoint_dir, "last.ckpt")
trainer.fit(model, ckpt_path=last if os.path.exists(last) else None)
torch.save(model.state_dict(), os.path.join(args.model_dir, "model.pt"))
