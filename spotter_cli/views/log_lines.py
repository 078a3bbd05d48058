"""How log lines are shown: a time, the line, and marks for attempts, interruptions and endings."""

import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model import console_links
from spotter.core.reports.job_log import LogEntry, LogLine, LogMark
from spotter_cli.errors import CommandError
from spotter_cli.output.terminal import escaped, print_note
from spotter_cli.output.times import clock
from spotter_cli.stack.deployed import Deployed
from spotter_cli.stack.lineage_log import LineageLog

ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-_])")
"""Colours, cursor movements and titles, which training code writes for a terminal."""
READS_AFTER_THE_END = 3
"""Lines can arrive a little after a job has ended."""


def as_json(entry: LogEntry) -> str:
    """One JSON object in one line."""
    return escaped(json.dumps(entry.facts, ensure_ascii=False))


def as_text(log: LineageLog, zone: tzinfo) -> Callable[[LogEntry], str]:
    """A line for people; it names the instance that wrote it where its job has several."""

    def text(entry: LogEntry) -> str:
        when = clock(entry.at, zone)
        if isinstance(entry, LogMark):
            return f"{when} ==== {entry.text} ===="
        source = f"[{entry.instance}] " if log.instances(entry.job) > 1 else ""
        return f"{when} {source}{readable(entry.message)}"

    return text


@dataclass(frozen=True)
class LastLines:
    """The last lines of a log, for a command that shows more; `entries` is None where there are none."""

    log: LineageLog | None = None
    entries: list[LogEntry] | None = None

    @classmethod
    def read(cls, spotter: Deployed, head: JobRecord, count: int | None) -> "LastLines":
        """Nothing without a count; where the log cannot be read or is empty, a remark gives the reason."""
        if count is None:
            return cls()
        log = LineageLog(spotter, head, lambda: datetime.now(UTC))
        try:
            if found := log.last(count):
                return cls(log, found)
            print_note(log.why_empty())
        except CommandError as reason:
            print_note(str(reason))
        return cls(log)

    @property
    def facts(self) -> dict[str, Any]:
        """For scripts; no member where no lines were wanted, null where there are none."""
        if self.log is None:
            return {}
        return {"log": None if self.entries is None else [one.facts for one in self.entries]}

    def in_words(self, zone: tzinfo) -> Iterator[str]:
        """Below an empty line."""
        if self.log and self.entries:
            yield ""
            yield from map(as_text(self.log, zone), self.entries)


def readable(message: str) -> str:
    """A message without what was meant for a terminal: colours, tabs, what a progress bar overwrote."""
    lines = ESCAPES.sub("", message).rstrip("\r\n").splitlines() or [""]
    return " | ".join(line.rpartition("\r")[2].replace("\t", "    ") for line in lines)


def followed(log: LineageLog, interval: float) -> Iterator[LogEntry]:
    """What comes, until no attempt runs and none is to follow."""
    left = READS_AFTER_THE_END
    while left:
        entries, goes_on = log.news()
        yield from entries
        left = READS_AFTER_THE_END if goes_on or any(map(_is_line, entries)) else left - 1
        if left:
            time.sleep(interval)


def _is_line(entry: LogEntry) -> bool:
    return isinstance(entry, LogLine)


def console(head: JobRecord) -> str:
    """`, or <address>`; empty where no console is known."""
    link = console_links.logs(head.id)
    return f", or {link}" if link else ""
