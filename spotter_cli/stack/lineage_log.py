"""The log of a lineage: lines from CloudWatch Logs, and marks from the ledger between them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain, islice

from spotter.aws.reports.lineages import lineage
from spotter.aws.reports.log_streams import JobLog, LogNotReadable, no_lines
from spotter.core.ledger.attempt import AttemptRecord
from spotter.core.ledger.job_record import JobRecord
from spotter.core.ledger.lineage_rows import RecordedAttempt
from spotter.core.model import console_links
from spotter.core.model.endings import Ending
from spotter.core.reports.job_log import (
    ENDING,
    LogEntry,
    LogLine,
    LogMark,
    from_the_first_line,
    in_order,
    marks,
)
from spotter.core.reports.lineage import AttemptView
from spotter_cli.errors import CommandError
from spotter_cli.stack.deployed import Deployed

LATE = timedelta(minutes=2)
"""Lines can arrive so long after an attempt has ended."""


@dataclass
class LineageLog:
    """The log of the lineage that a job belongs to; of one attempt where `number` is given.

    What was returned once is not returned again by `news`, nor what lies before the last lines. Without the permission to read it, each
    of these raises CommandError with the address of the log in the console.
    """

    spotter: Deployed
    head: JobRecord
    clock: Callable[[], datetime]
    number: int | None = None
    _logs: dict[str, JobLog] = field(default_factory=dict)
    _shown: set[LogMark] = field(default_factory=set)
    _before: set[str] = field(default_factory=set)

    def last(self, count: int) -> list[LogEntry]:
        """The last lines, and the marks between and after them; nothing if there is no line."""
        logs, found = self._read()
        newest_first = chain.from_iterable(log.newest_first(count) for log in reversed(logs))
        with self._one_sentence():
            lines = [*islice(newest_first, count)][::-1]
        self._before |= {log.head.id.name for log in logs[:-1] if not log.tokens}
        if not lines:
            self._shown.clear()  # the first line will come with its attempt
        return [*from_the_first_line(found, lines)] if lines else []

    def since(self, since: datetime) -> Iterator[LogEntry]:
        """The lines since then with the marks, read as they are taken; nothing if there is no line."""
        logs, found = self._read()
        lines = chain.from_iterable(log.since(since) for log in logs)
        with self._one_sentence():
            first = [*islice(lines, 1)]
            if not first:
                self._shown = {mark for mark in found if mark.at < since}
            yield from from_the_first_line(found, chain(first, lines)) if first else ()

    def news(self) -> tuple[list[LogEntry], bool]:
        """What was written and what happened since the last reading, and whether more can come."""
        known = set(self._shown)
        logs, found = self._read()
        with self._one_sentence():
            read = [self._more(log) for log in logs if log.head.id.name not in self._before]
        lines = sorted(chain.from_iterable(read), key=lambda one: one.at)
        return [*in_order(set(found) - known, lines)], self._goes_on

    def _more(self, log: JobLog) -> list[LogLine]:
        """What came since; an attempt that ended long ago, and has no more lines, is not read again."""
        found, ended = log.more(), log.head.ended
        if not found and ended and self.clock() - ended > LATE:
            self._before.add(log.head.id.name)
        return found

    def why_empty(self) -> str:
        """A sentence about a log without lines, and where the log is in the console."""
        newest = self._newest
        with self._one_sentence():
            streams = any(log.streams() for log in self._logs.values())
        return with_link(no_lines(newest, streams=streams), newest)

    def instances(self, job: str) -> int:
        """How many instances the attempt of this name has, whose lines have been read."""
        return sum(count for _, count in self._logs[job].head.instances)

    def is_empty(self) -> bool:
        """True if no line was ever written, or none is left."""
        return not LineageLog(self.spotter, self.head, self.clock, self.number).last(1)

    def _read(self) -> tuple[list[JobLog], list[LogMark]]:
        """The logs of the attempts that are wanted, and their marks, as the ledger has them now."""
        ledger = self.spotter.ledger
        head = ledger.heads([self.head.id]).get(self.head.id, self.head)
        every, following = lineage(ledger, head)
        attempts = [one for one in every if self.number in (None, one.number)]
        if not attempts:
            numbers = ", ".join(str(one.number) for one in every)
            raise CommandError(f"There is no attempt {self.number}: the lineage has {numbers}.")
        self._newest = attempts[-1].head
        newest = attempts[-1]
        waits = newest.head.running or _is_undecided(newest)
        self._goes_on = waits if self.number else can_go_on(newest, following)
        found = [mark for one in attempts for mark in self._marks(one)]
        self._shown.update(found)
        return [self._log(one.head) for one in attempts], found

    def _log(self, head: JobRecord) -> JobLog:
        kept = self._logs.setdefault(head.id.name, JobLog(self.spotter.client("logs"), head))
        kept.head = head
        return kept

    def _marks(self, one: RecordedAttempt) -> Iterator[LogMark]:
        """What happened to it; its ending only once it is known whose stop it was."""
        timeline = self.spotter.ledger.timeline(one.head.id)
        found = marks(AttemptView(one.head, timeline, self.clock()))
        return (mark for mark in found if mark.kind != ENDING or not _is_undecided(one))

    @contextmanager
    def _one_sentence(self) -> Iterator[None]:
        try:
            yield
        except LogNotReadable as reason:
            raise CommandError(with_link(str(reason), self._newest)) from None


def _is_undecided(one: RecordedAttempt) -> bool:
    """True of a stop about which resubmit has not said yet, within seconds, whether it was Spotter's own."""
    if one.head.ending is not Ending.STOPPED or one.ended is None:
        return False
    return one.ended.settled is None and one.ended.held is None


def can_go_on(last: RecordedAttempt, following: AttemptRecord | None) -> bool:
    """Whether lines can still come: it runs, or a next attempt is decided about or on its way."""
    if last.head.running:
        return True
    if following is not None:
        return following.state != "abandoned"
    completed = last.head.ending is Ending.COMPLETED
    return not completed and last.ended is not None and last.ended.settled is None


def with_link(sentence: str, head: JobRecord) -> str:
    """A sentence about a log, and where the log is in the console; as it is where no console is known."""
    link = console_links.logs(head.id)
    return f"{sentence} In the console: {link}" if link else sentence
