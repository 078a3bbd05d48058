"""Hold the recorded buckets against the formats of their files, and compare with what the frameworks loaded.

    python -m tests.frameworks.verify BYTES [scenario ...]

`BYTES` is the folder that `record --bytes` wrote: `<scenario>.json` and a folder for each bucket. The
files of each checkpoint that its listing calls complete are read as Spotter reads them, and the verdict
stands beside the recorded truth: whether the framework itself could load what lay there.
"""

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from spotter.core.checkpoints import Checkpoint
from spotter.core.checkpoints.content import to_read, together
from spotter.core.checkpoints.formats import FileState, FileVerdict
from spotter.core.checkpoints.formats.kinds import verify
from spotter.core.checkpoints.formats.verdicts import Range, run
from tests.frameworks.figures import LOOKS, PREFIX, Recording, by_scenario, recordings

HEAD = (
    "recorded", "uploader", "called complete by the listing", "torn by content", "whole",
    "not verified", "whole, cannot be loaded", "not verified, cannot be loaded", "torn, can be loaded",
)  # fmt: skip


class Seen(NamedTuple):
    """One checkpoint that its listing calls complete: whether it can be loaded, and what reading shows."""

    bucket: str
    entry: str
    loads: bool
    verdict: FileVerdict


def seen(recorded: Iterable[Recording], folder: Path) -> Iterator[Seen]:
    """The checkpoints of these buckets, ten minutes after the end."""
    for recording in recorded:
        for checkpoint in recording.found(LOOKS[-1]):
            entry = recording.recorded(checkpoint)
            loads = entry in recording.entries and recording.loads(entry)
            yield Seen(recording.id, entry, loads, _verdict(checkpoint, folder / recording.id))


def _verdict(checkpoint: Checkpoint, bucket: Path) -> FileVerdict:
    sizes = {stored.key.removeprefix(PREFIX): stored.size for stored in checkpoint.files}
    wanted = to_read(checkpoint, PREFIX)
    verdicts = {name: _file(bucket / name, name, sizes) for name in wanted}
    return together(checkpoint, PREFIX, verdicts)


def _file(path: Path, name: str, sizes: dict[str, int]) -> FileVerdict:
    with path.open("rb") as opened:

        def read(wanted: Range) -> bytes:
            opened.seek(wanted.start)
            return opened.read(wanted.length)

        return run(verify(name, sizes), read)


def row(ones: list[Seen]) -> tuple[int, ...]:
    """What HEAD says, behind the uploader."""
    count = Counter((one.loads, one.verdict.state) for one in ones)
    states = Counter(one.verdict.state for one in ones)
    return (
        len(ones),
        *(states[state] for state in (FileState.TORN, FileState.WHOLE, FileState.NOT_VERIFIED)),
        count[False, FileState.WHOLE],
        count[False, FileState.NOT_VERIFIED],
        count[True, FileState.TORN],
    )


def main() -> None:
    folder, *scenarios = sys.argv[1:]
    wrong = []
    print(f"| {' | '.join(HEAD)} |", "|---" * len(HEAD) + "|", sep="\n")
    for scenario, uploaders in by_scenario(recordings(Path(folder))).items():
        for uploader, recorded in uploaders.items():
            if scenarios and scenario not in scenarios:
                continue
            ones = list(seen(recorded, Path(folder)))
            print(f"| {scenario} | {uploader} | {' | '.join(map(str, row(ones)))} |")
            wrong += [one for one in ones if one.verdict.state is _unlike(one)]
    for one in wrong:
        print(f"{one.bucket} {one.entry}: {one.verdict.state} {one.verdict.why}")


def _unlike(one: Seen) -> FileState:
    return FileState.TORN if one.loads else FileState.WHOLE


if __name__ == "__main__":
    main()
