"""Publishing pending alerts: at least once, and not too often.

What cannot be said now stays where it is. The next function that finds a slot takes it along, and at
the latest the sweep makes the stream speak of it again.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from spotter.aws.ledger.table import Conflict, Ledger
from spotter.core.alerts import outbox, rate_limit, sns_message
from spotter.core.alerts.outbox import alert_in, is_pending
from spotter.core.alerts.rate_limit import Key
from spotter.core.ledger import row_keys
from spotter.core.ledger.row_keys import OPEN_SK, PK, SK, Row
from spotter.core.ledger.validation import Malformed

AT_ONCE = 8
MOST_REFUSED = 3
TRIES = 5


@dataclass
class Published:
    """What one invocation published: publishes, alerts in them; what SNS refused.

    `tried` are the keys of all that it published or that SNS refused: neither is its to try again.
    """

    publishes: int = 0
    said: int = 0
    refusals: list[str] = field(default_factory=list)
    tried: set[Key] = field(default_factory=set)


@dataclass(frozen=True)
class Publisher:
    """The topic, the ledger, and the name of the stack, whose command line and dashboard list all.

    `sns` tries a publish once: whoever tried again by itself would say more than its slots allow.
    """

    ledger: Ledger
    sns: Any
    topic: str
    stack: str
    clock: Callable[[], datetime]

    def say(self, fresh: Sequence[Key], enough_time: Callable[[], bool]) -> Published:
        """Publish pending alerts, the `fresh` ones too, as far as slots and time allow."""
        spoken = Published()
        while enough_time() and len(spoken.refusals) < MOST_REFUSED:
            if not self._say_next(fresh, spoken):
                break
        return spoken

    def _say_next(self, fresh: Sequence[Key], spoken: Published) -> bool:
        """One publish, or one try at it; False where nothing is left to say, or no slot is free."""
        now = self.clock()
        newest, slots = self._slots(now, spoken)
        if rate_limit.recent(slots, now) >= rate_limit.MOST_A_MINUTE:
            return False
        left_out = rate_limit.being_published(slots, now) | spoken.tried
        alerts = rate_limit.next_batch(self._waiting(fresh, left_out, spoken), slots, now)
        slot = rate_limit.slot(newest + 1, alerts, self.clock())
        if not alerts or not self.ledger.put_new(slot):
            return bool(alerts)  # outrun: hear and decide again
        spoken.tried |= {(alert[PK], alert[SK]) for alert in alerts}
        refusal = self._publish(alerts)
        if refusal is None:
            self._mark(alerts)
            self.ledger.replace(slot, rate_limit.published(slot, self.clock()))
            spoken.publishes += 1
            spoken.said += len(alerts)
            return True
        if isinstance(refusal, ClientError):
            self.ledger.replace(slot, rate_limit.returned(slot))
        spoken.refusals.append(repr(refusal))
        return True

    def _slots(self, now: datetime, spoken: Published) -> tuple[int, list[Row]]:
        """The number of the newest slot, 0 if there is none, and those that may count."""
        newest, recent = 0, []
        for row in self.ledger.newest_first(row_keys.PUBLISHES, page=2 * rate_limit.MOST_A_MINUTE):
            newest = newest or rate_limit.number(row) or 0
            if mistake := rate_limit.mistake(row, now):
                self._pass_over(row, mistake, spoken)
            elif rate_limit.is_past(row, now):
                break
            else:
                recent.append(row)
        return newest, recent

    def _waiting(self, fresh: Sequence[Key], left_out: set[Key], spoken: Published) -> list[Row]:
        """What is unsaid and nobody says: from the index, which may lag, and what was just put."""
        listed = ((row[PK], row[SK]) for row in self.ledger.unsaid())
        others = (key for key in listed if key not in left_out)
        asked = dict.fromkeys([*islice(others, rate_limit.IN_A_DIGEST), *fresh])
        found = self.ledger.get_all(key for key in asked if key not in left_out)
        unsaid = []
        for row in filter(is_pending, found.values()):
            if mistake := outbox.mistake(row):
                self._pass_over(row, mistake, spoken)
            else:
                unsaid.append(row)
        return sorted(unsaid, key=lambda row: (row[OPEN_SK], row[PK], row[SK]))

    def _pass_over(self, row: Row, mistake: str, spoken: Published) -> None:
        """A row that nobody here put hinders no other, and is reported once."""
        if "passed_over" in row:
            return
        spoken.tried.add((row[PK], row[SK]))
        with suppress(Conflict):  # whoever changed it meanwhile reports it, or the next one does
            self.ledger.replace(row, outbox.passed_over(row, self.clock()))
            self.ledger.report(Malformed((row[PK], row[SK]), mistake))

    def _publish(self, alerts: Sequence[Row]) -> ClientError | BotoCoreError | None:
        """What SNS said against it; a ClientError means that nothing was published."""
        said = [alert_in(row) for row in alerts]
        asked = sns_message.publishing(said, self.stack)
        try:
            self.sns.publish(TopicArn=self.topic, **asked)
        except (ClientError, BotoCoreError) as refusal:
            return refusal
        return None

    def _mark(self, alerts: Sequence[Row]) -> None:
        """A few at once; whoever dies amid them leaves the rest to be said again."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(self._mark_one, alerts))

    def _mark_one(self, alert: Row) -> None:
        """The sweep may nudge a row meanwhile, and then it is marked as it stands now."""
        row: Row | None = alert
        for _ in range(TRIES):
            if row is None or not is_pending(row):
                return
            try:
                self.ledger.replace(row, outbox.published(row, self.clock()))
            except Conflict:
                row = self.ledger.get(alert[PK], alert[SK])
            else:
                return
        raise Conflict(f"{alert[PK]} {alert[SK]}")
