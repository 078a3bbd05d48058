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
    ("checkpoints/names.py", "if len(self.known) < CACHED:", "Lt to LtE"): (
        "the cache holds one name more; what is not in it is computed again"
    ),
    ("checkpoints/names.py", "if len(self.known) < CACHED:", "the condition is never true"): (
        "nothing is cached, so that each name is computed again: slower, and the same"
    ),
    (
        "checkpoints/names.py",
        'self.ends = tuple(p[1:] for p in alike if p[:1] == "*" and not _SPECIAL.search(p[1:]))',
        "1 to 2",
    ): "of `*?x` the end `?x` is compared as text, too, and what has that end fits the pattern anyway",
    (
        "checkpoints/names.py",
        'self.begins = tuple(p[:-1] for p in alike if p[-1:] == "*" and not _SPECIAL.search(p[:-1]))',
        "1 to 2",
    ): "of `x?*` the beginning `x?` is compared as text, too, and what has it fits the pattern anyway",
    (
        "checkpoints/siblings.py",
        'counts[name] = 1 if name.endswith("/d/*") else counts[name] + 1',
        "1 to 2",
    ): "the numbers only tell roles of one name apart, and are the same for all siblings",
    (
        "checkpoints/siblings.py",
        'counts[name] = 1 if name.endswith("/d/*") else counts[name] + 1',
        "Add to Sub",
    ): "the numbers only tell roles of one name apart, and are the same for all siblings",
    (
        "checkpoints/completeness.py",
        "return False, f\"it lacks {name.replace('|', ' or ')}\"",
        "False to True",
    ): "an entry that lacks something is incomplete, whether or not it also counts as committed",
    (
        "checkpoints/completeness.py",
        'return False, f"{min(marks)} is older than what it commits"',
        "False to True",
    ): "an entry that lacks something is incomplete, whether or not it also counts as committed",
    (
        "checkpoints/formats/hdf5.py",
        'width = (yield from take(size, place + widths, 1, "its superblock"))[0]',
        "1 to 2",
    ): ("one byte more is read, and addresses follow it in the superblock"),
    (
        "checkpoints/formats/zip_archive.py",
        "next(wide, 1 << 64) if value == FULL else value",
        "1 to 2",
    ): ("any place beyond all files means that the entry lies beyond its data"),
    (
        "checkpoints/formats/zip_archive.py",
        "next(wide, 1 << 64) if value == FULL else value",
        "64 to 65",
    ): ("any place beyond all files means that the entry lies beyond its data"),
    ("checkpoints/formats/torch_distributed.py", "yield Range(0, 0)", "0 to 1"): (
        "of a range of no bytes its place means nothing; a byte that is read is tested"
    ),
    (
        "checkpoints/completeness.py",
        'return (True, "") if entry.last <= files[newest].modified else (False, f"{newest} is older")',
        "False to True",
    ): "an entry that lacks something is incomplete, whether or not it also counts as committed",
    ("checkpoints/names.py", "return True, True", "True to False"): (
        "of what was downloaded nothing counts, whatever else the folders are"
    ),
    (
        "record/metrics.py",
        "TRAINING: float(count * (new.training_seconds or 0)),",
        "0 to 1",
    ): "a head without this figure has left the function before; the 0 is for the type checker",
    ("record/sightings.py", "return False", "None is returned"): (
        "its callers ask only whether it is true"
    ),
    ("alerts/slack.py", "return False", "None is returned"): (
        "its caller asks only whether it is true"
    ),
    ("checkpoints/content.py", "return False", "None is returned"): (
        "its callers ask only whether it is true"
    ),
    ("deadline/finish_by.py", "middle = before + (after - before) // 2", "2 to 3"): (
        "the search still halts at the same second, in some more steps"
    ),
    ("deadline/finish_by.py", "return False", "None is returned"): (
        "its caller asks only whether it is true"
    ),
    (
        "alerts/message_attributes.py",
        "listed = [one for one, size in zip(every, sizes, strict=True) if size <= MOST_BYTES]",
        "True to False",
    ): "both have a member for each tag",
    (
        "checkpoints/formats/window.py",
        "if begin < 0 or begin + length > len(self._held):",
        "0 to 1",
    ): "bytes that are held already are fetched once more, and are the same",
    (
        "resubmit/plan.py",
        "spend = worst_case(instances, most, prices, one_of=len(option.types) > 1)",
        "Gt to GtE",
    ): "of one instance group the dearest and the sum are the same",
    ("policy/size_limits.py", "line, depth, parts, dotted = 1, 0, 0, False", "False to True"): (
        "the first word is part 1 either way: nothing was counted before it"
    ),
}


def judgement(path: str, line: str, what: str) -> str | None:
    """Why a mutant is no fault of the tests; None if nobody has judged it."""
    return EQUIVALENT.get((path.removeprefix("lambdas/spotter/core/"), line, what))
