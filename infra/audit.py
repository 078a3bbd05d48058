"""Known vulnerabilities of what is shipped, as pip-audit knows them: `make audit`.

pip-audit asks the package index about each locked package. Where that cannot be reached, or does not know a package,
nothing is known about it: that is printed, and is no failure.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from infra.bill_of_materials import SHIPPED

REPOSITORY = Path(__file__).parents[1]
WORDS = ("--progress-spinner=off", "--disable-pip", "--require-hashes", "--format=json")


@dataclass(frozen=True)
class Audit:
    """What pip-audit answered about one lock file; `unreachable` is why it answered nothing."""

    what: str
    checked: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    vulnerable: tuple[str, ...] = ()
    unreachable: str = ""

    @classmethod
    def read(cls, what: str, output: str, errors: str) -> "Audit":
        """From its two outputs: it prints JSON, or an error as the last line."""
        if not output.lstrip().startswith("{"):
            last = errors.strip().splitlines()[-1:] or ["it answered nothing"]
            return cls(what, unreachable=last[0])
        packages: list[dict[str, Any]] = json.loads(output)["dependencies"]
        answered = [one for one in packages if "skip_reason" not in one]
        return cls(
            what,
            checked=tuple(one["name"] for one in answered),
            unknown=tuple(one["name"] for one in packages if "skip_reason" in one),
            vulnerable=tuple(line for one in answered for line in _vulnerabilities(one)),
        )

    def sentence(self) -> str:
        """The state first, then the cause."""
        if not self.checked:
            why = self.unreachable or f"its index knows none of {len(self.unknown)} packages"
            return f"{self.what}: not audited, because pip-audit could not reach its data ({why})"
        found = "; ".join(self.vulnerable) or "no known vulnerability"
        beside = f"; not audited: {', '.join(self.unknown)}" if self.unknown else ""
        return f"{self.what}: {len(self.checked)} packages audited: {found}{beside}"


def _vulnerabilities(package: dict[str, Any]) -> Iterator[str]:
    for one in package["vulns"]:
        fixed = ", ".join(one["fix_versions"]) or "no version"
        yield f"{package['name']} {package['version']} has {one['id']}, fixed in {fixed}"


def audited(name: str, tool: str) -> Audit:
    """Ask pip-audit about a lock file of requirements/."""
    lock = REPOSITORY / f"requirements/{name}.txt"
    words = [tool, *WORDS, "--requirement", str(lock)]
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    return Audit.read(f"requirements/{name}.txt", done.stdout, done.stderr)


def main() -> int:
    found = [audited(name, sys.argv[1]) for name in SHIPPED]
    for one in found:
        print(one.sentence())
    return 1 if any(one.vulnerable for one in found) else 0


if __name__ == "__main__":
    sys.exit(main())
