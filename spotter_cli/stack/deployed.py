"""The deployed stack as a command sees it: remarks on standard error, and errors that end the command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from spotter.aws.deployed_stack import (
    ON_THE_COMMAND_LINE,
    DeployedStack,
    StackError,
    errors_in_words,
)
from spotter_cli.errors import CommandError
from spotter_cli.output.terminal import print_note

if TYPE_CHECKING:
    from pathlib import Path

    from spotter.core.policy.model import Policy
    from spotter.core.prices.table import PriceTable


class Deployed(DeployedStack):
    """The stack's outputs, and what makes a client of a service to reach what they name."""

    spelled = ON_THE_COMMAND_LINE
    without_a_policy = "defaults are used; use --policy to name the policy file."

    def remark(self, sentence: str) -> None:
        print_note(sentence)

    def output(self, name: str, what: str) -> str:
        """An output; CommandError where the policy left out what it names."""
        if name not in self.outputs:
            raise CommandError(
                f'The stack {self.stack} has no {what}: its policy\'s mode is "off".'
            )
        return self.outputs[name]


def policy_of(spotter: Deployed, file: "Path | None") -> "Policy | None":
    """The policy in the named file, else the deployed one; None if unknown."""
    from spotter.core.policy.parse import read_policy

    return read_policy(file) if file else spotter.policy


def prices_of(spotter: Deployed, file: "Path | None") -> "PriceTable | None":
    """The prices in the named file, else the deployed ones; None if there are none."""
    if file is None:
        return spotter.prices
    from spotter.core.prices.file import PriceFileError, read

    try:
        return read(str(file), file.read_text("utf-8"), region=spotter.here.region)
    except OSError as reason:
        raise CommandError(f"{file} cannot be read: {reason.strerror or reason}.") from None
    except (PriceFileError, UnicodeDecodeError) as error:
        raise CommandError(str(error)) from None


@contextmanager
def connected(
    stack: str, region: str | None, profile: str | None, *, any_version: bool = False
) -> Iterator[Deployed]:
    """The deployed stack; an error of AWS within the body becomes one sentence.

    So does a stack that is too new or too old for this command line, unless `any_version` will do.
    """
    with one_line_errors(stack):
        found = Deployed.find(stack, region, profile)
        if not any_version:
            found.require_compatible()
        yield found


@contextmanager
def one_line_errors(stack: str) -> Iterator[None]:
    """An error of AWS becomes a CommandError of one sentence."""
    try:
        with errors_in_words(stack, ON_THE_COMMAND_LINE):
            yield
    except StackError as reason:
        raise CommandError(str(reason)) from None
