"""Which jobs are wanted: the same filter for the command line, an export and a notebook."""

from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase

from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import JobId
from spotter.core.model.job_states import FINISHED, RUNNING


@dataclass(frozen=True)
class JobFilter:
    """Which jobs: created from `since` up to `until`, and matching the other fields.

    `name` is the beginning of a name or a pattern; `state` is running, finished, a status or an ending,
    whatever its case. `tags` are keys and values that the ledger must hold of the job; with `at_risk`,
    only jobs whose outlook is that.
    """

    since: datetime
    until: datetime
    name: str = ""
    state: str = ""
    instance_type: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    at_risk: bool = False

    def may_be(self, job: JobId) -> bool:
        """Whether the name and the creation time match; nothing else needs to be read for that."""
        return self.since <= job.created < self.until and has_name(job, self.name)

    def matches(self, head: JobRecord) -> bool:
        """Whether all but the outlook matches."""
        kinds = [kind for kind, _ in head.instances]
        of_type = not self.instance_type or any(fnmatchcase(k, self.instance_type) for k in kinds)
        return of_type and set(self.tags) <= set(head.tags or ()) and self._in_state(head)

    def _in_state(self, head: JobRecord) -> bool:
        state = self.state.lower()
        if state in ("", RUNNING, FINISHED):
            return not state or head.running is (state == RUNNING)
        ending = head.ending.value if head.ending else ""
        shown = (head.status, head.secondary, ending) if head.running or ending else ()
        return state in map(str.lower, (*shown, head.outcome))


def has_name(job: JobId, wanted: str) -> bool:
    """Whether a job's name begins so or, where `wanted` holds `*`, `?` or `[`, matches this pattern."""
    pattern = wanted if any(mark in wanted for mark in "*?[") else f"{wanted}*"
    return fnmatchcase(job.name, pattern)
