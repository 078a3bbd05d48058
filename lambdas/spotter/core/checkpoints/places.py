"""Where a file of learnt state belongs: to a folder, or to a file that stands by itself.

A checkpoint is anchored where learnt state lies: at the folder that is named for its step
(`checkpoint-500/`, `last.ckpt/`), at the folder whose parts are folders themselves (`01/variables/`,
`100/default/d/`, `pipeline/unet/`), or at a file (`version_0/checkpoints/epoch=0-step=9.ckpt`) with its
other shards, ranks and companions.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from spotter.core.checkpoints import names

_RANK = re.compile(rf"(.*?)(?:__[0-9]+_[0-9]+|(?<![A-Za-z]){names.RANK})(.*)", re.DOTALL)
_ROLE = re.compile(
    r"(?i)(?<![a-z])(?:model|net|weights|optimi[sz]er|optim|opt|generator|discriminator|gen|disc|g|d|"
    r"actor|critic|policy|value|encoder|decoder)(?![a-z])"
)
_ALONE = names.words("last latest best final checkpoint ckpt chkpt snapshot resume backup")
COMPANIONS = (".index", ".meta", ".states", ".pdopt", ".pdparams", ".params")
_COMPONENTS = re.compile(
    r"(?:unet|vae|transformer|controlnet|prior|decoder|text_encoder|image_encoder|safety_checker|"
    r"feature_extractor|movq|unet_ema)(?:_[0-9]+)?"
)
_FSDP = re.compile(r"(?:pytorch_model_fsdp|optimizer)(?:_[0-9]+)?")


class EntryLocation(NamedTuple):
    """Where a file belongs: `folder` is the checkpoint's folder, `group` what its file is called there.

    `group` is empty of a checkpoint that is a folder; `shard` tells its files apart.
    """

    folder: str
    group: str = ""
    shard: str = ""
    staged: bool = False


def place(path: str, raising: set[str], theirs: bool) -> EntryLocation:
    """Where a file of learnt state belongs."""
    above, _, base = path.rpartition("/")
    around = _around(above)
    if around.staged:
        return EntryLocation(around.folder, staged=True)
    if names.is_staged(base):
        return EntryLocation(f"{above}/" if above else "", base, staged=True)
    folders = above.split("/") if above else []
    if around.folder:
        if around.direct and _is_a_step_of_its_own(base, folders[-1]):
            return _file(folders, base)
        return EntryLocation(ranked(around.folder))
    lowered = _parts_left_out(folders, base)
    if raising and (marked := _marked(lowered, raising)):
        return EntryLocation(marked)
    if lowered != folders or (_is_component(base) and not theirs):
        return EntryLocation(ranked(joined(lowered)))
    return _file(folders, base)


class Around(NamedTuple):
    """What the folders above a file show: a staged one, or the one that is a checkpoint by its name."""

    folder: str = ""
    staged: bool = False
    direct: bool = False


@lru_cache(names.CACHED)
def _around(above: str) -> Around:
    folders = above.split("/")
    for level, component in enumerate(folders):
        if names.is_staged(component):
            return Around(joined(folders[: level + 1]), staged=True)
    depth = _step_depth(folders)
    if depth is None:
        return Around()
    return Around(joined(folders[: depth + 1]), direct=depth == len(folders) - 1)


def _marked(folders: list[str], raising: set[str]) -> str:
    """The outermost folder that holds a mark of a checkpoint that has folders for parts."""
    above = ""
    for folder in folders:
        above += folder + "/"
        if above in raising:
            return above
    return ""


def joined(folders: list[str]) -> str:
    return "/".join(folders) + "/" if folders else ""


@lru_cache(names.CACHED)
def ranked(folder: str) -> str:
    """The same with one star for the folders of all processes: `rank_*/step-5/`."""
    if not names.RANK_WORD.search(folder):
        return folder
    return "/".join("*" if names.RANK_FOLDER.fullmatch(f) else f for f in folder.split("/"))


def _step_depth(folders: list[str]) -> int | None:
    """The innermost folder of a step; one inside another of the same step is its part."""
    depths = [depth for depth, folder in enumerate(folders) if names.is_step(folder)]
    if not depths:
        return None
    found = depths.pop()
    while depths:
        inner, outer = set(names.steps(folders[found])), set(names.steps(folders[depths[-1]]))
        if not (folders[found].startswith("global_step") or (inner and inner <= outer)):
            break
        found = depths.pop()
    return found


def _is_a_step_of_its_own(base: str, folder: str) -> bool:
    """True of `epoch_3/step-100.pt`: the folder is a stretch of training, the file a checkpoint."""
    own, around = set(names.steps(base)), set(names.steps(folder))
    return bool(own) and bool(around) and not own & around and not names.SHARD.fullmatch(base)


def _parts_left_out(folders: list[str], base: str) -> list[str]:
    """The folders above a file without those that are parts of one checkpoint."""
    kept = list(folders)
    if (kept and kept[-1] == "d") or base == ".zarray":
        kept.pop()
        while kept and kept[-1].startswith("ocdbt.process_"):
            kept.pop()
        if len(kept) > 1 and names.is_number(kept[-2]):
            kept.pop()
    elif kept and (
        (kept[-1] == "variables" and base.startswith("variables."))
        or (len(kept) > 1 and kept[-1] in ("weights", "dist_ckpt") and base.endswith(".distcp"))
        or _COMPONENTS.fullmatch(kept[-1])
        or (_FSDP.fullmatch(kept[-1]) and base.endswith(".distcp"))
    ):
        kept.pop()
    return kept


def _is_component(base: str) -> bool:
    """True of a part of a folder: no number of a step, and no word that says that it stands alone."""
    shard = names.SHARD.fullmatch(base) or _RANK.fullmatch(base)
    stem, dot, _ = (shard[1] + shard[shard.lastindex or 1] if shard else base).rpartition(".")
    words = set(re.findall(r"[a-z]+", stem.lower() if dot else base.lower()))
    if names.is_part(base):
        return True
    return bool(words) and not words & _ALONE and not re.search(r"[0-9]", stem or base)


def _rank_folders(folder: str, folders: list[str]) -> list[str]:
    """The folders of processes, each of which holds a part of the same checkpoint."""
    return [f for f in folders if names.RANK_FOLDER.fullmatch(f)] if "*" in folder else []


def _file(folders: list[str], base: str) -> EntryLocation:
    """A file that is a checkpoint, or a shard of one: `step-500.pt`, `ckpt-5.data-00000-of-00001`."""
    folder = ranked(joined(folders))
    inner = "/".join(_rank_folders(folder, folders))
    if (shard := names.SHARD.fullmatch(base)) and shard[1].endswith(".data"):
        return EntryLocation(
            folder, shard[1].removesuffix(".data"), f"{inner}{shard[2]}-{shard[3]}"
        )
    if shard:
        return EntryLocation(folder, f"{shard[1]}*{shard[4]}", f"{inner}{shard[2]}-{shard[3]}")
    if rank := _RANK.fullmatch(base):
        number = base[len(rank[1]) : len(base) - len(rank[2])]
        return EntryLocation(folder, f"{rank[1]}*{rank[2]}", inner + number)
    stem, dot, extension = base.rpartition(".")
    if dot and f".{extension}" in COMPANIONS:
        return EntryLocation(folder, f"{stem}.*", inner + extension)
    if re.search(r"[0-9]", base) and (role := _ROLE.search(base)):
        return EntryLocation(
            folder, f"{base[: role.start()]}*{base[role.end() :]}", inner + role[0]
        )
    return EntryLocation(folder, base, inner)
