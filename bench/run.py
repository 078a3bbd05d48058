"""All figures in one run, into docs/bench.md: `make bench`, or `python -m bench.run PART ...` for some of them.

Each part leaves its figures in bench/figures, and the page is made from what is there: so a part that takes long can be run by
itself, and what is not measured again stays as it was, with its date. BENCH_RUNS are the cold starts of each function;
BENCH_LARGEST=1 measures the sweep of a million jobs, too.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import POLICY, charts, delays, lives, page, starts, storm, sweeps
from bench.functions import deploy, runtime
from infra.bundle import REPOSITORY

FIGURES, CHARTS = REPOSITORY / "bench/figures", REPOSITORY / "docs/bench"
RUNS = int(os.environ.get("BENCH_RUNS", "15"))
PRINTED = ("start", "commands", "checking", "widget")
Figures = dict[str, Any]


def measure_starts() -> Figures:
    with tempfile.TemporaryDirectory() as folder:
        made = deploy(Path(folder), POLICY)
        with starts.Stage(made, Path(folder) / "warm", POLICY, max(starts.BATCHES)) as stage:
            warm = starts.warm_batches(stage, RUNS)
        with starts.Stage(made, Path(folder) / "cold", POLICY) as stage:
            cold = starts.cold_starts(stage, RUNS)
    return {"cold": {k: asdict(v) for k, v in cold.items()}, "warm": [asdict(one) for one in warm]}


def measure_lives() -> Figures:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = deploy(folder, POLICY)
        found = lives.all_lives(made, folder, POLICY)
        long = {
            title: lives.as_history_grows(kind, made, folder / f"long {title}", POLICY)
            for title, kind in lives.DESIGNS.items()
        }
    return {
        "lives": {n: {d: asdict(one) for d, one in by.items()} for n, by in found.items()},
        "long": {d: [(count, asdict(one)) for count, one in rows] for d, rows in long.items()},
    }


def measure_sweeps() -> Figures:
    return {"sweeps": [asdict(one) for one in sweeps.measured(sweeps.SIZES)]}


def measure_largest_sweep() -> Figures:
    """Only where BENCH_LARGEST is set, since it takes half an hour or more; else what was measured last stays."""
    if not os.environ.get("BENCH_LARGEST"):
        return read("largest_sweep")
    return {"sweeps": [asdict(one) for one in sweeps.measured((sweeps.LARGEST,))]}


def measure_storm() -> Figures:
    found = storm.measured()
    return asdict(found) | {"last": found.last.total_seconds()}


def measure_printed() -> Figures:
    """What the older measurements print."""
    return {name: printed(name) for name in PRINTED}


def measure_deadlines() -> Figures:
    """Only where BENCH_TRACES names a folder of public traces, of one node each; else what was measured last stays.

    One window a trace and configuration: the optimum of thirty takes more than an hour.
    """
    traces = os.environ.get("BENCH_TRACES")
    found = printed("deadlines", traces, "--windows", "1") if traces else []
    return {"lines": found} if found else read("deadlines")


def printed(name: str, *words: str) -> list[str]:
    command = [sys.executable, "-m", f"bench.{name}", *words]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout.splitlines()


PARTS: dict[str, Callable[[], Figures]] = {
    "starts": measure_starts,
    "lives": measure_lives,
    "sweeps": measure_sweeps,
    "largest_sweep": measure_largest_sweep,
    "storm": measure_storm,
    "delays": delays.measured,
    "commands": measure_printed,
    "deadlines": measure_deadlines,
}


def machine() -> dict[str, str]:
    """Where and with what it was measured; no name of the machine."""
    python = subprocess.run([runtime(), "-V"], capture_output=True, text=True, check=True)
    load = f"{os.getloadavg()[0]:.1f}"
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "processors": str(os.cpu_count()),
        "load": load,
        "system": f"{platform.system()} {platform.machine()}",
        "functions run on": python.stdout.strip(),
        "botocore": version("botocore"),
        "Powertools": version("aws-lambda-powertools"),
    }


def read(part: str) -> Figures:
    file = FIGURES / f"{part}.json"
    return dict(json.loads(file.read_text())) if file.exists() else {}


def pages() -> dict[Path, str]:
    """docs/bench.md and its charts, as the figures that are there make them."""
    figures = {part: found for part in PARTS if (found := read(part))}
    drawn = {CHARTS / f"{name}.svg": drawing for name, drawing in charts.of(figures).items()}
    return drawn | {REPOSITORY / "docs/bench.md": page.page(figures)}


def main(wanted: list[str]) -> None:
    for part in wanted:
        begun = time.perf_counter()
        print(f"{part}: measuring", flush=True)
        if found := PARTS[part]():
            found.setdefault("machine", machine())
            (FIGURES / f"{part}.json").write_text(json.dumps(found, indent=1) + "\n")
        print(f"{part}: {time.perf_counter() - begun:.0f} s", flush=True)
    for file, text in pages().items():
        file.write_text(text)
    print("docs/bench.md is written")


if __name__ == "__main__":
    unknown = [one for one in sys.argv[1:] if one not in PARTS and one != "page"]
    if unknown:
        sys.exit(f"There is no part {unknown[0]}; there are {', '.join(PARTS)}, and page.")
    main([one for one in sys.argv[1:] or PARTS if one != "page"])
