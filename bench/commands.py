"""`spotter jobs` on a ledger of 100,000 jobs, and `timeline` of a job with 1,000 transitions.

The command line is the real one, in a process of its own; the ledger is a table of the embedded AWS,
over its real protocol. Each command is timed as a whole, beside `spotter --version`.
tests/cli/test_jobs.py counts the reads of the ledger.
"""

import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from laptop import child_processes, startup
from laptop.location import ACCOUNT, REGION, Laptop, clean_environment, free_ports
from spotter.aws.ledger import codec
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.row_keys import Row
from spotter.core.ledger.transitions import TransitionRecord
from spotter.core.model.identity import Attempt
from spotter.core.model.timeline import Transition
from tests.support.jobs import INTERRUPTED_ONCE, job
from tests.support.spotter_in_one_process import create_table

JOBS, STAYS, RUNS, AT_ONCE = int(os.environ.get("JOBS", "100000")), 1000, 5, 4
SPOTTER = Path(sys.executable).with_name("spotter")
TEMPLATE = {
    "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
    "Outputs": {
        "LedgerName": {"Value": "ledger"},
        "AlertsTopicArn": {"Value": f"arn:aws:sns:{REGION}:{ACCOUNT}:alerts"},
    },
}


@contextmanager
def engine() -> Iterator[Laptop]:
    """The embedded AWS alone, with a stack whose output names the ledger."""
    with tempfile.TemporaryDirectory() as folder:
        port, other = free_ports(2)
        place = Laptop(Path(folder), port, other, "AKIABENCH")
        (place.home / "tmp").mkdir()
        place = startup.start_aws(place)
        try:
            cloudformation = startup.client(place, "cloudformation")
            cloudformation.create_stack(StackName="Spotter", TemplateBody=json.dumps(TEMPLATE))
            cloudformation.get_waiter("stack_create_complete").wait(StackName="Spotter")
            create_table(startup.client(place, "dynamodb"), "ledger")
            yield place
        finally:
            child_processes.end(place.pids["aws"])


def heads(now: datetime) -> Iterator[Row]:
    """Jobs of thirty days, one in ten of them running."""
    finished, running = job(INTERRUPTED_ONCE), job(INTERRUPTED_ONCE[:3])
    for n in range(JOBS):
        one = running if n % 10 == 0 else finished
        created = now - n * timedelta(days=30) / JOBS
        name = replace(one.id, account=ACCOUNT, region=REGION, name=f"job-{n:06d}", created=created)
        record = JobRecord.of(replace(one, id=name), Attempt(name, 1), in_scope=True)
        yield record.row(notable=False)


def long_one(now: datetime) -> Iterator[Row]:
    """A job with a thousand transitions, three hundred of them interruptions."""
    cycle = ("Starting", "Downloading", "Training", "Interrupted")
    created = now - timedelta(days=20)
    one = job(INTERRUPTED_ONCE)
    name = replace(one.id, account=ACCOUNT, region=REGION, name="the-long-one", created=created)
    head = JobRecord.of(replace(one, id=name), Attempt(name, 1), in_scope=True)
    yield replace(head, checkpoint=None).row(notable=False)
    for n in range(STAYS):
        transition = Transition(created + n * timedelta(minutes=25), cycle[n % len(cycle)])
        yield TransitionRecord(name, transition).row()


def fill(dynamodb: Any, found: Iterator[Row]) -> None:
    def write(batch: list[Row]) -> None:
        puts = [{"PutRequest": {"Item": codec.written(row)}} for row in batch]
        dynamodb.batch_write_item(RequestItems={"ledger": puts})

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(write, batches(found)))


def batches(found: Iterator[Row], size: int = 25) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in found:
        batch.append(row)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch


def timed(place: Laptop, *words: str) -> tuple[float, float, int]:
    """Median seconds of a whole process, its memory at most in MB, and the lines that it wrote."""
    environment = clean_environment() | place.environment()
    taken, most, lines = [], 0.0, 0
    for _ in range(RUNS):
        with tempfile.TemporaryFile() as output:
            began = time.perf_counter()
            running = subprocess.Popen(
                [SPOTTER, *words], env=environment, stdout=output, stderr=subprocess.DEVNULL
            )
            while running.poll() is None:
                most = max(most, peak(running.pid))
                time.sleep(0.005)
            taken.append(time.perf_counter() - began)
            lines = output.seek(0) or len(output.readlines())
        if running.returncode:
            raise RuntimeError(f"spotter {' '.join(words)} answered {running.returncode}")
    return statistics.median(taken), most, lines


def peak(pid: int) -> float:
    """The most memory that a process has had by now, in MB; 0 once it is gone.

    The figure that the system gives for a child that has ended includes the memory of its parent at the fork.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1024 if found else 0.0


def main() -> None:
    """Print a line for each command; when it ends, the engine ends, too."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    now = datetime.now(UTC).replace(microsecond=0)
    with engine() as place:
        dynamodb = startup.client(place, "dynamodb")
        began = time.perf_counter()
        fill(dynamodb, heads(now))
        fill(dynamodb, long_one(now))
        print(f"{JOBS} jobs written in {time.perf_counter() - began:.0f} s")
        base, _, _ = timed(place, "--version")
        print(f"{'spotter --version':48} {base:6.2f} s")
        for words in (
            ("jobs",),
            ("jobs", "--limit", "1000"),
            ("jobs", "--state", "running", "--limit", "100"),
            ("jobs", "job-09000"),
            ("timeline", "the-long-one"),
            ("timeline", "the-long-one", "--json"),
        ):
            taken, most, lines = timed(place, *words)
            figures = f"{taken:6.2f} s, {taken / base:5.1f} x, {most:4.0f} MB, {lines} lines"
            print(f"{' '.join(('spotter', *words)):48} {figures}")


if __name__ == "__main__":
    main()
