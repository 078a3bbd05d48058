"""Chooses, by their names, the folders to list in a prefix that is too large to list completely.

Folders of one kind, whose names differ in their numbers only, are listed by their highest numbers.
Each kind gets its turn, those named for a step first: a folder of logs at every restart
(`20261125_100000/`, `run-7f3a/`) is a kind of its own, and does not crowd out `iter_0002500/`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable

from spotter.core.checkpoints import names

NEWEST = 3
_NUMBERED = re.compile(r"[^-_.=]*[0-9][^-_.=]*")
_HOLD_CHECKPOINTS = names.words(
    "checkpoint checkpoints ckpt ckpts weights model models saves snapshots lightning_logs"
)
_HOLD_NONE = names.words(
    "events wandb mlruns tensorboard tb plots vis_data images .hydra profiler profile code src"
)
"""Folders that are skipped in a large prefix: no framework saves its state there."""


def is_one(folder: str) -> bool:
    """True of a folder that is one checkpoint by its name: `checkpoint-500/`, `100/`."""
    own = _own(folder)
    return names.is_step(own) or names.is_number(own)


def worth(folders: Iterable[str]) -> list[str]:
    """These folders in the order in which they are to be listed, the newest few of each kind."""
    kinds: dict[tuple[int, str], list[str]] = defaultdict(list)
    for folder in folders:
        own = _own(folder)
        if own.lower() not in _HOLD_NONE and not names.is_staged(own):
            kinds[_rank(folder, own), _NUMBERED.sub("#", own)].append(folder)
    return [
        folder
        for kind in sorted(kinds)
        for folder in sorted(kinds[kind], key=lambda f: (names.numbers(_own(f)), f))[
            : -NEWEST - 1 : -1
        ]
    ]


def _own(folder: str) -> str:
    return folder.rstrip("/").rpartition("/")[2]


def _rank(folder: str, own: str) -> int:
    return 0 if is_one(folder) else 1 if own.lower() in _HOLD_CHECKPOINTS else 2
