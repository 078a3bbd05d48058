"""Texts that are meant to break out of wherever they are put, the same for each seed."""

import random
from collections.abc import Iterator

COUNT = 5000
MARKUP = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg onload=alert(1)>",
    '"><script>alert(1)</script>', "'><img src=x onerror=alert(1)>", '" onmouseover="alert(1)',
    "' onfocus='alert(1)' autofocus='", "` onload=alert(1)", "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>", "</svg><script>alert(1)</script>", "</text></svg><p>",
    "</rect>", "<!--", "-->", "--!><script>alert(1)</script>", "<![CDATA[<script>alert(1)</script>]]>",
    "]]>", "<?xml version='1.0'?>", "<!DOCTYPE html>", "<base href=//evil.example>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>", "<iframe srcdoc='<script>alert(1)'>",
    "<a href=javascript:alert(1)>x</a>", "javascript:alert(1)", "data:text/html,<script>alert(1)",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "<template><script>alert(1)",
    "<foreignObject><body onload=alert(1)>", "<use href=#x>", "<animate onbegin=alert(1)>",
    "<link rel=stylesheet href=//evil.example>", "<style>*{display:none}</style>", "<textarea>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<plaintext>", "<form action=x>",
    "<cwdb-action action=call endpoint=x>", "<table><td>", "</main></body></html>", "<select><option>",
)  # fmt: skip
ENTITIES = (
    "&lt;script&gt;alert(1)&lt;/script&gt;", "&#60;img src=x onerror=alert(1)&#62;", "&amp;lt;", "&",
    "&#x3c;script&#x3e;", "&quot; onload=&quot;alert(1)", "&nbsp", "&#0;", "&#xd800;", "&notanentity;",
)  # fmt: skip
CONTROLS = (
    "\x1b[31mred\x1b[0m", "\x1b]0;title\x07", "\x1b]8;;http://evil.example\x1b\\link\x1b]8;;\x1b\\",
    "\x1b[2J\x1b[H", "\x1b]52;c;ZXZpbA==\x07", "\x1bPq\x1b\\", "\x9b31m", "\x9d0;title\x9c", "\x90q\x9c",
    "\0", "a\0b", "\x07", "\x08\x08\x08", "\x7f", "\r", "\r\n", "\n", "\t", "\v\f", "\x85", "\u2028", "\u2029",
    "\ud800", "\udfff", "\udc80x", "\ufffe", "\uffff", "\U000e0041", "\U0010ffff",
)  # fmt: skip
TURNS = (
    "\u202egnp.exe", "\u2066\u2069", "\u202a\u202b\u202c", "\u200e\u200f", "\u061c", "\u200b", "\u200d",
    "\ufeff", "\u00ad", "a\u0300" * 40, "\u2800", "\xa0", "\u3000",
)  # fmt: skip
FORMULAS = (
    "=1+1", "+1+1", "-2+3", "@SUM(1)", '=HYPERLINK("http://evil.example";"x")', "=cmd|' /C calc'!A0",
    "\t=1+1", "\r=1", "\uff1d1+1", ' =1+1', '";=1+1', "'=1+1", ",=1", "%0a=1",
)  # fmt: skip
WORDS = (
    "{{7*7}}", "{% x %}", "${7*7}", "#{7*7}", "%s%n%x", "%", "%(x)s", "{0.__class__}", "\\", "\\u003cscript",
    "[red]x[/red]", "[link=http://evil.example]x[/link]", ":smile:", "<!channel>", "@channel", "`code`",
    "*bold* _it_", "[x](javascript:alert(1))", "../../etc/passwd", "'; DROP TABLE x; --", "None", "nan",
    "", " ", "x" * 2500, "W" * 256, "日本語テキスト", "😀👩‍🚀", "Ä",
)  # fmt: skip
PARTS = (*MARKUP, *ENTITIES, *CONTROLS, *TURNS, *FORMULAS, *WORDS)
LETTERS = "<>\"'&/=`-!?[](){}%;:#@+\\\n\r\t\0\x1b\x9b\u202e\ud800 ax1é\U0001f600"


def texts(count: int = COUNT, seed: int = 4) -> Iterator[str]:
    """Each part alone, then several together, then letters at random."""
    chance = random.Random(seed)
    for n in range(count):
        if n < len(PARTS):
            yield PARTS[n]
        elif n % 3:
            yield "".join(chance.choice(PARTS) for _ in range(chance.randint(2, 4)))
        else:
            yield "".join(chance.choice(LETTERS) for _ in range(chance.randint(1, 60)))
