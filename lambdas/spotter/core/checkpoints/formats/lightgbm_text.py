"""LightGBM's text model: `tree`, the trees, `end of trees`, the parameters, `end of parameters`.

https://github.com/microsoft/LightGBM/blob/master/src/boosting/gbdt_model_text.cpp (SaveModelToString)
The Python package adds one line for pandas after that; its loader does without the line, and not with
half of it.
"""

from spotter.core.checkpoints.formats.verdicts import (
    MOST_AT_ONCE,
    WHOLE,
    CannotTell,
    FileVerdict,
    IsTorn,
    Reading,
)
from spotter.core.checkpoints.formats.window import take

SIGNATURE = b"tree\n"
TREES, PARAMETERS = b"\nend of trees\n", b"\nend of parameters\n"


def verify(size: int) -> Reading:
    """Whole if the line that ends the parameters is near its end. The file is known to begin as a model does."""
    length = min(size, MOST_AT_ONCE)
    tail = yield from take(size, size - length, length, "its end")
    text = tail.replace(b"\r\n", b"\n")
    _, ended, after = text.rpartition(PARAMETERS)
    if ended:
        return _verdict(after)
    if TREES in text and b"\nparameters:" not in text:
        raise CannotTell("its trees are whole, and no parameters follow them")
    raise IsTorn("it ends before `end of parameters`")


def _verdict(after: bytes) -> FileVerdict:
    """What follows the parameters is nothing, or one whole line for pandas."""
    line = after.lstrip(b"\n")
    if line and not (line.startswith(b"pandas_categorical:") and line.endswith(b"\n")):
        raise IsTorn("it ends within its last line")
    return WHOLE
