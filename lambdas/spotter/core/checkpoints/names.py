"""What a name alone shows: learnt state or not, still being written or not, a step, a shard, a rank.

Every pattern comes from the table in `layouts`; the words here are those that decide about a file of a
general kind (`.pt`, `.bin`, `.npz`), which may as well hold arguments, a vocabulary or a data set.
"""

import re
from collections.abc import Iterable
from fnmatch import translate
from functools import lru_cache

from spotter.core.checkpoints.layouts import (
    IN_FIXED_SIZE,
    MARKS,
    MAY_BE_EMPTY,
    OTHER,
    PARTS,
    POINTERS,
    TABLE,
)

CACHED = 1 << 15
LONGEST = 255
"""No file system of a training container has longer names."""
_ROWS = (*TABLE, OTHER)


class Patterns:
    """Many patterns as one; the plain ones, `*.pt` or `optimizer.pt`, are matched without a regex.

    Digits are all alike here, `[0-9]` as `7`, so that the names of ten thousand steps are a few.
    """

    def __init__(self, patterns: Iterable[str]) -> None:
        alike = list(dict.fromkeys(_alike(pattern) for pattern in patterns))
        self.names = frozenset(p for p in alike if not _SPECIAL.search(p))
        self.ends = tuple(p[1:] for p in alike if p[:1] == "*" and not _SPECIAL.search(p[1:]))
        self.begins = tuple(p[:-1] for p in alike if p[-1:] == "*" and not _SPECIAL.search(p[:-1]))
        rest = [
            translate(p) for p in alike if len(_SPECIAL.findall(p.strip("*"))) or p.count("*") > 1
        ]
        self.rest = re.compile("|".join(rest or [r"(?!)"]))
        self.known: dict[str, bool] = {}

    def match(self, name: str) -> bool:
        """True if the name fits one of them."""
        name = _alike(name)
        found = self.known.get(name)
        if found is None:
            found = (
                name in self.names
                or name.endswith(self.ends)
                or name.startswith(self.begins)
                or self.rest.match(name) is not None
            )
            if len(self.known) < CACHED:
                self.known[name] = found
        return found


_SPECIAL = re.compile(r"[*?\[]")
_ZEROS = str.maketrans("123456789", "000000000")


def _alike(name: str) -> str:
    return name.translate(_ZEROS)


def any_of(patterns: Iterable[str]) -> Patterns:
    return Patterns(patterns)


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


@lru_cache(CACHED)
def one_of(alternatives: str) -> Patterns:
    """Names separated by `|`."""
    return Patterns(alternatives.split("|"))


_STATE = any_of(p for row in TABLE for p in row.state if "/" not in p)
_STATE_PATH = any_of(p for row in TABLE for p in row.state if "/" in p)
_GENERAL = any_of(OTHER.state)
_BESIDE = any_of((*(p for row in _ROWS for p in row.beside), *MARKS))
_STAGING = any_of(p for row in _ROWS for p in row.staging)
_FIXED = any_of(IN_FIXED_SIZE)
_EMPTY = any_of((*MAY_BE_EMPTY, *POINTERS, *MARKS))
_MARK, _PART = any_of(MARKS), any_of(PARTS)
IGNORED = any_of(("*.sagemaker-uploading", "*.sagemaker-uploaded", "*.lock", ".nfs*", "._*"))

_POSITIVE = words(
    "model net network weights checkpoint ckpt chkpt epoch step steps iter iteration best last latest "
    "final optimizer optim params state snapshot generator discriminator actor critic policy agent ema "
    "resume backup encoder decoder unet lora adapter rl"
)
"""Words that make learnt state of a `.pkl`, `.bin`, `.npy` or `.zip`."""
_NEVER = words(
    "args arguments config configs cfg rng scheduler sampler scaler tokenizer vocab vocabulary spiece "
    "sentencepiece spm bpe merges label labels hparams history metric metrics result results "
    "predictions preds stats statistics manifest"
)
"""Words of files that lie beside: arguments, vocabularies, figures."""
_SELDOM = words(
    "data dataset datasets cache cached feature features embedding embeddings sample samples image "
    "images "
    "mnist cifar imagenet coco train training val valid validation test eval log logs events corpus "
    "batch batches"
)
"""Words of data, unless a word of learnt state stands beside them."""
_AMBIGUOUS = (
    ".npz",
    ".h5",
    ".hdf5",
    ".pt",
    ".pth",
    ".joblib",
    ".safetensors",
    ".msgpack",
    ".model",
)
"""Kinds in which data sets are stored, too."""
_WEAK = (".pkl", ".pickle", ".bin", ".npy", ".zip", ".dat", ".tar.gz")
_DATA_FOLDERS = words(
    "data dataset datasets cache .cache caches raw processed hub .git __pycache__ code src"
)
_MODEL_FOLDERS = words("checkpoint checkpoints ckpt ckpts weights model models saves snapshots")

_WORDS = r"global[-_]?step|check_?point|chkpt|ckpt|step|steps|iter|iters|iteration|epoch|ep|ba|update|round"
_STEP = re.compile(rf"(?i)(?:^|[^A-Za-z])(?:{_WORDS})[-_=.]?([0-9]+)")
_SUFFIX = re.compile(r"\.(?:ckpt|pth?|distcp|keras)(?:\.tar)?$")
_DIGITS = re.compile(r"[0-9]+")
_TOKEN = re.compile(r"[0-9a-z]+")
_LETTERS = re.compile(r"[a-z]+")


@lru_cache(CACHED)
def is_staged(component: str) -> bool:
    """True of a name that a framework, or custom, gives to what is still being written."""
    return _STAGING.match(component)


@lru_cache(CACHED)
def may_be_empty(base: str) -> bool:
    return _EMPTY.match(base)


@lru_cache(CACHED)
def is_mark(base: str) -> bool:
    """True of a name that commits the folder in which it lies."""
    return _MARK.match(base)


@lru_cache(CACHED)
def is_beside(base: str) -> bool:
    """True of what belongs to a checkpoint and holds no weights: indexes, schedulers, marks."""
    return _BESIDE.match(base)


@lru_cache(CACHED)
def is_ignored(base: str) -> bool:
    """True of what SageMaker's containers and file systems leave beside a file while it is copied."""
    return IGNORED.match(base)


@lru_cache(CACHED)
def is_part(base: str) -> bool:
    """True of a name that stands for a part of a checkpoint that is a folder."""
    return _PART.match(base)


@lru_cache(CACHED)
def is_fixed_size(base: str) -> bool:
    return _FIXED.match(base)


def is_state(path: str) -> bool:
    """True if this file is positively known to hold weights or optimizer state."""
    folders, _, base = path.rpartition("/")
    if len(base) > LONGEST:
        return False
    if folders and _STATE_PATH.match("/".join(path.split("/")[-3:])):
        return not is_beside(base)
    return _kind(base) and not _lies_among_data(folders, base)


@lru_cache(CACHED)
def _kind(base: str) -> bool:
    """True of a name of learnt state, wherever it lies."""
    words = _words(base)
    if _BESIDE.match(base) or IGNORED.match(base) or words & _NEVER:
        return False
    learnt = bool(words & _POSITIVE) or _STEP.search(base) is not None
    if _GENERAL.match(base):
        return learnt or not (words & _SELDOM and base.lower().endswith(_AMBIGUOUS))
    return _STATE.match(base) or (learnt and base.lower().endswith(_WEAK))


def _lies_among_data(folders: str, base: str) -> bool:
    """True below `data/` or `cache/`, unless a folder or a name of checkpoints follows."""
    downloaded, data = _data_folders(folders)
    return downloaded or (data and not _words(base) & _POSITIVE)


@lru_cache(CACHED)
def _data_folders(folders: str) -> tuple[bool, bool]:
    """Whether it is a cache of torch.hub or of Hugging Face, whose files were not learnt here; data."""
    path = folders.lower().split("/")
    if "hub/checkpoints" in folders or any(f.startswith(("models--", "datasets--")) for f in path):
        return True, True
    for folder in reversed(path):
        if folder in _MODEL_FOLDERS or is_step(folder):
            return False, False
        if folder in _DATA_FOLDERS:
            return False, True
    return False, False


@lru_cache(CACHED)
def _words(base: str) -> frozenset[str]:
    """The words of a name without its extension's; `optim2` counts as `optim`."""
    stem = base.lower()
    return frozenset(_LETTERS.findall(stem.rpartition(".")[0] or stem))


@lru_cache(CACHED)
def is_step(component: str) -> bool:
    """True of a folder that is one checkpoint: `checkpoint-500`, `iter_0001000`, `last.ckpt`."""
    return _STEP.search(component) is not None or _SUFFIX.search(component) is not None


@lru_cache(CACHED)
def is_number(component: str) -> bool:
    """True of `100` and `01`; a date (`20261125`) is none."""
    dated = len(component) == 8 and component.startswith(("19", "20"))
    return component.isascii() and component.isdigit() and not dated


@lru_cache(CACHED)
def steps(component: str) -> tuple[str, ...]:
    """The numbers behind words such as step and epoch, without leading zeros."""
    return tuple(_plain(number) for number in _STEP.findall(component))


@lru_cache(CACHED)
def numbers(text: str) -> tuple[tuple[int, str], ...]:
    """All numbers in a name, to be compared as numbers however long they are."""
    return tuple((len(n), n) for n in map(_plain, _DIGITS.findall(text)))


@lru_cache(CACHED)
def without(path: str, own: frozenset[str]) -> str:
    """A path with these numbers of steps replaced: `global_step500` in `checkpoint-500`.

    A short number that no word of a step precedes may as well be a shard's.
    """

    def stands_for_it(found: re.Match[str]) -> bool:
        plain = _plain(found[0])
        return plain in own and (len(plain) > 2 or found.start() in after_words)

    after_words = {found.start(1) for found in _STEP.finditer(path)}
    return _DIGITS.sub(lambda found: "#" if stands_for_it(found) else found[0], path)


def _plain(number: str) -> str:
    return number.lstrip("0") or "0"


@lru_cache(CACHED)
def pattern(text: str) -> str:
    """The name with each number replaced: what the siblings of an entry have in common."""
    return _DIGITS.sub("#", text)


_RUN = re.compile(
    r"version_[0-9]+|(?:19|20)?[0-9]{2}[-_.]?[0-9]{2}[-_.]?[0-9]{2}(?:[-_T ][-_.:0-9]+)?"
)


@lru_cache(CACHED)
def run(folders: str) -> str:
    """The folders above an entry, with what each restart numbers or dates replaced."""
    return "/".join(pattern(f) if _RUN.fullmatch(f) else f for f in folders.split("/"))


SHARD = re.compile(r"(.*?)[-_.]?([0-9]+)[-_]of[-_]([0-9]+)(.*)", re.DOTALL)
RANK = r"(?:rank|worker|node|host|proc|process|device|gpu)[-_]?[0-9]+"
RANK_WORD = re.compile(RANK)
RANK_FOLDER = re.compile(rf"(?:(?:[a-z]{{2}}_)?{RANK}_?)+(?:_[0-9]+)?")
"""`rank_0`, `mp_rank_00_001`, `tp_rank_00_pp_rank_001`: one folder for each process."""
