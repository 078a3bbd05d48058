"""The time and memory of the first view of the dashboard's widget with many running jobs: `make bench`.

The real stack on the laptop, its ledger filled with heads as record writes them, the function invoked
through Lambda's API: once with the start of a worker, and then again. Nothing is asserted
here; tests/aws/reports/test_dashboard.py counts the calls.
"""

import json
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from laptop import startup
from laptop.location import ACCOUNT, POLICY, REGION, Laptop
from spotter.aws.ledger import codec
from spotter.aws.ledger.table import Ledger
from spotter.aws.reports.dashboard_widget import answer
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt, JobId
from tests.support.jobs import described, job

RUNNING, FINISHED, AGAIN = 10_000, 1_000, 9
WAITING = ("Starting", "Downloading", "Training", "Interrupted")
TRAINING = (*WAITING, "Starting", "Downloading", "Training")
OVER = (*TRAINING, "Uploading", "Completed")


def heads(now: datetime, running: int = RUNNING, ended: int = FINISHED) -> Iterator[JobRecord]:
    """A day of jobs, one after the other: most train, every tenth waits, the rest has finished."""
    figures = {"BillableTimeInSeconds": 900, "TrainingTimeInSeconds": 3000}
    waiting_or_training = [
        job(described(line)["SecondaryStatusTransitions"] and line) for line in (WAITING, TRAINING)
    ]
    done = job(OVER, TrainingEndTime=now, **figures)
    for n in range(running + ended):
        one = done if ended and n % (running // ended + 1) == 0 else waiting_or_training[n % 10 > 0]
        created = now - timedelta(seconds=86_000 * n / (running + ended))
        name = JobId(ACCOUNT, REGION, f"nightly-vision-experiment-{n:06}", created)
        head = JobRecord.of(one, Attempt(name, 1), in_scope=True)
        yield replace(
            head, id=name, modified=now, since=created, waiting_since=head.waiting_since and created
        )


def fill(client: Any, table: str, found: Iterator[JobRecord]) -> None:
    puts = [{"PutRequest": {"Item": codec.written(h.row(notable=False))}} for h in found]
    some = [puts[n : n + 25] for n in range(0, len(puts), 25)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: client.batch_write_item(RequestItems={table: one}), some))


def event(view: str, now: datetime) -> dict[str, Any]:
    until = int(now.timestamp() * 1000)
    context = {
        "timeRange": {"start": until - 86_400_000, "end": until},
        "theme": "dark",
        "width": 1400,
    }
    return {"view": view, "widgetContext": context}


def invoke(client: Any, function: str, request: dict[str, Any]) -> tuple[float, str]:
    begin = time.perf_counter()
    answer = client.invoke(FunctionName=function, Payload=json.dumps(request).encode())
    body = json.loads(answer["Payload"].read())
    took = time.perf_counter() - begin
    assert "FunctionError" not in answer, body
    return took, body


def workers(function: str) -> list[Path]:
    """The processes that run the function, as the kernel shows them."""
    mark = f"AWS_LAMBDA_FUNCTION_NAME={function}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
        except OSError:  # somebody else's, or gone
            continue
        if mark in environment.split(b"\0"):
            found.append(process)
    return found


def started_by(pid: int) -> list[Path]:
    """The embedded AWS itself, which the process of this id started and holds."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [Path(f"/proc/{child}") for child in children]


def peak_mib(function: str) -> float:
    """The most memory that a process of the function ever held."""
    statuses = [(process / "status").read_text() for process in workers(function)]
    return max(int(one.split("VmHWM:")[1].split()[0]) / 1024 for one in statuses)


def computed(processes: list[Path]) -> float:
    """Processor seconds that these have taken so far: no matter what else the machine does."""
    counters = [(one / "stat").read_text().rpartition(") ")[2].split() for one in processes]
    return sum(int(one[11]) + int(one[12]) for one in counters) / os.sysconf("SC_CLK_TCK")


def counted(place: Laptop, now: datetime) -> tuple[Counter[str], float]:
    """The calls of one view in this process, and how long it takes here."""
    client, calls = codec.as_it_comes(startup.client(place, "dynamodb")), Counter[str]()
    client.meta.events.register(
        "before-call.dynamodb.*", lambda model, **_: calls.update([model.name])
    )
    function = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:dashboard"
    begin = time.perf_counter()
    answer(event("fleet", now), Ledger(client, place.outputs["LedgerName"]), function, now, None)
    return calls, time.perf_counter() - begin


def measured(place: Laptop) -> Iterator[str]:
    now = datetime.now(UTC)
    fill(startup.client(place, "dynamodb"), place.outputs["LedgerName"], heads(now))
    functions, name = startup.client(place, "lambda"), place.outputs["DashboardFunctionName"]
    yield f"{RUNNING} running jobs and {FINISHED} that finished; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors"
    engine = started_by(place.pids["aws"])
    for view in ("fleet", "savings", "market"):
        first, body = invoke(functions, name, event(view, now))
        ours, theirs = computed(workers(name)), computed(engine)
        rest = sorted(invoke(functions, name, event(view, now))[0] for _ in range(AGAIN))
        ours, theirs = computed(workers(name)) - ours, computed(engine) - theirs
        yield (
            f"{view}: first {first:.2f} s, then median {median(rest):.2f} s, worst {rest[-1]:.2f} s; "
            f"the function computes {ours / AGAIN:.2f} s, the embedded AWS {theirs / AGAIN:.2f} s; "
            f"{len(body) / 1000:.0f} kB"
        )
        if view == "fleet":
            if f">{RUNNING:,}<" not in body:
                raise RuntimeError(f"not all of them are counted: {body[:2000]}")
            yield f"peak memory of its worker: {peak_mib(name):.0f} MiB"
    calls, took = counted(place, now)
    made = ", ".join(f"{count} {name}" for name, count in sorted(calls.items()))
    yield f"calls of a first view: {made}; in one process {took:.2f} s"
    yield f"peak memory in the end: {peak_mib(name):.0f} MiB"


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="spotter-bench-") as folder:
        home = Path(folder) / "home"
        place = startup.up(home, POLICY, lambda line: print(line, file=sys.stderr))
        try:
            for line in measured(place):
                print(line, flush=True)
        finally:
            startup.down(home)


if __name__ == "__main__":
    main()
