"""Started by the interpreter of a rehearsed script: observes its training, and runs the user's own sitecustomize.

`spotter rehearse` puts this folder first on PYTHONPATH. The script's behaviour does not change: no random
number is drawn, no value of the script is replaced, an error in here is written to the log and ignored.
Python 3.9 to 3.13, standard library only; the lines that it writes are described in `spotter_cli/rehearse/observed/observations.py`.
"""

from __future__ import annotations

import os
import sys


def _start(here: str) -> None:
    # Later imports of the package's modules go through its own path, so the script's sys.path is as without us.
    try:
        import spotter_rehearsal  # type: ignore[import-not-found]

        spotter_rehearsal.start()
    except Exception as error:
        print(f"spotter rehearse: the training is not observed: {error!r}", file=sys.stderr)
    finally:
        sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != here]


def _run_the_users_own() -> None:
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    spec = PathFinder.find_spec("sitecustomize", sys.path)
    if spec is None or spec.loader is None or os.path.abspath(spec.origin or "") == _FILE:
        return
    module = module_from_spec(spec)
    sys.modules["sitecustomize"] = module
    spec.loader.exec_module(module)


_FILE = os.path.abspath(__file__)
if os.environ.get("SPOTTER_REHEARSAL_LOG"):
    _start(os.path.dirname(_FILE))
_run_the_users_own()
