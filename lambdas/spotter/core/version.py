"""This version of Spotter, and which deployed stacks its command line and notebooks work with.

A stack states its version in the output `SpotterVersion`. What a stack's version stands for are its
outputs and the rows of its ledger: a reader understands those of its own version and of older ones, down
to OLDEST_STACK, and of a newer one only what differs in the third number. A stack without the output
was deployed before there was one, and counts as OLDEST_STACK. This module imports nothing: it is all that
`spotter --version` needs.
"""

VERSION = "0.1.0"
OLDEST_STACK = "0.1.0"
"""Raise it only with a version that can no longer read what older stacks wrote."""
OUTPUT = "SpotterVersion"


def incompatible(stack: str, version: str | None, reader: str = VERSION) -> str | None:
    """Why a reader of this version cannot work with a stack, and what to do; None if it can."""
    found = _numbers(OLDEST_STACK if version is None else version)
    if found is None:
        return (
            f"The stack {stack} is of version {version}, which Spotter {reader} does not know: install the newest "
            "sagemaker-spotter."
        )
    ours, oldest = _numbers(reader), _numbers(OLDEST_STACK)
    assert ours
    assert oldest
    if found[:2] > ours[:2]:
        return (
            f"The stack {stack} is of version {version}, and this Spotter is {reader}, which is too old for it: "
            f"install sagemaker-spotter {version} or newer."
        )
    if found < oldest:
        return (
            f"The stack {stack} is of version {version}, and this Spotter is {reader}, which reads stacks from "
            f"{OLDEST_STACK} on: deploy a newer Spotter, or install sagemaker-spotter {version}."
        )
    return None


def _numbers(version: str) -> tuple[int, ...] | None:
    """`(0, 1, 0)`; None for what is not three numbers."""
    parts = version.split(".")
    known = len(parts) == 3 and all(
        one.isascii() and one.isdigit() and len(one) < 7 for one in parts
    )
    return tuple(map(int, parts)) if known else None
