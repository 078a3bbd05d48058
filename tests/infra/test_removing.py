"""Who takes the stack down learns what is left, and by which commands it is removed."""

import subprocess

from tests.infra.policies import REPOSITORY
from tests.infra.template import Template


def output_of_destroy() -> str:
    """What `make destroy` prints once the CDK is done."""
    plan = subprocess.run(
        ["make", "--no-print-directory", "-n", "destroy"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    last = plan.stdout.strip().splitlines()[-1]
    return subprocess.run(
        ["sh", "-c", last], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout


def test_what_stays_is_named_with_the_commands_that_remove_it(template: Template) -> None:
    output = output_of_destroy()
    table, _ = template.only("DynamoDB::Table")
    assert "-LedgerTable" in output
    assert table.startswith("LedgerTable")
    for command in (
        "update-table --table-name NAME --no-deletion-protection-enabled",
        "delete-table --table-name NAME",
        "delete-parameter --name",
    ):
        assert command in output


def test_a_deployment_prints_nothing_of_it() -> None:
    plan = subprocess.run(
        ["make", "--no-print-directory", "-n", "deploy"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    assert "operating.md" not in plan.stdout
