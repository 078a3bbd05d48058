"""The price file that a deployment carries: `-c prices=FILE`, or `prices.json` beside the policy file.

It goes into the template's Metadata, for readers with the command line, and into the bundle, for the
functions that show amounts of money. It is no part of the policy: the policy's fingerprint, and so the date from
which its rules apply, stay as they are when prices are fetched anew.
"""

from pathlib import Path
from typing import NamedTuple

from constructs import Node

from infra.context import WrongContext
from spotter.core.prices.file import FILE_NAME, PriceFileError, read


class CarriedPrices(NamedTuple):
    """The file, and its text."""

    file: Path
    text: str

    @classmethod
    def find(cls, context: Node, policy: Path, region: str | None) -> "CarriedPrices | None":
        """The file that is named, else the one beside the policy; None if there is neither.

        WrongContext if it cannot be used, or holds the prices of another Region.
        """
        named = context.try_get_context("prices")
        file = Path(str(named)) if named else policy.with_name(FILE_NAME)
        if not named and not file.exists():
            return None
        try:
            text = file.read_text("utf-8")
            read(str(file), text, region=region)
        except (OSError, UnicodeDecodeError) as reason:
            raise WrongContext(f"The price file {file} cannot be read: {reason}.") from None
        except PriceFileError as mistake:
            raise WrongContext(str(mistake)) from None
        return cls(file, text)
