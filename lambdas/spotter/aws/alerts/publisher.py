"""Publishing pending alerts: at least once, and not too often.

An alert that cannot be published now stays pending. The next function that finds a free slot publishes it;
at the latest, the sweep wakes one.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from spotter.aws.ledger.jobs import Conflict
from spotter.aws.ledger.table import Ledger
from spotter.core.alerts import outbox, rate_limit
from spotter.core.alerts.outbox import Publishable
from spotter.core.ledger.alert import is_passed_over, is_pending, passed_over
from spotter.core.ledger.publish import PublishSlot, number_in
from spotter.core.ledger.row_keys import PUBLISHES, Key
from spotter.core.ledger.typed_row import StoredRow
from spotter.core.ledger.validation import Malformed

AT_ONCE = 8
MOST_REFUSED = 3
TRIES = 5


@dataclass
class Published:
    """What one invocation published: publishes, alerts in them; what SNS refused.

    `tried` are the keys of all that it published or that SNS refused: this invocation tries none of them again.
    """

    publishes: int = 0
    alerts: int = 0
    refusals: list[str] = field(default_factory=list)
    tried: set[Key] = field(default_factory=set)


@dataclass(frozen=True)
class Publisher:
    """The topic, the ledger, and the name of the stack, whose command line and dashboard list all.

    `sns` tries a publish once: a client that retried by itself would publish more than its slots allow.
    """

    ledger: Ledger
    sns: Any
    topic: str
    stack: str
    clock: Callable[[], datetime]

    def publish(self, fresh: Sequence[Key], enough_time: Callable[[], bool]) -> Published:
        """Publish pending alerts, the `fresh` ones too, as far as slots and time allow."""
        done = Published()
        while enough_time() and len(done.refusals) < MOST_REFUSED:
            if not self._publish_next(fresh, done):
                break
        return done

    def _publish_next(self, fresh: Sequence[Key], done: Published) -> bool:
        """One publish, or one try at it; False where nothing is pending, or no slot is free."""
        now = self.clock()
        newest, slots = self._slots(now, done)
        if rate_limit.recent(slots, now) >= rate_limit.MOST_A_MINUTE:
            return False
        left_out = rate_limit.being_published(slots, now) | done.tried
        waiting = outbox.together(self._pending(fresh, left_out, done))
        batch = rate_limit.next_batch(waiting, slots, now)
        slot = PublishSlot(newest + 1, self.clock(), tuple(record.key for record in batch))
        if not batch or not self.ledger.put_new(slot):
            return bool(batch)  # a conflict: read and decide again
        done.tried |= set(slot.alerts)
        refusal = self._send(batch)
        if refusal is None:
            self._mark(batch)
            self.ledger.replace(slot, slot.published(self.clock()))
            done.publishes += 1
            done.alerts += len(batch)
            return True
        if isinstance(refusal, ClientError):
            self.ledger.replace(slot, slot.given_back())
        done.refusals.append(repr(refusal))
        return True

    def _slots(self, now: datetime, done: Published) -> tuple[int, list[PublishSlot]]:
        """The number of the newest slot, 0 if there is none, and those that may count."""
        newest, recent = 0, []
        for row in self.ledger.newest_first(PUBLISHES, 2 * rate_limit.MOST_A_MINUTE):
            newest = newest or number_in(row.key) or 0
            try:
                slot = rate_limit.read(row, now)
            except Malformed as malformed:
                self._pass_over(row, malformed, done)
                continue
            if rate_limit.is_past(slot, now):
                break
            recent.append(slot)
        return newest, recent

    def _pending(
        self, fresh: Sequence[Key], left_out: set[Key], done: Published
    ) -> list[Publishable]:
        """Pending alerts, and monthly digests, that no function publishes now: from the index, which may lag, and the `fresh`."""
        listed = (alert.key for alert in self.ledger.pending_alerts())
        others = (key for key in listed if key not in left_out)
        keys = dict.fromkeys([*islice(others, rate_limit.IN_A_DIGEST), *fresh])
        found = self.ledger.all_stored(key for key in keys if key not in left_out)
        pending: list[Publishable] = []
        for row in filter(is_pending, found.values()):
            try:
                pending.append(outbox.publishable(row))
            except Malformed as malformed:
                self._pass_over(row, malformed, done)
        return sorted(pending, key=lambda record: record.order)

    def _pass_over(self, row: StoredRow, malformed: Malformed, done: Published) -> None:
        """A row that no function of ours put hinders no other, and is reported once."""
        if is_passed_over(row):
            return
        done.tried.add(malformed.key)
        with suppress(Conflict):  # whoever changed it meanwhile reports it, or the next one does
            self.ledger.replace(row, passed_over(row, self.clock()))
            self.ledger.report(malformed)

    def _send(self, batch: Sequence[Publishable]) -> ClientError | BotoCoreError | None:
        """SNS's error, if any; a ClientError means that nothing was published."""
        message = outbox.message(batch, self.stack)
        try:
            self.sns.publish(TopicArn=self.topic, **message)
        except (ClientError, BotoCoreError) as refusal:
            return refusal
        return None

    def _mark(self, batch: Sequence[Publishable]) -> None:
        """A few at once; a function that dies amid them leaves the rest to be published again."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._mark_one, batch))

    def _mark_one(self, record: Publishable) -> None:
        """The sweep may put a row again meanwhile, and then it is marked as it stands now."""
        for _ in range(TRIES):
            try:
                self.ledger.replace(record, record.published(self.clock()))
            except Conflict:
                row = self.ledger.stored(record.key)
                if row is None or not is_pending(row):
                    return
                record = outbox.read(row)
            else:
                return
        raise Conflict(" ".join(record.key))
