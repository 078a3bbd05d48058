"""How large the installed command line is, and how soon it answers: beside Python itself.

Both are the environment into which only the wheel and its dependencies were installed. Processor time is
that of the whole process, user and system, in the middle of many runs that take turns.
"""

import os
import statistics
import subprocess
import tempfile
from pathlib import Path

from tests.support.installed_cli import installed, megabytes

RUNS = 41


def processor_seconds(command: list[str | Path]) -> float:
    """Of one process, from its start to its end."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command} answered {process.returncode}")
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Print a line for each."""
    with tempfile.TemporaryDirectory() as folder:
        spotter = installed(Path(folder))
        commands: dict[str, list[str | Path]] = {
            "python -c pass": [spotter.with_name("python"), "-c", "pass"],
            "spotter --version": [spotter, "--version"],
            "spotter --help": [spotter, "--help"],
        }
        taken = {name: list[float]() for name in commands}
        for _ in range(RUNS):
            for name, command in commands.items():
                taken[name].append(processor_seconds(command))
        base = statistics.median(taken["python -c pass"])
        print(f"{'the installed command line':48} {megabytes(spotter.parents[1]):6.1f} MB")
        for name, found in taken.items():
            middle = statistics.median(found)
            print(f"{name:48} {1000 * middle:6.1f} ms, {middle / base:5.2f} x")


if __name__ == "__main__":
    main()
