"""What can go wrong with one call of AWS, and when: at calls by their number, or by chance."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

from tests.support.spotter_in_one_process import Killed

Answer = dict[str, Any]


class Fault(StrEnum):
    """One way in which a call goes wrong."""

    DIES_BEFORE = "the function dies before the call"
    DIES_AFTER = "the function dies after the call"
    THROTTLED = "the call is throttled"
    LOST = "the call is done, its answer is lost"
    DENIED = "the call is denied"
    BROKEN = "the service answers with an error of its own"
    PARTIAL = "the call is done in part"


PARTIAL = {
    ("dynamodb", "batch_get_item"),
    ("dynamodb", "query"),
    ("sagemaker", "list_training_jobs"),
    ("sagemaker", "list_tags"),
    ("s3", "list_objects_v2"),
    ("sqs", "send_message_batch"),
}
"""Calls that may do less than was asked for and say so."""
REFUSALS = {
    Fault.THROTTLED: ("ThrottlingException", 400),
    Fault.DENIED: ("AccessDeniedException", 400),
    Fault.BROKEN: ("InternalServerError", 500),
}
Serve = Callable[[str, str, Answer], Answer]


def applies(fault: Fault, service: str, method: str) -> bool:
    return fault is not Fault.PARTIAL or (service, method) in PARTIAL


@dataclass
class FaultyCalls:
    """Hands calls on, and lets some of them go wrong. Calls count only while a function runs (`watched`).

    `at` are calls by their number. With a `rate`, any call may go wrong by chance.
    """

    serve: Serve
    at: dict[int, Fault] = field(default_factory=dict)
    rate: float = 0.0
    chance: random.Random = field(default_factory=random.Random)
    watched: bool = False
    dead: bool = False
    made: list[tuple[str, str]] = field(default_factory=list)
    fired: Counter[Fault] = field(default_factory=Counter)

    def answer(self, service: str, method: str, request: Answer) -> Answer:
        if not self.watched:
            return self.serve(service, method, request)
        if self.dead:  # nothing of a function runs once it died
            raise Killed
        self.made.append((service, method))
        fault = self._fault(service, method)
        if fault is None:
            return self.serve(service, method, request)
        self.fired[fault] += 1
        return self._goes_wrong(fault, service, method, request)

    def _fault(self, service: str, method: str) -> Fault | None:
        fault = self.at.get(len(self.made) - 1)
        if fault is None and self.rate and self.chance.random() < self.rate:
            fault = self.chance.choice(list(Fault))
        return fault if fault and applies(fault, service, method) else None

    def _goes_wrong(self, fault: Fault, service: str, method: str, request: Answer) -> Answer:
        if fault in REFUSALS:
            code, status = REFUSALS[fault]
            error: Any = {"Error": {"Code": code, "Message": "as planned"}}
            raise ClientError(error | {"ResponseMetadata": {"HTTPStatusCode": status}}, method)
        if fault is Fault.DIES_BEFORE:
            self._die()
        if fault is Fault.PARTIAL:
            return self._in_part(service, method, request)
        try:
            return self.serve(service, method, request)
        finally:  # also where it is refused
            if fault is Fault.DIES_AFTER:
                self._die()
            raise ReadTimeoutError(endpoint_url=service)

    def _die(self) -> None:
        self.dead = True
        raise Killed

    def _in_part(self, service: str, method: str, request: Answer) -> Answer:
        """Half of what was asked for, and where to go on."""
        if method == "batch_get_item":
            ((table, asked),) = request["RequestItems"].items()
            half = len(asked["Keys"]) // 2
            now, later = asked["Keys"][:half], asked["Keys"][half:]
            found = self._some(service, method, table, asked, now)
            return found | {"UnprocessedKeys": {table: asked | {"Keys": later}}}
        if method == "query":
            return self.serve(service, method, request | {"Limit": 1})
        if method == "list_training_jobs":
            return self.serve(service, method, request | {"MaxResults": 1})
        if method == "send_message_batch":
            entries = request["Entries"]
            half = len(entries) // 2
            rest = [
                {"Id": e["Id"], "Code": "InternalError", "SenderFault": False}
                for e in entries[half:]
            ]
            done = (
                self.serve(service, method, request | {"Entries": entries[:half]}) if half else {}
            )
            return {"Successful": done.get("Successful", []), "Failed": rest}
        return self.serve(service, method, request | {"page": 1})

    def _some(
        self, service: str, method: str, table: str, asked: Answer, keys: list[Any]
    ) -> Answer:
        if not keys:
            return {"Responses": {table: []}}
        return self.serve(service, method, {"RequestItems": {table: asked | {"Keys": keys}}})
