"""CatBoost's binary model (`.cbm`): `CBM1`, the length of its core, the core, and perhaps more parts.

https://github.com/catboost/catboost/blob/master/catboost/libs/model/model.cpp (OutputModel)
The core is a flatbuffer; what parts follow it, and how long they are, only CatBoost's own code tells.
"""

from spotter.core.checkpoints.formats.verdicts import CannotTell, IsTorn, Reading
from spotter.core.checkpoints.formats.window import take

SIGNATURE = b"CBM1"


def verify(size: int) -> Reading:
    """Torn if its core is; else not verified, since parts may follow the core."""
    begin = yield from take(size, 0, 8, "its header")
    if not begin.startswith(SIGNATURE):
        raise IsTorn("it does not begin as a CatBoost model does")
    core = int.from_bytes(begin[4:], "little")
    if core != 0xFFFFFFFF and 8 + core > size:
        raise IsTorn(f"it lacks {8 + core - size} of the bytes that its header counts")
    raise CannotTell("its core is whole; of what may follow it, CatBoost's format tells no end")
