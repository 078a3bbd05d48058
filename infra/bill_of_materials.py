"""A software bill of materials (CycloneDX 1.6) of each lock file of what is shipped: `make bom` writes build/bom/.

Names, versions and hashes are those of the lock files; licences are what the packages declare of themselves.
https://cyclonedx.org/docs/1.6/json/
"""

import json
import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

from spotter.core.version import VERSION

REPOSITORY = Path(__file__).parents[1]
SHIPPED = {"lambda": "what runs in Lambda", "cli": "what the command line needs"}
_PACKAGE = re.compile(
    r"^([\w.-]+)==([\w.]+)[^\n]*((?:\n    --hash=sha256:[0-9a-f]+[ \\]*)*)", re.MULTILINE
)
PERMITTED = re.compile(
    r"(The )?(Apache|MIT|BSD|ISC|PSF|Python Software Foundation)\b.*", re.IGNORECASE
)
"""Permissive licences, as packages declare them."""
_HASH = re.compile(r"sha256:([0-9a-f]+)")


def bill(name: str) -> dict[str, Any]:
    """The bill of one lock file of requirements/."""
    text = (REPOSITORY / f"requirements/{name}.txt").read_text()
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": f"spotter-{name}", "version": str(VERSION)}
        },
        "components": [_component(*found) for found in _PACKAGE.findall(text)],
    }


def _component(name: str, version: str, hashes: str) -> dict[str, Any]:
    return {
        "type": "library",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
        "hashes": [{"alg": "SHA-256", "content": one} for one in _HASH.findall(hashes)],
        "licenses": [{"license": {"name": licence(name)}}],
    }


def licence(package: str) -> str:
    """What a package declares: its expression, else its classifiers, else its free text."""
    try:
        declared = metadata(package)
    except PackageNotFoundError:
        return "unknown: the package is not installed here"
    named = [
        one.rpartition(" :: ")[2]
        for one in declared.get_all("Classifier") or []
        if one.startswith("License :: OSI Approved")
    ]
    text = [str(one).splitlines()[0] for one in declared.get_all("License") or []]
    return "; ".join(declared.get_all("License-Expression") or named or text or ["unknown"])


def permitted(licences: str) -> bool:
    """True if anybody may use what is under these licences, in any product; one of those joined by OR is enough.

    What is not known, and what is not on the list, is not permitted.
    """
    parts = licences.replace("(", "").replace(")", "").replace(" AND ", ";").split(";")
    return all(
        any(PERMITTED.fullmatch(one.strip()) is not None for one in part.split(" OR "))
        for part in parts
    )


def main() -> None:
    folder = REPOSITORY / "build/bom"
    folder.mkdir(parents=True, exist_ok=True)
    for name, what in SHIPPED.items():
        file = folder / f"spotter-{name}.cdx.json"
        file.write_text(json.dumps(bill(name), indent=2) + "\n")
        print(f"{file.relative_to(REPOSITORY)}: {what}")


if __name__ == "__main__":
    main()
