"""How the ledger's rows are keyed stands in core/ledger alone: nobody else holds a part of a row's key."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("lambdas", "spotter_cli", "infra", "laptop", "bench")
HOME = ROOT / "lambdas" / "spotter" / "core" / "ledger"
KINDS = (
    "AT", "HEAD", "NOTICED", "ALERT", "EVALUATION", "ENDED", "ATTEMPT", "SLOT", "PUBLISH", "JOB", "LINEAGE",
    "CHECKPOINTS", "OPEN", "RUNNING", "ALERTED", "DAY", "MARKET",
)  # fmt: skip
WORDS = (
    "CLAIM", "CREATIONS", "PUBLISHES", "SWEEP", "LEASE", "CURSOR", "WATCHING", "SINCE", "MALFORMED",
    "RUNNING", "pk", "sk", "open_pk", "open_sk", "calendar_pk", "calendar_sk", "market_pk", "market_sk",
    "location_pk", "location_sk",
)  # fmt: skip
KEYED = re.compile(rf"(?:{'|'.join(KINDS)})#.*|{'|'.join(WORDS)}", re.DOTALL)
FILES = sorted(
    path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py") if HOME not in path.parents
)


def literals(text: str) -> list[str]:
    """Every text in a module, the beginnings of formatted ones too."""
    nodes = ast.walk(ast.parse(text))
    return [n.value for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)]


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_outside_the_ledgers_room_holds_a_part_of_a_rows_key(path: Path) -> None:
    assert [text for text in literals(path.read_text()) if KEYED.fullmatch(text)] == []


@pytest.mark.parametrize("text", ['f"HEAD#{x}"', '"CLAIM"', 'row["sk"]', 'sk.startswith("ENDED#")'])
def test_a_part_of_a_rows_key_is_found(text: str) -> None:
    assert any(KEYED.fullmatch(found) for found in literals(text))
