"""Which files of a checkpoint folder belong to a checkpoint, by their names: logs and figures lie there, too."""

import re
from collections.abc import Iterable

from spotter.core.checkpoints import names
from spotter_cli.rehearse.uploads.unfinished import is_unfinished

NO_STATE = (".log", ".csv", ".tsv", ".jsonl", ".png", ".jpg", ".svg", ".html", ".md", ".yaml", ".yml", ".out", ".err", ".lock")  # fmt: skip
WORDS = names.words(
    "log logs logging metric metrics history loss losses result results figure figures args arguments config hparams "
    "profile profiler tensorboard wandb mlruns heartbeat progress"
)
"""Words of a file or folder that tells of the training, and holds nothing of it."""
_WORD = re.compile(r"[a-z]+")


def checkpoint_files(found: Iterable[str]) -> set[str]:
    """Those that hold learnt state, if any is known to; else all that are not known to hold something else.

    A file that is still being written under another name is none.
    """
    possible = {name for name in found if not is_unfinished(name) and not _tells_only(name)}
    return {name for name in possible if names.is_state(name)} or possible


def _tells_only(name: str) -> bool:
    """True of logs, figures and metrics."""
    if names.is_state(name):
        return False
    lower = name.lower()
    return (
        lower.endswith(NO_STATE) or "tfevents" in lower or bool(WORDS & set(_WORD.findall(lower)))
    )
