"""Which entries below a checkpoint prefix are whole, told from their names and instants.

Theory. SageMaker copies what the container writes under CheckpointConfig.LocalPath to
CheckpointConfig.S3Uri while the job trains, and does not flush it when the job is terminated
(https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html), so the newest thing under
the prefix may be half there for ever. There is no documented mark of completeness. A listing shows
names and instants only; what is told from them is this, in the order in which it is asked:

1. One entry directly below the prefix is one checkpoint: a folder, a file, or the files at the top
   that are shards of one (`rank0.pt`, `rank1.pt`; `ckpt-5.index`, `ckpt-5.data-00000-of-00001`).
2. What counts its own shards (`...-00002-of-00004...`) and lacks some is half written.
3. Where a framework commits (COMMITS in a folder or at the top, POINTERS at the top), what it has not
   committed is half written, however quiet; files beside such folders are no checkpoints.
4. Else a single file is complete, because a put to S3 is whole or absent, and so are shards that
   count themselves; other entries are once a later one has begun, or nothing in them has changed for
   QUIET.

A pointer names a checkpoint in its content, which Spotter may not read: it commits what is not newer
than itself. Uploads run side by side, so a large shard can arrive after its commit file; nothing in
a listing shows that.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

COMMITS = frozenset({"trainer_state.json", ".metadata", "_SUCCESS", "latest"})
"""Hugging Face, torch.distributed.checkpoint, Hadoop's custom, DeepSpeed: written last of all."""

POINTERS = frozenset({"latest", "_SUCCESS", "latest_checkpointed_iteration.txt"})
"""At the top: DeepSpeed, Hadoop's custom, Megatron-LM."""

MAY_BE_EMPTY = COMMITS | POINTERS
"""Every other file that is empty holds nothing that was learnt."""

BESIDE = POINTERS | {"checkpoint", "zero_to_fp32.py"}
NOT_LEARNT = (
    "runs/*", "logs/*", "tensorboard/*", "wandb/*", "mlruns/*", "*.log", "*.tfevents.*",
    "*.sagemaker-uploading", "*.sagemaker-uploaded", "*/", "config.json", "generation_config.json",
    "tokenizer*",
    "special_tokens_map.json", "vocab.*", "merges.txt", "*/metrics.csv", "metrics.csv",
    "*/hparams.yaml", "hparams.yaml",
)  # fmt: skip
"""What lies beside checkpoints and holds nothing that was learnt."""

QUIET = timedelta(minutes=2)
_NUMBERED = re.compile(r"(.*?)[-_.]?(\d+)-of-(\d+)(.*)")
_RANKED = re.compile(r"(.*?)(?:__\d+_\d+|rank[-_]?\d+)(.*)")
TOP = "the files at the top"


@dataclass
class Entry:
    """The objects of one checkpoint, by their names below the prefix."""

    name: str
    objects: list[tuple[str, datetime]] = field(default_factory=list)

    @property
    def first(self) -> datetime:
        return min(modified for _, modified in self.objects)

    @property
    def last(self) -> datetime:
        return max(modified for _, modified in self.objects)

    @property
    def is_file(self) -> bool:
        return len(self.objects) == 1 and self.objects[0][0] == self.name

    @property
    def commit(self) -> datetime | None:
        """When its framework committed it; None if it did not."""
        found = [at for name, at in self.objects if name.rpartition("/")[2] in COMMITS]
        return max(found, default=None)

    @property
    def lacks_shards(self) -> bool:
        """True if shards that say how many they are are fewer."""
        seen: dict[tuple[str, str, str], set[int]] = {}
        for name, _ in self.objects:
            if shard := _NUMBERED.fullmatch(name):
                group = shard[1], shard[3], shard[4]
                seen.setdefault(group, set()).add(int(shard[2]))
        lacking = any(len(numbers) < int(count) for (_, count, _), numbers in seen.items())
        data = any(stem.endswith(".data") for stem, _, _ in seen)
        return lacking or (data and not any(n.endswith(".index") for n, _ in self.objects))

    @property
    def is_counted(self) -> bool:
        """True of files at the top that say how many they are."""
        return not self.name.endswith("/") and any(_NUMBERED.fullmatch(n) for n, _ in self.objects)

    @property
    def at_once(self) -> bool:
        """True of what needs no later one and no silence to be complete."""
        return self.is_file or self.is_counted


def whole_and_settling(
    files: Mapping[str, datetime], now: datetime, *, all_seen: bool = True
) -> tuple[list[Entry], Entry | None]:
    """The entries that are whole, oldest first, and a newest one that may still become so.

    Of some files only, silence tells nothing: what commits them may be among the others.
    """
    pointer = max((at for name, at in files.items() if name in POINTERS), default=None)
    entries = sorted(_entries(files), key=lambda e: e.last)
    commits = pointer is not None or any(e.commit for e in entries)
    if commits and any(e.name.endswith("/") for e in entries):
        entries = [e for e in entries if not e.is_file]
    whole = [
        e
        for e in entries
        if (_is_committed(e, pointer) if commits else _is_complete(e, entries, now))
        if all_seen or commits or e.at_once
    ]
    open_ = [e for e in entries if e not in whole and now - e.last < QUIET]
    return whole, open_[-1] if open_ else None


def _is_committed(entry: Entry, pointer: datetime | None) -> bool:
    if entry.lacks_shards:
        return False
    if pointer is not None and entry.last <= pointer:
        return True
    if entry.name == TOP:
        return entry.commit is not None and entry.commit >= entry.last
    return entry.commit is not None


def _is_complete(entry: Entry, entries: Iterable[Entry], now: datetime) -> bool:
    if entry.lacks_shards or any(name.endswith(".distcp") for name, _ in entry.objects):
        return False  # torch.distributed.checkpoint always commits, with .metadata
    followed = any(other.first > entry.last for other in entries)
    return entry.at_once or followed or now - entry.last >= QUIET


def _entries(files: Mapping[str, datetime]) -> list[Entry]:
    """The checkpoints among these files; logs, markers and pointers are in none."""
    together = any(name in COMMITS - POINTERS for name in files)
    entries: dict[str, Entry] = {}
    for name, modified in files.items():
        if name in BESIDE or any(fnmatchcase(name, other) for other in NOT_LEARNT):
            continue
        entry = TOP if together and "/" not in name else _entry(name)
        entries.setdefault(entry, Entry(entry)).objects.append((name, modified))
    return list(entries.values())


def _entry(name: str) -> str:
    """`checkpoint-500/` for a folder's file, `step-500.pt` for a file, `rank*.pt` for one of its shards."""
    top, folder, _ = name.partition("/")
    if folder:
        return top + folder
    if shard := _NUMBERED.fullmatch(top) or _RANKED.fullmatch(top):
        stem = shard[1].removesuffix(".data")
        return (
            f"{stem}*{shard[shard.lastindex or 1]}" if not top.startswith(f"{stem}.data") else stem
        )
    return top.removesuffix(".index")
