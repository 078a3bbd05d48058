"""What `spotter doctor` found, as lines and as `spotter.doctor/1`."""

from collections.abc import Iterator
from typing import Any

from spotter.core.model.times import iso
from spotter_cli.doctor.diagnosis import Diagnosis
from spotter_cli.doctor.result import CheckResult, CheckStatus

SCHEMA = "spotter.doctor/1"
FOUND = 3
"""The exit code where something was found, as of `spotter check`."""


def exit_code(diagnosis: Diagnosis) -> int:
    return FOUND if diagnosis.causes else 0


def lines(diagnosis: Diagnosis) -> Iterator[str]:
    """First what is wrong, each with its consequences below it, then what is not known, then what is well."""
    yield headline(diagnosis)
    for cause in diagnosis.causes:
        yield f"finding: {cause.result.state} Do: {cause.result.remedy}"
        for one in cause.consequences:
            yield f"  therefore: {one.state} {one.remedy}"
    for status in (CheckStatus.NOT_CHECKED, CheckStatus.NOTE, CheckStatus.OK):
        for one in diagnosis.of(status):
            yield f"{status}: {one.key}: {one.state}{one.remedy and f' Do: {one.remedy}'}"


def headline(diagnosis: Diagnosis) -> str:
    """`Spotter in eu-west-1, account 111122223333: 1 finding, 2 not checked, 40 ok`."""
    stack, found = diagnosis.evidence.stack, len(diagnosis.causes)
    counts = [f"{found} finding{'' if found == 1 else 's'}"]
    counts += [
        f"{len(results)} {status}"
        for status in (CheckStatus.NOT_CHECKED, CheckStatus.OK)
        if (results := diagnosis.of(status))
    ]
    return f"{stack.name} in {stack.region}, account {stack.account}: {', '.join(counts)}"


def facts(diagnosis: Diagnosis) -> dict[str, Any]:
    stack = diagnosis.evidence.stack
    return {
        "schema": SCHEMA,
        "stack": stack.name,
        "account": stack.account,
        "region": stack.region,
        "stack_version": stack.version,
        "command_line_version": diagnosis.evidence.command_line,
        "at": iso(diagnosis.evidence.now),
        "findings": [
            _one(cause.result) | {"consequences": [_one(one) for one in cause.consequences]}
            for cause in diagnosis.causes
        ],
        "not_checked": [
            {"check": one.key, "reason": one.state} for one in diagnosis.of(CheckStatus.NOT_CHECKED)
        ],
        "notes": [_one(one) for one in diagnosis.of(CheckStatus.NOTE)],
        "ok": [{"check": one.key, "state": one.state} for one in diagnosis.of(CheckStatus.OK)],
    }


def _one(result: CheckResult) -> dict[str, str]:
    return {"check": result.key, "state": result.state, "remedy": result.remedy}
