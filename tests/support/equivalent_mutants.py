"""Mutants that were looked at and change nothing that a caller can see, each with the reason.

The key is the file within the core, the text of its line, and the change.
"""

EQUIVALENT: dict[tuple[str, str, str], str] = {
    ("alerts/slack_webhook.py", "first = body.strip()[:41]", "41 to 42"): (
        "a word has 40 characters at the most, so 41 and 42 are both too many"
    ),
    ("alerts/slack.py", "return known.index(severity) if severity in known else -1", "1 to 2"): (
        "-2 is before the first one, as -1 is"
    ),
    ("alerts/timers.py", "return False", "None is returned"): (
        "its callers ask only whether it is true"
    ),
}


def judgement(path: str, line: str, what: str) -> str | None:
    """Why a mutant is no fault of the tests; None if nobody has judged it."""
    return EQUIVALENT.get((path.removeprefix("lambdas/spotter/core/"), line, what))
