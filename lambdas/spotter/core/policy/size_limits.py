"""How large a policy may be, looked at before it is parsed, so that no file keeps its reader waiting.

A TOML parser takes time by the square of the parts of a key, gives up deep in its own recursion, and
stops at numbers that no computer needs. A person's policy comes nowhere near these bounds.
"""

import re
from collections.abc import Iterator

LARGEST = 256 * 1024
"""Characters: five hundred rules in full."""
DEEPEST, MOST_PARTS, LONGEST_WORD, MOST_RULES = 10, 10, 128, 200
_TOKENS = re.compile(
    r'(?P<text>"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\')'
    r"|(?P<word>[\w+-]+)|(?P<comment>\#[^\n]*)|(?P<line>\n)|(?P<blank>[ \t\r]+)|(?P<sign>.)",
    re.DOTALL,
)


def beyond_bounds(content: str) -> str | None:
    """The first thing that no policy needs, as a sentence that follows the file's name."""
    if len(content) > LARGEST:
        return f"has more than {LARGEST // 1024} KB, and no policy needs as much"
    return next(_too_much(content), None)


def _too_much(content: str) -> Iterator[str]:
    line, depth, parts, dotted = 1, 0, 0, False
    for token in _TOKENS.finditer(content):
        kind, said = token.lastgroup, token[0]
        if kind in ("text", "word"):
            parts = parts + 1 if dotted else 1
            if kind == "word" and len(said) > LONGEST_WORD:
                yield (
                    f"has a key or a number of {len(said)} characters in line {line}; "
                    f"at most {LONGEST_WORD} are read"
                )
            if parts > MOST_PARTS:
                yield f"has a key of more than {MOST_PARTS} parts in line {line}"
        depth += (said in ("[", "{")) - (said in ("]", "}"))
        if depth > DEEPEST:
            yield f"is nested more than {DEEPEST} deep in line {line}"
        dotted = said == "." or (dotted and kind == "blank")
        parts = parts if dotted or kind in ("text", "word", "blank") else 0
        line += said.count("\n")
