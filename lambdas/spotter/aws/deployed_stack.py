"""A Spotter that is deployed somewhere: found by its stack's outputs, with the caller's credentials.

The command line and `spotter.connect()` stand on it; no function of the stack does. What reaches AWS is
imported when it is needed, since a command line that only prints its help needs none of it.
"""

import json
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Self

if TYPE_CHECKING:
    from datetime import timedelta

    from spotter.aws.ledger.table import Ledger
    from spotter.core.model.hints import AccountRegion
    from spotter.core.policy.model import Policy
    from spotter.core.prices.table import PriceTable


ON_THE_COMMAND_LINE, IN_PYTHON = "--{}", "{}="
"""How an option is spelled to whoever reads a message."""


class StackError(Exception):
    """The deployed stack cannot be read; the message is one sentence: the cause, and what to do."""


@dataclass(frozen=True)
class DeployedStack:
    """The stack's outputs, and what makes a client of a service to reach what they name."""

    client: Callable[[str], Any]
    stack: str
    outputs: dict[str, str]
    spelled: ClassVar[str] = IN_PYTHON

    @classmethod
    def find(cls, stack: str, region: str | None, profile: str | None) -> Self:
        """The stack of this name; StackError if it is none of Spotter's, AWS's error if there is none."""
        import boto3

        session: Any = boto3.Session(profile_name=profile, region_name=region)
        client = _clients(session)
        described = client("cloudformation").describe_stacks(StackName=stack)
        held = described["Stacks"][0].get("Outputs", ())
        outputs = {output["OutputKey"]: output["OutputValue"] for output in held}
        if "LedgerName" not in outputs:
            raise StackError(
                f"The stack {stack} is not a stack of Spotter: it has no output LedgerName. Use {cls.spelled.format('stack')} to name another."
            )
        return cls(client, stack, outputs)

    def require_compatible(self) -> None:
        """StackError where the stack is too new or too old for what reads it here."""
        from spotter.core import version

        if reason := version.incompatible(self.stack, self.outputs.get(version.OUTPUT)):
            raise StackError(reason)

    def remark(self, sentence: str) -> None:
        """Something that the reader should know, and that does not stop anything."""
        warnings.warn(sentence, stacklevel=3)

    without_a_policy = "defaults are used."
    """What follows where the policy cannot be read."""

    @cached_property
    def ledger(self) -> "Ledger":
        from spotter.aws.ledger.table import Ledger

        return Ledger(self.client("dynamodb"), self.outputs["LedgerName"])

    def watches(self, location: str | None) -> bool | None:
        """Whether the sweep lists this location for checkpoints; None if that is not known."""
        from spotter.core.checkpoints.watched_locations import OUTPUT, WatchedLocations

        places = WatchedLocations.read(self.outputs.get(OUTPUT))
        return places.holds(location) if places and location else None

    @property
    def checkpoint_quiet(self) -> "timedelta | None":
        """For how long a job may train without a checkpoint, by the policy; None where it does not say."""
        from spotter.core.checkpoints.watched_locations import QUIET_OUTPUT, quiet_in

        return quiet_in(self.outputs.get(QUIET_OUTPUT))

    @property
    def has_deadlines(self) -> bool:
        """True if the policy has a rule that sets deadlines, by an output of the stack."""
        from spotter.core.policy.model import DEADLINES_OUTPUT

        return self.outputs.get(DEADLINES_OUTPUT) == "true"

    @cached_property
    def policy(self) -> "Policy | None":
        """The policy that the stack was made from; None, with a remark, where it cannot be read."""
        from botocore.exceptions import BotoCoreError, ClientError

        from spotter.core.policy.parse import IN_TEMPLATE, PolicyMistakes, parse_policy

        try:
            text = self._metadata.get(IN_TEMPLATE)
        except (ClientError, BotoCoreError) as error:
            return self._unknown(f"The deployed policy cannot be read ({_code(error)})")
        if not text:
            return self._unknown(
                f"The stack {self.stack} holds no policy, because an older version of Spotter deployed it"
            )
        try:
            return parse_policy(f"the policy of {self.stack}", text)
        except PolicyMistakes:
            return self._unknown(
                f"The policy of {self.stack} was written for another version of Spotter"
            )

    def _unknown(self, reason: str) -> "Policy | None":
        self.remark(f"{reason}: {self.without_a_policy}")
        return None

    @cached_property
    def prices(self) -> "PriceTable | None":
        """The prices that the stack carries; None where it carries none, or with a remark if they cannot be read."""
        from botocore.exceptions import BotoCoreError, ClientError

        from spotter.core.prices.file import IN_TEMPLATE, PriceFileError, read

        try:
            text = self._metadata.get(IN_TEMPLATE)
            source = f"the price file of {self.stack}"
            return read(source, text, region=self.here.region) if text else None
        except (ClientError, BotoCoreError) as error:
            self.remark(
                f"The deployed prices cannot be read ({_code(error)}): use {self.spelled.format('prices')} to "
                "name a price file."
            )
        except PriceFileError as error:
            self.remark(str(error))
        return None

    @property
    def _metadata(self) -> "dict[str, Any]":
        """What the stack's template carries for readers."""
        return self.template.get("Metadata") or {}

    @cached_property
    def template(self) -> "dict[str, Any]":
        """The template that is deployed."""
        answer = self.client("cloudformation").get_template(StackName=self.stack)
        body = answer["TemplateBody"]
        held: dict[str, Any] = body if isinstance(body, dict) else json.loads(body)
        return held

    @cached_property
    def here(self) -> "AccountRegion":
        from spotter.core.model.hints import AccountRegion

        return AccountRegion.of(self.outputs["AlertsTopicArn"])


def _code(error: Any) -> str:
    response = getattr(error, "response", None)
    return response["Error"]["Code"] if response else type(error).__name__


def _clients(session: Any) -> Callable[[str], Any]:
    """One client of each service; of the ledger many rows are read at once, and taken as they come."""

    @cache
    def client(service: str) -> Any:
        made = session.client(service)
        if service == "dynamodb":
            from spotter.aws.ledger import codec

            return codec.as_it_comes(made)
        return made

    return client


@contextmanager
def errors_in_words(stack: str, spelled: str) -> Iterator[None]:
    """An error of AWS becomes a StackError: the operation, the error code and the message."""
    from botocore import exceptions as aws

    try:
        yield
    except aws.ClientError as error:
        raise StackError(_refused(error, stack, spelled)) from None
    except aws.NoRegionError:
        option = spelled.format("region")
        raise StackError(f"No Region is configured: use {option}, or set AWS_REGION.") from None
    except (aws.NoCredentialsError, aws.PartialCredentialsError):
        option = spelled.format("profile")
        raise StackError(f"No AWS credentials are found: use {option}, or log in.") from None
    except aws.ProfileNotFound as error:
        raise StackError(f"{error}.") from None
    except aws.BotoCoreError as error:
        raise StackError(f"AWS could not be reached: {' '.join(str(error).split())}") from None


def _refused(error: Any, stack: str, spelled: str) -> str:
    details = error.response["Error"]
    code, message = details.get("Code", "Unknown"), " ".join(details.get("Message", "").split())
    if error.operation_name == "DescribeStacks" and "does not exist" in message:
        one, two, three = map(spelled.format, ("stack", "region", "profile"))
        return f"Stack {stack} not found in this account and Region: use {one}, {two} or {three}."
    return f"{error.operation_name} failed with {code}: {message or 'AWS gives no reason'}"
