"""What only a checkout of Spotter's repository has: the package laptop."""

from collections.abc import Iterator
from contextlib import contextmanager

from spotter_cli.errors import CommandError

NO_CHECKOUT = (
    "spotter laptop and spotter demo need a checkout of Spotter's repository, and the installed package "
    "is none: run `make demo` in a checkout."
)


@contextmanager
def checkout() -> Iterator[None]:
    """The body may import laptop; CommandError where it is not there, or not ready for the command."""
    try:
        from laptop.location import NotReady
    except ModuleNotFoundError as missing:
        if missing.name != "laptop":
            raise
        raise CommandError(NO_CHECKOUT) from None
    try:
        yield
    except NotReady as reason:
        raise CommandError(str(reason)) from None
