"""Trains a small regression with Hugging Face's Trainer; resumes from its last whole checkpoint."""

import argparse
import glob
import os
import time

import torch
from torch import nn
from transformers import Trainer, TrainerCallback, TrainingArguments, set_seed

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=4)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--pace", type=float, default=0.03)
parser.add_argument("--checkpoint-dir", default="/opt/ml/checkpoints")
parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
args = parser.parse_args()

torch.set_num_threads(1)
set_seed(args.seed)


class Regression(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.1), nn.Linear(16, 1))

    def forward(self, features, labels=None):
        out = self.net(features)
        return {"loss": nn.functional.mse_loss(out, labels), "logits": out}


class Pace(TrainerCallback):
    def on_step_end(self, *_, **__):
        time.sleep(args.pace)


features = torch.randn(80, 8, generator=torch.Generator().manual_seed(7))
labels = features.sum(1, keepdim=True)
data = [{"features": x, "labels": y} for x, y in zip(features, labels)]

trainer = Trainer(
    model=Regression(),
    args=TrainingArguments(
        output_dir=args.checkpoint_dir,
        num_train_epochs=args.epochs,
        per_device_train_batch_size=8,
        learning_rate=0.01,
        save_strategy="steps",
        save_steps=6,
        save_total_limit=2,
        logging_steps=1,
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        seed=args.seed,
    ),
    train_dataset=data,
    callbacks=[Pace()],
)
# Of a checkpoint that was uploaded in part, trainer_state.json is not there: it is written last.
whole = glob.glob(os.path.join(args.checkpoint_dir, "checkpoint-*", "trainer_state.json"))
folders = sorted((os.path.dirname(one) for one in whole), key=lambda one: int(one.rpartition("-")[2]))
trainer.train(resume_from_checkpoint=folders[-1] if folders else None)
torch.save(trainer.model.state_dict(), os.path.join(args.model_dir, "model.pt"))
