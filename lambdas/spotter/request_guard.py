"""The guard of a notebook or script: each CreateTrainingJob is checked just before botocore sends it.

Theory. Every SDK, wrapper and operator calls botocore in the end. Its event
`before-call.sagemaker.CreateTrainingJob` carries the request as it will be sent, after every handler that
may change it, and whatever a handler of this event raises ends the call before anything is sent
(https://botocore.amazonaws.com/v1/documentation/api/latest/topics/events.html). A client copies the
handlers of its session when it is made. So the guard is registered at every session and every client of
SageMaker that exist, and by `botocore.register_initializer` at every session that will be made. It stands
under one name, so that none calls it twice.

A client that was not made by a botocore session is not checked.
"""

import gc
import json
import sys
import warnings
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import botocore
from botocore.client import BaseClient
from botocore.session import Session

from spotter.core.check.findings import AccountState, CheckInput, Finding, FindingLevel, check
from spotter.core.check.request import Request, Unknown
from spotter.core.check.rules import RULES
from spotter.core.model.sanitize import line

EVENT = "before-call.sagemaker.CreateTrainingJob"
NAME = "spotter-guard"
LONGEST_TEXT = 400
"""Characters of one part of a finding: a request can hold anything."""

NOT_LOOKED_UP = Unknown("the guard calls no AWS API")
SEEN = AccountState(NOT_LOOKED_UP, NOT_LOOKED_UP, NOT_LOOKED_UP, NOT_LOOKED_UP)
POLICY = Unknown("the guard reads no policy")


class RequestWarning(UserWarning):
    """SageMaker refuses the request, or it is unwise on spot."""


class RequestRefused(Exception):
    """The request was not sent; the text names every finding, one a line."""


@dataclass
class Guard:
    """The guard of this process. `refuse` says whether a finding ends the call."""

    refuse: bool = False
    active: bool = False
    sessions: "weakref.WeakSet[Session]" = field(default_factory=weakref.WeakSet)
    clients: "weakref.WeakSet[BaseClient]" = field(default_factory=weakref.WeakSet)

    def __repr__(self) -> str:
        """What it does, and how many it watches now."""
        if not self.active:
            return "Spotter's guard is off."
        clients, sessions = len(self.clients), len(self.sessions)
        does = "refuses" if self.refuse else "warns about"
        return (
            f"Spotter's guard {does} unwise training jobs: it watches {_count(clients, 'client')} and "
            f"{_count(sessions, 'session')} that exist, and every later one."
        )

    def start(self) -> None:
        """Watch what exists and what will be made; once, however often it is called."""
        if not self.active:
            botocore.register_initializer(self._session)
            self.active = True
        for one in _existing(Session):
            self._session(one)
        for one in _existing(BaseClient):
            if one.meta.service_model.service_name == "sagemaker" and one not in self.clients:
                one.meta.events.register_last(EVENT, self.before_call, unique_id=NAME)
                self.clients.add(one)

    def stop(self) -> None:
        """Watch nothing any more."""
        if self.active:
            botocore.unregister_initializer(self._session)
        self.active = False
        for session in self.sessions:
            session.unregister(EVENT, unique_id=NAME)
        for client in self.clients:
            client.meta.events.unregister(EVENT, unique_id=NAME)
        self.sessions.clear()
        self.clients.clear()

    def _session(self, session: Session) -> None:
        if session not in self.sessions:
            session.get_component("event_emitter").register_last(
                EVENT, self.before_call, unique_id=NAME
            )
            self.sessions.add(session)

    def before_call(self, model: Any, params: Mapping[str, Any], **_: Any) -> None:
        """Warn of what the rules find in the request that is about to be sent; RequestRefused with `refuse`."""
        if not self.active:
            return  # a client that was made meanwhile keeps the handler
        members = _members(params.get("body"))
        if members is None:
            warnings.warn(UNREADABLE, RequestWarning, stacklevel=2)
            return
        found = [_words(one) for one in findings(members, model.input_shape)]
        if found and self.refuse:
            name = line(str(members.get("TrainingJobName")), LONGEST_TEXT)
            raise RequestRefused("\n".join([f"The training job {name} was not sent:", *found]))
        for one in found:
            warnings.warn(one, RequestWarning, stacklevel=2)


UNREADABLE = "Spotter's guard cannot read this request, which is not JSON, so it was not checked"


def findings(members: Mapping[str, Any], shape: Any) -> list[Finding]:
    """What is refused or unwise about a request; notes are left out."""
    inputs = CheckInput(Request("the request", members), POLICY, SEEN, shape)
    results = check(inputs, RULES)
    matters = (FindingLevel.REFUSED, FindingLevel.UNWISE)
    return [one for one in results if isinstance(one, Finding) and one.severity in matters]


def start(*, refuse: bool) -> Guard:
    """The one guard of this process."""
    _GUARD.refuse = refuse
    _GUARD.start()
    print(_GUARD, file=sys.stderr)
    return _GUARD


def _members(body: Any) -> Mapping[str, Any] | None:
    """The request as it is sent; None if it is no JSON object."""
    try:
        members = json.loads(body)
    except (TypeError, ValueError, RecursionError):
        return None
    return members if isinstance(members, dict) else None


def _words(finding: Finding) -> str:
    parts = (f"{finding.severity} {finding.where}: {finding.problem}", finding.remedy)
    return "; ".join(line(part, LONGEST_TEXT) for part in parts)


def _existing(kind: type[Any]) -> Iterator[Any]:
    """The objects of a kind in this process; a proxy is none, and is left as it is."""
    return (one for one in gc.get_objects() if issubclass(type(one), kind))


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


_GUARD = Guard()
