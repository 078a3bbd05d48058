"""The settings that each Lambda function gets when it is deployed.

The stack writes a function's environment from these fields and the handler reads it back from them,
so that the two cannot drift. A setting that is missing is named when the function starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Self

PREFIX = "SPOTTER_"


class MissingSetting(RuntimeError):
    """The environment lacks a setting that the function needs."""


@dataclass(frozen=True, kw_only=True)
class FunctionSettings:
    """The setting of every function: the stack that it belongs to."""

    stack: str

    def environment(self) -> dict[str, str]:
        """The environment variables that carry these settings."""
        return {_variable(f.name): getattr(self, f.name) for f in fields(self)}

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> Self:
        """These settings out of an environment; MissingSetting names all that are absent."""
        missing = [_variable(f.name) for f in fields(cls) if not environment.get(_variable(f.name))]
        if missing:
            raise MissingSetting(f"not in the environment: {', '.join(missing)}")
        return cls(**{f.name: environment[_variable(f.name)] for f in fields(cls)})


def _variable(field: str) -> str:
    return PREFIX + field.upper()


@dataclass(frozen=True, kw_only=True)
class LedgerSettings(FunctionSettings):
    """The setting of every function that uses the ledger: the name of its table."""

    ledger: str


class RecordSettings(LedgerSettings):
    """record needs the ledger only."""


@dataclass(frozen=True, kw_only=True)
class AlertSettings(LedgerSettings):
    """alert publishes to a topic."""

    topic: str


@dataclass(frozen=True, kw_only=True)
class ResubmitSettings(LedgerSettings):
    """resubmit reads two SSM parameters: the switch, and the fingerprint of the policy.

    `time_limit` is how many seconds the function may take.
    """

    switch: str
    policy_in_force: str
    time_limit: str


@dataclass(frozen=True, kw_only=True)
class SweepSettings(LedgerSettings):
    """sweep sends hints to the intake queue (a URL)."""

    intake: str


@dataclass(frozen=True, kw_only=True)
class SlackSettings(FunctionSettings):
    """notify_slack reads a secret (an ARN) and sends failed messages to a queue (a URL); no ledger."""

    secret: str
    dead_letters: str


class DashboardSettings(LedgerSettings):
    """dashboard needs the ledger only."""
