"""Which jobs' checkpoint locations overlap, by their letters alone."""


def own_prefix(key: str) -> str:
    """The prefix that holds this job's files only: `run-1` is also the start of `run-10`."""
    return key if not key or key.endswith("/") else key + "/"


def touches(mine: str, theirs: str) -> bool:
    """True if a job at the location `mine` would read or write what a job at `theirs` writes.

    SageMaker restores by raw prefix, so `run-1` also fetches what lies under `run-10/`.
    """
    return theirs.startswith(mine) or own_prefix(mine).startswith(own_prefix(theirs))


def above(mine: str) -> tuple[str, ...]:
    """The locations that a job at `mine` touches, beside those that begin with `mine`: each folder that
    it lies in, written with a slash at its end and without.
    """
    whole = own_prefix(mine)
    folders = [whole[: place + 1] for place, letter in enumerate(whole) if letter == "/"]
    return tuple(one for folder in folders for one in (folder[:-1], folder) if one)
