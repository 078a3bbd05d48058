"""The console script: the version is printed at once, and everything else is imported for the rest.

The command line's libraries take ten times as long to import as Python itself to start.
"""

import sys

from spotter.core.version import VERSION

INTERRUPTED = 130


def main() -> None:
    """`spotter --version`, or the command line. Ctrl-C ends it with 130, also while it is being imported."""
    if sys.argv[1:] == ["--version"]:
        print(VERSION)
        return
    try:
        from spotter_cli.main import main

        main()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
