"""Makes text from other sources safe to show: printable, of limited length, and without links.

A job's tags, its checkpoint location and any new status of SageMaker are free text. They are made
printable and cut once, where an alert is raised; each body then escapes them for its own format.
"""

import re

_LIVE = re.compile(r"(?i)(?<![\w+.-])s3://|mailto:|tel:|:(?=//)|www\.|@")


def printable(text: str) -> str:
    """Without control characters and those that turn or hide text; line breaks stay."""
    if text.replace("\n", "").isprintable():  # as most texts are
        return text
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


def line(text: str, most: int) -> str:
    """One printable line of at most so many characters."""
    return cut(printable(text).replace("\n", "?"), most)


def cut(text: str, most: int) -> str:
    """At most so many characters, with three dots where some are missing."""
    return text if len(text) <= most else text[: most - 3] + "..."


def unlinked(text: str) -> str:
    """The same text, so that no mail or chat program makes a link of a part; `s3://` stays."""
    return _LIVE.sub(lambda found: _SHOWN.get(found[0].lower(), found[0]), text)


_SHOWN = {":": "[:]", "mailto:": "mailto[:]", "tel:": "tel[:]", "www.": "www[.]", "@": "(at)"}
