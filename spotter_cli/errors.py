"""What ends a command with one sentence."""


class CannotBeDone(Exception):
    """What was asked for is not to be had; the sentence says why, and what to do."""
