"""The error that ends a command with one message and exit code 1."""


class CommandError(Exception):
    """The command cannot do its work; the message names the cause, and what to do."""
