"""Trains a small classifier with Keras; it resumes with its optimizer, and each epoch has its own order."""

import argparse
import glob
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras
import numpy as np
import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=5)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--pace", type=float, default=0.03)
parser.add_argument("--checkpoint-dir", default="/opt/ml/checkpoints")
parser.add_argument("--model-dir", default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
args = parser.parse_args()

tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)
keras.utils.set_random_seed(args.seed)
dice = np.random.default_rng(7)
points = dice.normal(size=(80, 8)).astype("float32")
targets = points.sum(axis=1, keepdims=True)


class Batches(keras.utils.PyDataset):
    """Each epoch has an order that follows from its number alone."""

    epoch = 0

    def __len__(self):
        return 10

    def __getitem__(self, number):
        order = np.random.default_rng(1000 * args.seed + self.epoch).permutation(80)
        chosen = order[8 * number : 8 * number + 8]
        return points[chosen], targets[chosen]


class Epochs(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        batches.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        time.sleep(args.pace)


batches = Batches(workers=1)
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(0.01), "mse")

class Saving(keras.callbacks.Callback):
    """A file gets its name once it is whole: Keras writes in place."""

    def on_epoch_end(self, epoch, logs=None):
        part = os.path.join(args.checkpoint_dir, "tmp-part.keras")
        self.model.save(part)
        os.replace(part, os.path.join(args.checkpoint_dir, f"epoch-{epoch + 1:02d}.keras"))


first_epoch = 0
found = sorted(glob.glob(os.path.join(args.checkpoint_dir, "epoch-*.keras")))
if found:
    model = keras.models.load_model(found[-1])
    first_epoch = int(found[-1][-8:-6])
model.fit(
    batches, epochs=args.epochs, initial_epoch=first_epoch, shuffle=False, verbose=2, callbacks=[Epochs(), Saving()]
)
model.save(os.path.join(args.model_dir, "model.keras"))
