"""docs/outlook.md: the words, the rules, the documented life cycles, and what was measured."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.model.rule_text import meaning, title
from spotter.core.model.timeline import FINAL
from spotter.core.model.times import words
from spotter.core.reports.outlook import Outlook, OutlookCase, outlook
from spotter.core.reports.outlook.rules import RULES
from spotter.core.reports.outlook.words import MEANINGS
from tests.support.generated_fleets import CAPACITY_LAW, GeneratedJob, generated_fleet
from tests.support.jobs import (
    INTERRUPTED_ONCE,
    NEVER_LAUNCHED,
    NOON,
    OUT_OF_TIME,
    UNINTERRUPTED,
    job,
    minutes,
)

JOBS, EVERY = 1000, minutes(15)
LIFE_CYCLES = {
    "no interruption": UNINTERRUPTED,
    "one interruption": INTERRUPTED_ONCE,
    "two interruptions, then out of MaxWaitTimeInSeconds": OUT_OF_TIME,
    "never launched": NEVER_LAUNCHED,
}
LOSS = timedelta(hours=1)

HEAD = """# The outlook of a job

Made from the rules by `make docs`. Each job has an outlook: one word and a reason. `spotter jobs` (and `--at-risk`),
`spotter timeline`, `spotter explain`, the dashboard and the report show the same one, from the same code
(`lambdas/spotter/core/reports/outlook/`). It is computed from the ledger and the present instant; no AWS API is
called for it. It is no forecast: whether a job fails by an error of its own cannot be seen beforehand.

## The words, the most urgent first

| word | meaning |
|---|---|
"""
RULES_HEAD = """
## The rules

Spotter evaluates them in this order, and the first one that answers gives the outlook; the last one always answers.
`checkpoint_quiet` is the policy's; without it one hour counts. What is known about checkpoints comes from the sweep's listings: a listing
that found no checkpoint counts as none, a location that was never listed counts as unknown, and unknown alone never
makes a job `at risk`. A wait limit comes nearer from the job's creation on, a runtime limit only while the job
trains. Whether SageMaker counts Downloading in MaxRuntimeInSeconds could not be verified without an AWS account: if
it does, the stop comes earlier by as long as the downloads took.

| rule | outlook | when |
|---|---|
"""
CYCLES_HEAD = """
## The documented life cycles

Each status lasts ten minutes here, with MaxRuntimeInSeconds of 3,600 and MaxWaitTimeInSeconds of 7,200; the outlook is
the one five minutes after the status began. Checkpoints are not listed.
"""
MEASURED_HEAD = f"""
## How often it warns, and how often for nothing

Measured over {JOBS:,} generated jobs (`tests/support/generated_fleets.py`), the outlook looked at every
{EVERY.seconds // 60} minutes. The jobs are a model, not an account: half of them train for more than 4.5 hours; interruptions
come every {", ".join(f"{between:g} h ({name})" for name, between, _ in CAPACITY_LAW)} of training on average; of a
hundred, 5 never save, 7 save more seldom than every 1.5 hours, 10 have no checkpoint location, 15 lie where the policy permits
no listing, 6 fail by themselves, 3 never get capacity, and MaxRuntimeInSeconds is 0.9 to 4 times what they need.

*Warned* is a job that was `at risk` or `will be stopped` up to its end without a break; the lead time is how long.
"""


def outlook_page() -> str:
    """The whole page."""
    lines = [HEAD.rstrip(), *_words(), RULES_HEAD.rstrip(), *_rules(), CYCLES_HEAD.rstrip()]
    for name, statuses in LIFE_CYCLES.items():
        lines += ["", f"**{name}**", "", "| after | secondary status | outlook |", "|---|---|---|"]
        lines += _life_cycle(statuses)
    return "\n".join([*lines, MEASURED_HEAD.rstrip(), "", *_measured()]) + "\n"


def _words() -> Iterator[str]:
    return (f"| `{word}` | {text} |" for word, text in MEANINGS.items())


def _rules() -> Iterator[str]:
    return (f"| {title(rule)} | `{word}` | {meaning(rule)} |" for rule, word in RULES.items())


def _life_cycle(statuses: Sequence[str]) -> Iterator[str]:
    for count in range(1, len(statuses) + 1):
        one = job(statuses[:count])
        head = JobRecord.of(one, Attempt(one.id, 1), in_scope=True)
        now = NOON + minutes(10 * count - 5)
        shown = outlook(OutlookCase(head, now)).text(now, UTC)
        yield f"| {10 * (count - 1)} min | {statuses[count - 1]} | {shown} |"


@dataclass(frozen=True)
class Watched:
    """A generated job and its outlooks until SageMaker began to end it."""

    job: GeneratedJob
    seen: tuple[tuple[datetime, Outlook], ...]

    @property
    def lead(self) -> timedelta | None:
        """For how long it was risky up to its end; None if it was not when it ended."""
        return self.lead_before(self.job.last_running)

    def lead_before(self, when: datetime) -> timedelta | None:
        """For how long it was risky without a break up to an instant."""
        begin = None
        for at, found in reversed([one for one in self.seen if one[0] <= when]):
            if not found.risky:
                break
            begin = at
        return None if begin is None else when - begin

    @property
    def risky(self) -> list[Outlook]:
        return [found for _, found in self.seen if found.risky]

    @property
    def share(self) -> float:
        return len(self.risky) / len(self.seen) if self.seen else 0.0


@cache
def watched() -> tuple[Watched, ...]:
    """The fleet that is measured."""
    return tuple(
        Watched(
            job,
            tuple(
                (seen.now, seen.outlook)
                for seen in job.seen_by_sweeps(EVERY)
                if seen.now <= job.last_running and seen.head.secondary not in FINAL
            ),
        )
        for job in generated_fleet(JOBS)
    )


def _measured() -> Iterator[str]:
    yield "| ending | jobs | warned before it | lead time: median | nine of ten at least |"
    yield "|---|---|---|---|---|"
    endings = dict.fromkeys(one.job.ending for one in watched())
    for ending in sorted(endings, key=lambda name: (name == "AlgorithmError", name)):
        if ending != "Completed":
            yield _warned(ending, [one.lead for one in watched() if one.job.ending == ending])
    losses = [one.lead_before(at) for one in watched() for at, lost in one.job.lost if lost >= LOSS]
    yield _warned("an interruption that lost an hour of training or more", losses)
    yield ""
    yield "An AlgorithmError is the job's own: the warnings before it had other reasons."
    yield ""
    yield from _false_alarms([one for one in watched() if one.job.ending == "Completed"])


def _warned(what: str, leads: Sequence[timedelta | None]) -> str:
    known = sorted(lead for lead in leads if lead is not None)
    if not known:
        return f"| {what} | {len(leads)} | 0 % | | |"
    share = f"{100 * len(known) / len(leads):.0f} %"
    return f"| {what} | {len(leads)} | {share} | {words(known[len(known) // 2])} | {words(known[len(known) // 10])} |"


KINDS: dict[str, Callable[[Outlook], bool]] = {
    "a limit is near": lambda one: one.limit is not None,
    "no checkpoint location": lambda one: "checkpoint location" in one.reason,
    "no checkpoint for long": lambda one: one.reason.startswith("no checkpoint for"),
    "interrupted often without progress": lambda one: (
        one.reason.startswith("interrupted") and "location" not in one.reason
    ),
}


def _false_alarms(completed: Sequence[Watched]) -> Iterator[str]:
    alarmed = [one for one in completed if one.risky]
    lost = [one for one in alarmed if any(lost >= LOSS for _, lost in one.job.lost)]
    share = 100 * len(alarmed) / len(completed)
    time = 100 * sum(one.share for one in completed) / len(completed)
    yield (
        f"Of {len(completed)} jobs that completed, {len(alarmed)} ({share:.0f} %) were `at risk` or "
        f"`will be stopped` at some time, on average for {time:.0f} % of their time. {len(lost)} of the {len(alarmed)} had "
        "lost an hour of training or more to an interruption; the others are false alarms as far as the end "
        "counts. By reason (a job can have several):"
    )
    yield ""
    yield "| reason | completed jobs with it |"
    yield "|---|---|"
    for kind, is_it in KINDS.items():
        yield f"| {kind} | {sum(any(map(is_it, one.risky)) for one in alarmed)} |"
