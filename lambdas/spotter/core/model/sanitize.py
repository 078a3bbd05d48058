"""Text from elsewhere, made fit to be carried: printable, bounded, and with nothing in it to click.

A job's tags, its checkpoint location and whatever status SageMaker may invent are free text. They are
made printable and bounded once, where an alert is raised; each body escapes for its own reader.
"""

import re

_LIVE = re.compile(r"(?i)(?<![\w+.-])s3://|mailto:|tel:|:(?=//)|www\.|@")


def printable(text: str) -> str:
    """Without control characters and those that turn or hide text; line breaks stay."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


def line(text: str, most: int) -> str:
    """One printable line of at most so many characters."""
    return cut(printable(text).replace("\n", "?"), most)


def cut(text: str, most: int) -> str:
    """At most so many characters, with three dots where some are missing."""
    return text if len(text) <= most else text[: most - 3] + "..."


def unlinked(text: str) -> str:
    """The same text with nothing that a mail or chat program would make a link of; `s3://` stays."""
    return _LIVE.sub(lambda found: _SHOWN.get(found[0].lower(), found[0]), text)


_SHOWN = {":": "[:]", "mailto:": "mailto[:]", "tel:": "tel[:]", "www.": "www[.]", "@": "(at)"}
