"""An audit fails on a known vulnerability; where its data cannot be reached, that is printed and nothing more."""

import json
import stat
import sys
from pathlib import Path

import pytest

from infra import audit
from infra.audit import Audit

FOUND = {"id": "PYSEC-2026-1", "fix_versions": ["2.7.1"], "aliases": [], "description": ""}
SOUND = {"name": "six", "version": "1.17.0", "vulns": []}
VULNERABLE = {"name": "urllib3", "version": "2.6.0", "vulns": [FOUND]}
SKIPPED = {"name": "botocore", "skip_reason": "Dependency not found on PyPI"}


def answered(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_vulnerability_is_named_with_the_version_that_mends_it() -> None:
    found = Audit.read("lock", answered(SOUND, VULNERABLE), "")
    assert found.vulnerable == ("urllib3 2.6.0 has PYSEC-2026-1, fixed in 2.7.1",)
    assert found.sentence() == f"lock: 2 packages audited: {found.vulnerable[0]}"


def test_a_package_that_the_index_does_not_know_is_not_called_sound() -> None:
    some = Audit.read("lock", answered(SOUND, SKIPPED), "No known vulnerabilities found")
    assert some.sentence().endswith("no known vulnerability; not audited: botocore")
    none = Audit.read("lock", answered(SKIPPED), "No known vulnerabilities found")
    assert "could not reach its data (its index knows none of 1 packages)" in none.sentence()


@pytest.mark.parametrize(
    ("output", "code"),
    [(answered(SOUND), 0), (answered(VULNERABLE), 1), (answered(SKIPPED), 0), ("", 0)],
)
def test_only_a_vulnerability_fails(tmp_path: Path, monkeypatch, capsys, output, code) -> None:
    tool = tmp_path / "pip-audit"
    tool.write_text(
        f"#!{sys.executable}\nimport sys\nprint({output!r})\nprint('ERROR: no route', file=sys.stderr)\n"
    )
    tool.chmod(tool.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(sys, "argv", ["audit", str(tool)])
    assert audit.main() == code
    shown = capsys.readouterr().out
    assert len(shown.splitlines()) == len(audit.SHIPPED)
    assert ("(ERROR: no route)" in shown) == (not output)
