"""Memory and time of a sweep and of what a decision reads, as running jobs grow from 1,000 to 100,000.

The code is the real one. Its ledger, SageMaker and S3 compute their answers and hold no data:
so the peak memory of the process (RSS) and the times are those of the code alone, without
AWS. All jobs train on spot, save checkpoints and are listed, so the sweep compares each and lists its checkpoints.
`python -m bench.scale` prints a table; times and calls are given as ratios to the smallest ledger.
"""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from spotter.aws.ledger import codec, neighbours, slots
from spotter.aws.ledger.table import Ledger
from spotter.aws.sweep.checkpoint_watch import CheckpointWatch
from spotter.aws.sweep.sweeper import Sweeper
from spotter.core.ledger import row_keys
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.hints import AccountRegion
from spotter.core.model.identity import Attempt, JobId
from spotter.core.model.times import iso
from spotter.core.policy.model import AlertsPolicy, Policy

SIZES, DECISIONS = (1_000, 10_000, 100_000), 500
HERE = AccountRegion("111122223333", "eu-west-1")
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
BEGUN, APART = NOW - timedelta(days=25), timedelta(seconds=2)
"""A million jobs begin within twenty-four days, so that all of them have trained for long by now."""
POLICY = Policy(alerts=AlertsPolicy(), checkpoint_locations=("s3://checkpoints/*",))


def job(number: int) -> JobId:
    return JobId(HERE.account, HERE.region, f"job-{number:06d}", BEGUN + number * APART)


def head(one: JobId) -> JobRecord:
    return JobRecord(
        id=one,
        arn=f"arn:aws:sagemaker:{HERE.region}:{HERE.account}:training-job/{one.name}",
        attempt=Attempt(one, 1),
        in_scope=True,
        status="InProgress",
        secondary="Training",
        modified=one.created,
        spot=True,
        instances=(("ml.g5.xlarge", 1),),
        checkpoint=f"s3://checkpoints/{one.name}/",
        since=one.created,
        recorded=6,
        digest="0" * 8,
    )


class Everything:
    """DynamoDB, SageMaker, S3 and SQS, with so many running jobs."""

    def __init__(self, count: int) -> None:
        assert job(count).created < NOW - timedelta(days=1), (
            "too many jobs to have trained for long"
        )
        self.count, self.calls = count, 0
        self.shards: dict[str, list[int]] = {}
        for number in range(count):
            keys = row_keys.running_keys(row_keys.job_pk(job(number)), NOW)
            self.shards.setdefault(keys[row_keys.OPEN_PK], []).append(number)

    def query(self, **request: Any) -> dict[str, Any]:
        self.calls += 1
        values = {name: value["S"] for name, value in request["ExpressionAttributeValues"].items()}
        pk, sk = values[":pk"], values.get(":sk", "")
        if pk in self.shards:
            return self._running(self.shards[pk], request, values.get(":since", ""))
        if pk == row_keys.RUNNING and sk.startswith("s3://checkpoints/job-"):
            return {"Items": [self._key(int(sk.rpartition("job-")[2].strip("/")))]}
        if pk.startswith(row_keys.JOBS) and "-a" not in pk:
            return {"Items": [self._item(int(pk.rpartition("-")[2]))]}
        return {"Items": []}

    def _running(self, numbers: list[int], request: Any, since: str) -> dict[str, Any]:
        start = request.get("ExclusiveStartKey", {}).get("place", 0)
        place = start + request.get("Limit", 1000)
        items = [self._key(n) for n in numbers[start:place] if iso(job(n).created) >= since]
        more = place < len(numbers)
        return {"Items": items} | ({"LastEvaluatedKey": {"place": place}} if more else {})

    def _key(self, number: int) -> dict[str, Any]:
        row = head(job(number)).row(notable=False)
        return codec.written(
            {n: row[n] for n in (row_keys.PK, row_keys.SK, row_keys.OPEN_PK, row_keys.OPEN_SK)}
        )

    def _item(self, number: int) -> dict[str, Any]:
        return codec.written(head(job(number)).row(notable=False))

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        self.calls += 1
        ((table, request),) = RequestItems.items()
        places = [key[row_keys.PK]["S"] for key in request["Keys"]]
        found = [
            self._item(int(p.rpartition("-")[2])) for p in places if p.startswith(row_keys.JOBS)
        ]
        return {"Responses": {table: found}}

    def put_item(self, **_: Any) -> dict[str, Any]:
        self.calls += 1
        return {}

    def list_training_jobs(self, **request: Any) -> dict[str, Any]:
        self.calls += 1
        start = int(request.get("NextToken", 0))
        shown = (job(number) for number in range(start, min(start + 100, self.count)))
        summaries = [
            {
                "TrainingJobName": one.name,
                "CreationTime": one.created,
                "LastModifiedTime": one.created,
                "TrainingJobStatus": "InProgress",
            }
            for one in shown
        ]
        more = {"NextToken": str(start + 100)} if start + 100 < self.count else {}
        return {"TrainingJobSummaries": summaries, **more}

    def list_objects_v2(self, **request: Any) -> dict[str, Any]:
        self.calls += 1
        key = f"{request['Prefix']}checkpoint-1/model.safetensors"
        return {"Contents": [{"Key": key, "LastModified": NOW, "Size": 10**9}]}


def sweep(aws: Everything) -> None:
    ledger = Ledger(aws, "ledger")
    watch = CheckpointWatch(ledger, aws, POLICY)
    one = Sweeper(ledger, aws, aws, "intake", POLICY, HERE, watch, lambda _: None)
    swept = one.run(NOW, lambda: True)
    assert (swept.finished, swept.jobs, swept.hints) == (True, aws.count, 0), swept


def decisions(aws: Everything) -> None:
    """What DECISIONS decisions read from the ledger: slots, and running jobs that use the same checkpoints."""
    ledger = Ledger(aws, "ledger")
    for number in range(0, aws.count, aws.count // DECISIONS):
        mine = Attempt(job(number), 1)
        slots.recent(ledger, NOW)
        running = list(neighbours.of_lineage(ledger, mine, []))
        sharing = list(neighbours.at_location(ledger, f"s3://checkpoints/{mine.name}/", mine.root))
        assert (len(running), sharing) == (1, [])


WORK = {"sweep": sweep, "decisions": decisions}


def measured(work: str, count: int) -> dict[str, float]:
    """One piece of work, in a process of its own."""
    command = [sys.executable, "-m", "bench.scale", work, str(count)]
    finished = subprocess.run(command, check=True, capture_output=True, text=True)
    return dict(json.loads(finished.stdout))


def child(work: str, count: int) -> None:
    aws = Everything(count)
    before, begun = peak(), time.process_time()
    WORK[work](aws)
    spent = time.process_time() - begun
    found = {"seconds": spent, "calls": aws.calls, "grown": peak() - before, "peak": peak()}
    print(json.dumps(found))


def peak() -> float:
    """Peak memory of this process in MB. Linux's getrusage also counts what the process held that started it."""
    status = Path("/proc/self/status")
    if status.exists():
        (line,) = (one for one in status.read_text().splitlines() if one.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def lines() -> Iterator[str]:
    for work in WORK:
        first = None
        for count in SIZES:
            found = measured(work, count)
            first = first or found
            yield (
                f"{work:>10} {count:>8,} running: peak {found['peak']:.0f} MB, {found['grown']:.0f} of "
                f"them the work's; time x {found['seconds'] / first['seconds']:.1f}, "
                f"calls x {found['calls'] / first['calls']:.1f} ({found['calls']:,.0f})"
            )


if __name__ == "__main__":
    if sys.argv[1:]:
        child(sys.argv[1], int(sys.argv[2]))
    else:
        for line in lines():
            print(line, flush=True)
