"""What a fresh machine may find in the bucket: after each change, and while a file was being uploaded.

An uploader that takes a file while it is being written puts a part of it. So each file that was written
in place under its final name also makes a state in which half of it was put; one that was renamed into its place does
not, since a rename is seen whole.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from spotter.core.checkpoints import names
from spotter_cli.rehearse.uploads.bucket import BucketChange, StoredCopy


class UploadedState(NamedTuple):
    """The bucket's contents after the change `number`; `torn` is the name of which half was put."""

    number: int
    contents: dict[str, StoredCopy]
    torn: str | None = None

    @property
    def in_words(self) -> str:
        """After what the machine was taken away."""
        return f"at change {self.number} of its folder"


def uploaded_states(changes: Sequence[BucketChange]) -> Iterator[UploadedState]:
    """Each state once, in order; the states before the first file are left out."""
    contents: dict[str, StoredCopy] = {}
    seen: set[frozenset[tuple[str, str]]] = set()
    for number, change in enumerate(changes, start=1):
        if change.copy and change.in_place and change.copy.size > 1:
            half = contents | {change.name: change.copy}
            if _is_new(half, seen, change.name):
                yield UploadedState(number, half, change.name)
        contents = {name: copy for name, copy in contents.items() if name != change.name}
        if change.copy:
            contents[change.name] = change.copy
        if _is_new(contents, seen):
            yield UploadedState(number, contents)


def _is_new(
    contents: dict[str, StoredCopy], seen: set[frozenset[tuple[str, str]]], torn: str = ""
) -> bool:
    key = frozenset((name, copy.digest + ("/2" if name == torn else "")) for name, copy in contents.items())  # fmt: skip
    if key in seen:
        return False
    seen.add(key)
    return True


def chosen_states(states: Sequence[UploadedState], most: int) -> list[UploadedState]:
    """At most so many: of each kind the first and the last, then the others evenly.

    States are of one kind if they differ in the numbers of their names only.
    """
    if len(states) <= most:
        return list(states)
    kinds: dict[object, list[int]] = {}
    for place, state in enumerate(states):
        kinds.setdefault(_kind(state), []).append(place)
    first = [places[0] for places in kinds.values()] + [places[-1] for places in kinds.values()]
    chosen = list(dict.fromkeys(first))[:most]
    rest = [place for place in range(len(states)) if place not in chosen]
    more = most - len(chosen)
    chosen += [rest[n * len(rest) // more] for n in range(more)] if more else []
    return [states[place] for place in sorted(set(chosen))]


def _kind(state: UploadedState) -> object:
    count = len(state.contents)
    patterns = {names.pattern(name) for name in state.contents}
    return min(count, 3), frozenset(patterns), state.torn and names.pattern(state.torn)
