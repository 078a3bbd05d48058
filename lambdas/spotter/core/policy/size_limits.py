"""The limits on the size of a policy file, checked before it is parsed, so that no file blocks its reader.

A TOML parser needs time that grows with the square of the parts of a key, fails deep in its own
recursion, and rejects numbers that are too long. A policy that a person writes is far below these limits.
"""

import re
from collections.abc import Iterator

MAX_CHARACTERS = 256 * 1024
"""Enough for five hundred rules that use every key."""
MAX_DEPTH, MAX_PARTS, MAX_WORD, MAX_RULES = 10, 10, 128, 200
_TOKENS = re.compile(
    r'(?P<text>"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r"|(?P<word>[\w+-]+)|(?P<comment>\#[^\n]*)|(?P<line>\n)|(?P<blank>[ \t\r]+)|(?P<sign>.)",
    re.DOTALL,
)


def size_mistake(content: str) -> str | None:
    """The first limit that the file exceeds, as a phrase that follows the file's name; else None."""
    if len(content) > MAX_CHARACTERS:
        return f"has more than {MAX_CHARACTERS // 1024} KB, and no policy needs as much"
    return next(_mistakes(content), None)


def _mistakes(content: str) -> Iterator[str]:
    line, depth, parts, dotted = 1, 0, 0, False
    for token in _TOKENS.finditer(content):
        kind, text = token.lastgroup, token[0]
        if kind in ("text", "word"):
            parts = parts + 1 if dotted else 1
            if kind == "word" and len(text) > MAX_WORD:
                yield (
                    f"has a key or a number of {len(text)} characters in line {line}; "
                    f"at most {MAX_WORD} are read"
                )
            if parts > MAX_PARTS:
                yield f"has a key of more than {MAX_PARTS} parts in line {line}"
        depth += (text in ("[", "{")) - (text in ("]", "}"))
        if depth > MAX_DEPTH:
            yield f"is nested more than {MAX_DEPTH} deep in line {line}"
        dotted = text == "." or (dotted and kind == "blank")
        parts = parts if dotted or kind in ("text", "word", "blank") else 0
        line += text.count("\n")
