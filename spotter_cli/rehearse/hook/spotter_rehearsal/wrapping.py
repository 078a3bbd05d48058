"""Puts an observation around a function of a framework; the function itself is called as it was."""

from __future__ import annotations

import functools
from typing import Any, Callable, Optional

from .log import quietly

Observe = Optional[Callable[..., Any]]


def around(
    owner: Any, name: str, before: Observe = None, after: Observe = None, failed: Observe = None
) -> None:
    """Observe each call of `owner.name`; a framework without that name is left as it is.

    `before` and `failed` get the call's arguments, `failed` the exception before them, and `after` the result.
    """
    original = getattr(owner, name, None)
    if original is None or getattr(original, "_spotter_observes", False):
        return
    begun = quietly(before) if before else None
    ended = quietly(after) if after else None
    broke = quietly(failed) if failed else None

    @functools.wraps(original)
    def observed(*args: Any, **values: Any) -> Any:
        if begun is not None:
            begun(*args, **values)
        try:
            result = original(*args, **values)
        except Exception as error:
            if broke is not None:
                broke(error, *args, **values)
            raise
        if ended is not None:
            ended(result, *args, **values)
        return result

    observed._spotter_observes = True  # type: ignore[attr-defined]
    setattr(owner, name, observed)
