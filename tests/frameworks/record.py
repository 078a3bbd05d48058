"""Record what real frameworks leave in a bucket when their job is killed in the middle of a save.

Run by hand, on Linux, in an environment of its own (nothing of it stands in the lock files), from the
project's root; `--list` names the scenarios and the packages that each needs:

    python3.11 -m venv ../frameworks
    ../frameworks/bin/pip install torch safetensors transformers accelerate lightning keras h5py xgboost-cpu …
    ../frameworks/bin/python -m tests.frameworks.record --list
    ../frameworks/bin/python -m tests.frameworks.record torch-files torch-dcp

For each scenario: one run to its end, then runs in which training and both uploaders get SIGKILL at a
random instant during a save (`--kills`, counted are those that did land in a save), a quarter of them
in the very first one. What then lies in the two buckets is restored as SageMaker restores it, and the
framework itself loads each entry, in a process of its own. One line of JSON a bucket goes to
tests/frameworks/recordings/<scenario>.json: versions, date, uploader, finished saves, the objects (key,
size, milliseconds since training began), the truth of each entry, and what a resume would pick.

Seconds here stand for about a hundred in the world: a save takes 20 to 200 ms, training a third of a
second between two saves, and an uploader looks every 8 ms. Files are written to memory (/dev/shm).
joblib and the oldest torch format are pickles: the recorder loads only what it has just written itself.
"""

import argparse
import hashlib
import importlib
import json
import os
import random
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.frameworks.killing import UPLOADERS, Kill, NotRecorded, Places, Run, run
from tests.frameworks.scenario import SAVES, Scenario
from tests.frameworks.scenarios import SCENARIOS
from tests.frameworks.truth import Truths
from tests.frameworks.uploading import scan

RECORDINGS = Path(__file__).parent / "recordings"
RECENT = 8
"""So many saves tell how long the next one may take: the machine may be busy with something else."""
QUIETLY = {
    "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false",
    "CUDA_VISIBLE_DEVICES": "", "JAX_PLATFORMS": "cpu", "KERAS_BACKEND": "torch",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}  # fmt: skip


def main() -> None:
    options = arguments()
    if options.list:
        for scenario in SCENARIOS.values():
            print(f"{scenario.name:20} {', '.join(scenario.packages):32} {scenario.settings}")
        return
    os.environ.update(QUIETLY)
    failed = []
    for name in options.scenarios or SCENARIOS:
        try:
            record(SCENARIOS[name], options)
        except NotRecorded as why:
            print(f"{name}: {why}", file=sys.stderr)
            failed.append(name)
    sys.exit(f"not recorded: {', '.join(failed)}" if failed else 0)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.frameworks.record", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO", help="all, if none is named")
    parser.add_argument("--list", action="store_true", help="name the scenarios, record nothing")
    parser.add_argument("--kills", type=int, default=20, help="kills during a save (20)")
    parser.add_argument("--seed", type=int, default=1, help="of the instants of the kills (1)")
    parser.add_argument("--output", type=Path, default=RECORDINGS, help="where the listings go")
    parser.add_argument("--bytes", type=Path, help="keep what lay in the buckets in this folder")
    options = parser.parse_args()
    if unknown := set(options.scenarios) - SCENARIOS.keys():
        parser.error(f"no such scenario: {', '.join(sorted(unknown))} (see --list)")
    return options


def record(scenario: Scenario, options: argparse.Namespace) -> None:
    """All runs of one scenario, each forked from this process, which imports its framework."""
    for module in scenario.imports:
        importlib.import_module(module)
    chance = random.Random(f"{options.seed} {scenario.name}")
    lines: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(dir="/dev/shm", prefix="frameworks-") as folder:
        case = Case(scenario, Path(folder), options.bytes)
        durations = list(case.record(lines, None).durations)
        print(f"{scenario.name}: saves took {[round(d, 3) for d in durations]} s", flush=True)
        hits = tries = 0
        while hits < options.kills and tries < 3 * options.kills:
            usual = statistics.median(durations[-RECENT:])
            saves = 0 if tries % 4 == 0 else chance.randrange(1, SAVES)
            ran = case.record(lines, Kill(saves, chance.uniform(0, 1.1 * usual)))
            durations += ran.durations
            hits, tries = hits + ran.during_a_save, tries + 1
            write(lines, filter(None, (options.output, options.bytes)))
    print(f"{scenario.name}: {hits} kills in a save of {tries}, {len(lines)} listings", flush=True)


def write(lines: list[dict[str, Any]], places: Iterable[Path]) -> None:
    """After each run, a line a bucket: what was recorded stays, whatever ends the recorder."""
    text = ",\n".join(json.dumps(line, separators=(",", ":")) for line in lines)
    for place in places:
        place.mkdir(parents=True, exist_ok=True)
        (place / f"{lines[0]['scenario']}.json").write_text(f"[\n{text}\n]\n")


class Case:
    """The runs of one scenario, numbered; number 0 is the one that came to its end."""

    def __init__(self, scenario: Scenario, folder: Path, keep: Path | None) -> None:
        self.scenario, self.folder, self.keep = scenario, folder, keep
        self.truths = Truths(scenario)
        self.number = 0

    def record(self, lines: list[dict[str, Any]], kill: Kill | None) -> Run:
        places = Places(self.folder / "run")
        places.root.mkdir()
        ran = run(self.scenario, places, kill)
        for uploader in UPLOADERS:
            lines.append(self._line(places, ran, kill, uploader))
        shutil.rmtree(places.root)
        self.number += 1
        return ran

    def _line(self, places: Places, ran: Run, kill: Kill | None, uploader: str) -> dict[str, Any]:
        bucket, name = places.bucket(uploader), f"{self.scenario.name}-{self.number:02}-{uploader}"
        objects = [
            (key, found.size, round(found.changed / 1e6 - ran.began * 1e3))
            for key, found in sorted(scan(bucket).items())
        ]
        digests = {key: digest(bucket / key) for key, _, _ in objects}
        if self.keep:
            keep(bucket, digests, self.keep / name)
        return {
            "id": name,
            "scenario": self.scenario.name,
            "versions": {package: version(package) for package in self.scenario.packages},
            "date": datetime.now(UTC).date().isoformat(),
            "uploader": uploader,
            "killed": bool(kill),
            "during_a_save": ran.during_a_save,
            "saves": ran.saves,
            "ended": round((ran.ended - ran.began) * 1e3),
            "objects": objects,
            "entries": self.truths.entries(bucket, digests, places),
            "resume": self.truths.resume(bucket, digests, places),
        }


def digest(path: Path) -> str:
    with path.open("rb") as reading:
        return hashlib.file_digest(reading, "blake2b").hexdigest()[:40]


def keep(bucket: Path, digests: dict[str, str], target: Path) -> None:
    """Keep a bucket's files; equal files are kept once, as hard links."""
    blobs = target.parent / ".blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir()
    for name, content in digests.items():
        if not (blobs / content).exists():
            shutil.copyfile(bucket / name, blobs / content)
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).hardlink_to(blobs / content)


if __name__ == "__main__":
    main()
