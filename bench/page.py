"""docs/bench.md from the figures of a run: tables, charts, and what stands in the way where a goal is missed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from bench import prices
from bench.lives import DESIGNS, MIX
from bench.spread import Spread

NAMES = {"bare": "bare JSON handler", "usual": "the usual design"}
BEGINNING = """# How fast Spotter is, and what it costs

Written by `make bench`. Beside Spotter stands **the usual design** (`bench/usual_design`): one Lambda function on the rule's
queue, as a good engineer writes it with Powertools. Parser validates events, BatchProcessor reports failed messages, a table
keeps it idempotent, Tracer and Logger show what happened, raw events are logged, boto3 is installed in full. It describes the
job on each event, writes the transition and a summary with a status index in one transaction, publishes a
message, and makes the next attempt.

Both run from the files that would be deployed, each function in a process of its own, against a pretend AWS on
loopback that answers in the services' own protocols over TLS. Times are processor seconds: the median, and the quartiles in
brackets; functions take turns, and a ratio is that of neighbouring runs. Units, calls and bytes are counted and are the same at
each run; `tests/bench` holds them. Nothing here was measured in an AWS account.
"""
REMAINS = """## What was tried, and what stands in the way

- Taken out of the bundle: boto3 with s3transfer and multiprocessing (clients are botocore's own), endpoints of services that are not
  called (1.25 MB of JSON down to 36 kB), the help of clients' methods, urllib3's switch for HTTP/2, which loads
  importlib.metadata. record loads no alert rules, no checkpoint layouts, no rules of resubmission, and of the ledger's rows
  only those that it puts or reads. A batch with one job starts no threads.
- The 140 certificates that botocore trusts took 17 ms at each new TLS connection: two in a cold start of record. Spotter's
  clients share one TLS context, which reads them once. Cutting them down to Amazon's own
  authorities would save most of what is left; which authorities sign the endpoints of every partition is AWS's to change. A
  folder of them by hash, of which OpenSSL reads only those it needs, would save as much; a mistake in it would stop every
  function. Neither could be tried without an account, so all are read.
- The rest of record's start is Python's: urllib3 and email, botocore's clients, and some 40 dataclasses, about a tenth of it,
  whose methods Python generates at each start.
- Reads of alert grow with a job's history, by one unit for four kilobytes of timeline: it reads all of it to
  count interruptions. Writes, calls and log do not grow.
"""


def page(figures: Mapping[str, Any]) -> str:
    """Whatever was measured; the rest is left out."""
    parts = [BEGINNING]
    for name, made in SECTIONS.items():
        if name in figures:
            parts.append("\n".join(made(figures[name])) + "\n" + _machine(figures[name]["machine"]))
    return "\n".join((*parts, REMAINS))


def _machine(known: Mapping[str, str]) -> str:
    return "\n*" + ", ".join(f"{name} {value}" for name, value in known.items()) + "*\n"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(titles)} |"
    yield f"|{'|'.join(['---', *['---:'] * (len(titles) - 1)])}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _starts(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Cold starts and warm batches\n"
    yield "From the start of the interpreter to the end of the first event: imports, clients, TLS, the first write. Modules and opened"
    yield "files are those of the bundle, without Python's own.\n"
    yield "![Cold starts](bench/cold-starts.svg)\n"
    rows = []
    for name, one in found["cold"].items():
        usual, bare = Spread(**one["of_usual"]), Spread(**one["of_bare"])
        times = Spread(**one["seconds"]).text(1000), usual.text(1, 2), bare.text(1, 1)
        rows.append((NAMES.get(name, name), *times, str(one["modules"]), str(one["opened"])))
    titles = ("function", "ms", "of the usual design", "of a bare handler", "modules", "opened")
    yield from _table(titles, rows)
    yield "\nA batch of messages to a warm function, each one more transition of another job:\n"
    batches = [
        (
            str(one["size"]),
            Spread(**one["spotter"]).text(1000, 1),
            Spread(**one["usual"]).text(1000, 1),
            Spread(**one["ratio"]).text(1, 2),
        )
        for one in found["warm"]
    ]
    yield from _table(("messages", "record, ms", "usual design, ms", "ratio"), batches)


def _lives(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Calls, units, bytes and dollars\n"
    yield "One job's life; a resubmitted one counts with the attempt that follows. Calls are those of AWS; read and write units are those of"
    yield "DynamoDB on demand, indexes included (`bench/capacity.py`).\n"
    rows = []
    for name, by in found["lives"].items():
        for design, written in by.items():
            one = prices.read(written)
            per = one.writes / one.transitions, one.logged / one.transitions
            rows.append(
                (
                    f"{name}: {design}",
                    str(one.transitions),
                    str(sum(one.calls.values())),
                    f"{one.writes:.0f} ({per[0]:.1f})",
                    f"{one.reads:.1f}",
                    f"{one.logged / 1000:.1f} ({per[1] / 1000:.1f})",
                )
            )
    titles = (
        "life",
        "transitions",
        "calls",
        "write units (a transition)",
        "read units",
        "log, kB (a transition)",
    )
    yield from _table(titles, rows)
    yield "\nOf Spotter's write units, each transition takes two (its row, the job's summary), and a job five more: three index entries"
    yield "at its creation, two that are removed at its end. Alerts and resubmissions come on top.\n"
    yield "One more interruption (four transitions) of a job with a long history:\n"
    rows = []
    for design, history in found["long"].items():
        for count, written in history:
            one = prices.read(written)
            sums = sum(one.calls.values()), one.writes, one.reads, one.logged
            rows.append((design, str(count), *(f"{figure:,.0f}" for figure in sums)))
    yield from _table(
        ("design", "transitions so far", "calls", "write units", "read units", "log bytes"), rows
    )
    yield "\n![Log bytes](bench/history.svg)\n"
    yield from _dollars(found["lives"])


def _dollars(found: Mapping[str, Any]) -> Iterator[str]:
    shares = ", ".join(f"{share:.0%} {name}" for name, share in MIX.items())
    yield f"A million jobs ({shares}), in US dollars at the list prices of us-east-1 in November 2026 (`bench/prices.py`):\n"
    by = prices.dollars(found)
    services = list(by["Spotter"])
    rows = [
        (
            design,
            *(f"{by[design][one]:,.2f}" for one in services),
            f"{sum(by[design].values()):,.2f}",
        )
        for design in DESIGNS
    ]
    yield from _table(("design", *services, "total"), rows)
    spotter, usual = (sum(by[design].values()) for design in ("Spotter", "usual design"))
    yield f"\nSpotter costs 1/{usual / spotter:.1f} of the usual design; its log 1/{by['usual design']['logs'] / by['Spotter']['logs']:.0f}."
    writes, queue = prices.at_least(found)
    yield "The goal of 1/8 is out of reach while each transition is a row (one write unit), the job's summary is another, and each event is a"
    yield "message of the queue that is sent, received and deleted, as in the usual design. Two write units a transition and five a job cost"
    yield f"{writes:.2f} dollars for these million jobs, and the queue {queue:.2f}: {(writes + queue) / usual:.0%} of all that the usual design costs, before anything is"
    yield "read, computed or logged. Without a summary no dashboard could list jobs; without the queue a burst would throttle SageMaker.\n"
    yield "![Dollars](bench/dollars.svg)"


def _sweeps(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Sweeps\n"
    yield "All jobs are running and save checkpoints; a job that drifted was changed without an event. Calls of SageMaker are those of the"
    yield "sweep and of record after it, beside describing each job. All calls include one listing of checkpoints a job.\n"
    yield from _sweep_table(found)


def _largest_sweep(found: Mapping[str, Any]) -> Iterator[str]:
    yield "### The largest sweep\n"
    yield from _sweep_table(found)


def _sweep_table(found: Mapping[str, Any]) -> Iterator[str]:
    order = sorted(found["sweeps"], key=lambda one: (one["jobs"], one["drift"]))
    rows = [
        (
            f"{one['jobs']:,}",
            f"{one['drift']:.0%}",
            f"{one['sagemaker']:,}",
            f"{one['jobs'] / one['sagemaker']:.0f} x fewer",
            f"{one['aws']:,}",
            f"{one['seconds']:,.1f}",
            f"{one['peak_mb']:.0f}",
        )
        for one in order
    ]
    titles = (
        "jobs",
        "drift",
        "calls of SageMaker",
        "than describing each",
        "all calls",
        "processor s",
        "peak MB",
    )
    yield from _table(titles, rows)


def _storm(found: Mapping[str, Any]) -> Iterator[str]:
    jobs = found["jobs"]
    yield f"## {jobs:,} interruptions in sixty seconds\n"
    yield f"- record computes {found['record_seconds']:.0f} s in all ({1000 * found['record_seconds'] / jobs:.1f} ms an interruption), alert"
    yield f"  {found['alert_seconds']:.0f} s ({1000 * found['alert_seconds'] / jobs:.1f} ms), without AWS."
    yield f"- {found['describes']:,} calls of DescribeTrainingJob, {found['dynamodb']:,} of DynamoDB, {found['writes'] / jobs:.1f} write units an interruption."
    yield f"- {found['alerts']:,} alerts are published in {found['messages']:,} messages, the last one {timedelta(seconds=found['last'])} after the first interruption:"
    yield "  at most six messages in any minute, and a sweep every five minutes."


def _delays(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## End to end on the laptop\n"
    yield "The real stack and the usual design on the embedded AWS, one after the other; every job runs out of wait time and is resubmitted."
    yield "Delays are from the instant of SageMaker's transition to the row, to the message in a queue, and to the next attempt's"
    yield "creation, in seconds. They hold the polling of the embedded AWS, and are no delays of AWS. Spotter writes an alert"
    yield "into the ledger first, so that none is lost, and publishes it out of there; the usual design publishes in the function"
    yield "that got the event. Jobs begin thirty seconds apart: beyond six messages in a minute Spotter gathers alerts in a digest.\n"
    rows = []
    for design, one in found["delays"].items():
        for name, delay in one["delays"].items():
            rows.append(
                (
                    f"{design}: {name}",
                    str(delay["count"]),
                    f"{delay['median']:.2f}",
                    f"{delay['p99']:.2f}",
                )
            )
    yield from _table(("delay", "count", "median", "p99"), rows)
    yield ""
    for design, one in found["delays"].items():
        yield f"- {design}: {one['events']} events of a burst are recorded in {one['burst']:.1f} s, {one['events'] / one['burst']:.1f} a second."


def _commands(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Commands, reports and the dashboard\n"
    yield "Times and memory of the installed command line, of `spotter check`, and of the dashboard's widget, as they are printed:\n"
    yield "```"
    for name, lines in found.items():
        if name != "machine":
            yield from (f"{line}".rstrip() for line in lines)
    yield "```"


def _deadlines(found: Mapping[str, Any]) -> Iterator[str]:
    yield "## Deadlines, replayed\n"
    yield "Spotter's policy (`hand over in time`) beside others on public spot traces, those of \"Can't Be Late\" (NSDI '24), as"
    yield "`python -m bench.deadlines TRACES --windows 1` prints it. Costs are shares of what on demand costs. A title is the training"
    yield "that a job needs, the slack before its deadline, a launch, and the time between checkpoints, in hours.\n"
    yield from ("```", *"\n".join(found["lines"]).strip().splitlines(), "```")


SECTIONS = {
    "starts": _starts,
    "lives": _lives,
    "sweeps": _sweeps,
    "largest_sweep": _largest_sweep,
    "storm": _storm,
    "delays": _delays,
    "commands": _commands,
    "deadlines": _deadlines,
}
