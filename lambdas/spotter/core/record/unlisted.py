"""Which running jobs of the ledger a listing leaves out, found page by page.

Theory. SageMaker lists jobs in the order of their creation, and the ledger knows the running ones in the
same order. So the two are walked side by side, and neither is ever held as a whole: when a page ends at
an instant, whatever the ledger has before that instant was on a page or is not listed at all. Jobs that
were created at that very instant may be on the next page; those on this one are kept in mind until then.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from spotter.core.model.identity import JobId


class Unlisted:
    """Running jobs, in the order of their creation, beside pages of a listing in the same order.

    `ahead` is the oldest that was not compared yet, None if there is none.
    """

    def __init__(self, running: Iterator[JobId]) -> None:
        self._running = running
        self.ahead: JobId | None = next(running, None)
        self._listed: set[JobId] = set()

    def beside(self, page: Iterable[JobId]) -> Iterator[JobId]:
        """Those created before the page's last instant that were on no page. Take all of them before
        the next page.
        """
        self._listed.update(page)
        end = max((job.created for job in self._listed), default=None)
        if end is None:
            return
        yield from self._until(end)
        self._listed = {job for job in self._listed if job.created >= end}

    def after_the_last(self) -> Iterator[JobId]:
        """Those that were on no page, once there is no other page."""
        yield from self._until(None)

    def _until(self, end: datetime | None) -> Iterator[JobId]:
        while self.ahead and (end is None or self.ahead.created < end):
            job, self.ahead = self.ahead, next(self._running, None)
            if job not in self._listed:
                yield job
