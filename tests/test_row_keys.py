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
    "CHECKPOINTS", "STOP", "DEADLINE", "TYPE", "RULE", "OPEN", "RUNNING", "ALERTED", "DAY", "MARKET",
)  # fmt: skip
WORDS = (
    "CLAIM", "CREATIONS", "PUBLISHES", "SWEEP", "LEASE", "CURSOR", "WATCHING", "SINCE", "MALFORMED",
    "DURATIONS", "RUNNING", "pk", "sk", "open_pk", "open_sk", "calendar_pk", "calendar_sk", "market_pk", "market_sk",
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


ROOMS = (HOME, ROOT / "lambdas" / "spotter" / "aws" / "ledger", ROOT / "infra", ROOT / "bench")
"""infra creates the table, bench fills one; whoever else reads rows reads values of a kind's class."""
AS_THE_TABLE_HAS_IT = re.compile(r"Row|RowStore|(?:[A-Z]+_)?[PS]K")
OTHERS = [path for path in FILES if not any(room in path.parents for room in ROOMS)]


def raw(text: str) -> list[str]:
    """What a module uses of rows as the table has them: imported names, and the ledger's own `rows`."""
    nodes = list(ast.walk(ast.parse(text)))
    imports = [n for n in nodes if isinstance(n, ast.ImportFrom) and ".ledger" in str(n.module)]
    names = [alias.name for one in imports for alias in one.names]
    names += [n.attr for n in nodes if isinstance(n, ast.Attribute) and of(n) == "row_keys"]
    held = [n for n in nodes if isinstance(n, ast.Attribute) and n.attr == "rows"]
    return [n for n in names if AS_THE_TABLE_HAS_IT.fullmatch(n)] + [
        "ledger.rows" for n in held if of(n) == "ledger"
    ]


def of(node: ast.Attribute) -> str:
    owner = node.value
    return owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_outside_the_two_rooms_of_the_ledger_rows_are_values_of_a_kinds_class(path: Path) -> None:
    assert raw(path.read_text()) == []


@pytest.mark.parametrize(
    "text",
    [
        "from spotter.core.ledger.row_keys import PK",
        "from spotter.aws.ledger.rows import RowStore",
        "row_keys.CALENDAR_SK",
        "self.ledger.rows.get(key)",
        "def read(row: row_keys.Row): ...",
    ],
)
def test_a_row_as_the_table_has_it_is_found(text: str) -> None:
    assert raw(text)


@pytest.mark.parametrize("text", ['f"HEAD#{x}"', '"CLAIM"', 'row["sk"]', 'sk.startswith("ENDED#")'])
def test_a_part_of_a_rows_key_is_found(text: str) -> None:
    assert any(KEYED.fullmatch(found) for found in literals(text))
