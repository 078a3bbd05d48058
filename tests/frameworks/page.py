"""The measured part of docs/checkpoints.md, from the recordings as Spotter judges them now."""

from collections import Counter
from collections.abc import Iterable

from tests.frameworks.figures import (
    FIRST_FILE,
    SCALE,
    UPLOADERS,
    Figures,
    Recording,
    by_scenario,
    figures,
    recordings,
)

HEAD = """## Measured with the frameworks themselves

`python -m tests.frameworks.record` (run by hand in an environment of its own; its docstring says how) lets
real frameworks train, copies their checkpoint folder file by file into a bucket, and kills training and
upload at the same random instant during a save: {kills} times, {listings} listings, recorded {dates}. What
lies in the bucket is then restored as SageMaker restores it, and the framework itself loads each entry: that
is the truth. The listings are in `tests/frameworks/recordings`; a test computes these figures from Spotter's
own functions, which see keys, sizes and whole seconds only, a recorded second standing for {scale}.

Two uploaders were recorded, since which of them SageMaker's is, is unknown: one takes a file when nobody
writes it, the other takes it at once, as it is. Both put one file after the other, in the order of their last
change; uploads that overtake each other were not recorded.
"""
TABLE_HEAD = (
    "| recorded | with | kills in a save | called complete | of these cannot be loaded | whole | found "
    "| resumed a torn one |"
)


def measured() -> str:
    recorded = list(recordings())
    scenarios = by_scenario(recorded)
    dates = sorted({recording.date for recording in recorded})
    lines = [
        HEAD.format(
            kills=sum(r.during_a_save for r in recorded if r.uploader == "closed"),
            listings=len(recorded),
            dates=" to ".join(dict.fromkeys((dates[0], dates[-1]))),
            scale=SCALE,
        )
    ]
    for uploader, what in UPLOADERS.items():
        of = {name: its[uploader] for name, its in scenarios.items()}
        lines += _part(what, of)
    return "\n".join(lines)


def _part(what: str, recorded: dict[str, list[Recording]]) -> list[str]:
    """One uploader: a row a scenario, the total, and an explanation of each wrong one."""
    total = figures(recording for its in recorded.values() for recording in its)
    rows = [_row(f"`{name}`", _with(its), figures(its)) for name, its in recorded.items()]
    wrong = Counter(wrong.why for wrong in total.wrong)
    lines = [
        f"### The uploader {what}",
        "",
        TABLE_HEAD,
        "|---|---|---|---|---|---|---|---|",
        *rows,
        _row("**all**", "", total),
        "",
        f"Called complete and not loadable: {_percent(total.wrong_share)}.",
        f"Whole and found: {_percent(total.found_share)}.",
    ]
    if FIRST_FILE in wrong:
        apart = _percent(total.without(FIRST_FILE))
        lines[-2] += f" With the first saves of single files apart: {apart}."
        lines += ["", VERIFIED]
    lines += ["", *(f"- {n} of {len(total.wrong)}: {why}." for why, n in wrong.most_common())]
    return [*lines, *([""] if wrong else [])]


VERIFIED = (
    "No listing tells a first save that was cut from a small one. `verify_checkpoints` reads the file's own\n"
    "format, where it has one."
)


def _row(name: str, versions: str, made: Figures) -> str:
    cells = (
        name, versions, made.kills, made.called_complete, len(made.wrong), made.whole, made.found,
        made.torn_resumed,
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"


def _with(recorded: Iterable[Recording]) -> str:
    versions = next(iter(recorded)).versions
    return ", ".join(f"{package} {version}" for package, version in versions.items())


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
