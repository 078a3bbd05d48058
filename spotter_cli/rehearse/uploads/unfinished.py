"""Names that a script gives to a file that it is still writing, before it renames it."""

from spotter.core.checkpoints import names

ENDINGS = (".tmp", ".part", ".partial", ".temp", ".incomplete")


def is_unfinished(name: str) -> bool:
    """True of `step-5.pt.tmp`, `.last.pt`, `tmp-checkpoint-5/model.safetensors`."""
    *folders, base = name.split("/")
    if base.endswith(ENDINGS) or names.is_ignored(base):
        return True
    return any(names.is_staged(part) or part.startswith(".") for part in (*folders, base)) and not (
        names.is_mark(base)
    )
