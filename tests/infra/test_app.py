"""`app.py` is started as the CDK starts it: the context in the environment, the answer in a folder."""

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

from spotter.core.policy.model import Mode, Policy
from spotter.core.policy.parse import IN_TEMPLATE, parse_policy, read_policy
from spotter.core.prices.file import IN_TEMPLATE as PRICES_IN_TEMPLATE
from tests.infra.policies import REPOSITORY, SHIPPED
from tests.infra.template import plain
from tests.support import subprocesses

MISTAKEN = """
scope = "everything"
slack = true

[resubmission]
mode = "act"
max_age = "yesterday"
"""


def run(
    folder: Path, place: Mapping[str, str] | None = None, **context: str
) -> subprocess.CompletedProcess[str]:
    """The app's own process, without credentials or an AWS account but what `place` says."""
    aws = [name for name in os.environ if name.startswith(("AWS_", "CDK_"))]
    environment = {k: v for k, v in os.environ.items() if k not in aws}
    flags = json.loads((REPOSITORY / "cdk.json").read_text())["context"]
    environment |= {
        **(place or {}),
        "CDK_CONTEXT_JSON": json.dumps(flags | context),
        "CDK_OUTDIR": str(folder),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    command = [sys.executable, "app.py"]
    return subprocesses.run(command, cwd=REPOSITORY, env=environment)


def test_a_mistaken_policy_is_answered_with_every_mistake_and_no_traceback(tmp_path: Path) -> None:
    mistaken = tmp_path / "mistaken.toml"
    mistaken.write_text(MISTAKEN)
    finished = run(tmp_path, policy=str(mistaken))
    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    for mistake in ("scope =", "slack:", "max_age =", "roles:", "rule:", str(mistaken)):
        assert mistake in finished.stderr


def test_a_name_that_no_stack_can_have_is_one_sentence(tmp_path: Path) -> None:
    finished = run(tmp_path, name="bad name")
    assert finished.returncode == 1
    assert finished.stderr == (
        'The context\'s name is "bad name": it must be a letter, then up to 127 letters, digits and hyphens.\n'
    )


def wide(places: int) -> str:
    """A policy that names a hundred roles, and so many places for checkpoints that are read."""
    roles = [f"arn:aws:iam::111122223333:role/service-role/SageMaker-{n:03}" for n in range(100)]
    located = [f"s3://team-{n:04}-checkpoints-eu-west-1/models/*" for n in range(places // 2)]
    located += [f"s3://checkpoints-of-all/team-{n:04}/models/*" for n in range(places // 2)]
    return f"""
verify_checkpoints = true
checkpoint_locations = {json.dumps(located)}
[alerts]
email = ["team@example.com", "team@example.com"]
[resubmission]
mode = "act"
roles = {json.dumps(roles)}
[[rule]]
name = "nightly-*"
on = ["MaxWaitTimeExceeded"]
max_attempts = 3
"""


def test_long_lists_of_a_policy_fit_into_what_iam_allows(tmp_path: Path) -> None:
    file = tmp_path / "wide.toml"
    file.write_text(wide(160))
    finished = run(tmp_path / "cdk.out", policy=str(file))
    assert finished.returncode == 0, finished.stderr
    made = json.loads((tmp_path / "cdk.out" / "Spotter.template.json").read_text())["Resources"]
    sizes = [
        len(json.dumps(plain(one["Properties"]["PolicyDocument"]), separators=(",", ":")))
        for one in made.values()
        if one["Type"] == "AWS::IAM::ManagedPolicy"
    ]
    assert len(sizes) > 1
    assert max(sizes) <= 6144
    topics = [one for one in made.values() if one["Type"] == "AWS::SNS::Subscription"]
    assert [one["Properties"]["Endpoint"] for one in topics].count("team@example.com") == 1


def test_what_iam_cannot_hold_is_a_mistake_and_not_an_error_of_the_deployment(
    tmp_path: Path,
) -> None:
    file = tmp_path / "wide.toml"
    file.write_text(wide(1600))
    finished = run(tmp_path / "cdk.out", policy=str(file))
    assert finished.returncode == 1
    assert "Traceback" not in finished.stderr
    assert "and IAM allows 10: name fewer roles, checkpoint_locations" in finished.stderr


def test_the_policy_named_in_the_context_is_the_one_in_the_bundle(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('scope = "all"\n', encoding="utf-8-sig")  # as an editor on Windows may save it
    finished = run(tmp_path / "cdk.out", policy=str(own), name="Gym")
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "cdk.out" / "Gym.template.json").exists()
    [bundle] = (tmp_path / "cdk.out").glob("asset.*.zip")
    with zipfile.ZipFile(bundle) as packed:
        assert packed.read("spotter.toml").decode("utf-8-sig") == 'scope = "all"\n'
    template = json.loads((tmp_path / "cdk.out" / "Gym.template.json").read_text())
    assert template["Metadata"][IN_TEMPLATE] == 'scope = "all"\n'


def test_the_cdks_command_line_sends_no_telemetry(tmp_path: Path) -> None:
    alone = {k: v for k, v in os.environ.items() if not k.startswith("CDK_")}
    status = ["cdk", "cli-telemetry", "--status", "--no-notices"]
    told = subprocesses.run(status, cwd=REPOSITORY, env=alone | {"CDK_HOME": str(tmp_path)})
    assert "CLI Telemetry is disabled" in told.stdout + told.stderr


def test_the_shipped_policy_only_watches_and_states_the_defaults() -> None:
    assert read_policy(SHIPPED) == Policy()
    assert read_policy(SHIPPED).resubmission.mode is Mode.OFF


def test_the_example_in_the_shipped_policy_is_accepted() -> None:
    text = SHIPPED.read_text().replace('mode = "off"', "")
    text = re.sub(r"(checkpoint_locations +=) \[\]", r'\1 ["s3://ml-checkpoints/*"]', text)
    example = re.sub(r"^# (?=\[\[rule\]\]|\w+ *= )", "", text, flags=re.MULTILINE)
    for mode in (Mode.ADVISE, Mode.ACT):
        policy = parse_policy("example", example.replace('"advise"', f'"{mode}"'))
        assert policy.resubmission.mode is mode
        assert policy.rules


PRICES = {
    "schema": "spotter.prices/1",
    "region": "eu-west-1",
    "currency": "USD",
    "fetched_at": "2026-11-26T08:00:00.000Z",
    "prices": {"ml.g5.xlarge": "1.57"},
}


def test_a_price_file_beside_the_policy_is_carried_and_changes_no_fingerprint(
    tmp_path: Path,
) -> None:
    own, here = tmp_path / "own.toml", {"CDK_DEFAULT_REGION": "eu-west-1"}
    text = '[resubmission]\nmode = "advise"\nroles = []\n[[rule]]\nname = "*"\non = ["CapacityError"]\nmax_attempts = 2\nrequire_checkpoint = false\n'
    own.write_text(text)
    fingerprints = []
    for prices in (None, PRICES, PRICES | {"prices": {"ml.g5.xlarge": "1.60"}}):
        if prices:
            (tmp_path / "prices.json").write_text(json.dumps(prices))
        folder = tmp_path / f"out-{len(fingerprints)}"
        finished = run(folder, here, policy=str(own))
        assert finished.returncode == 0, finished.stderr
        template = json.loads((folder / "Spotter.template.json").read_text())
        held = template["Metadata"].get(PRICES_IN_TEMPLATE)
        assert (json.loads(held) if held else None) == prices
        [bundle] = folder.glob("asset.*.zip")
        with zipfile.ZipFile(bundle) as packed:
            assert ("prices.json" in packed.namelist()) is bool(prices)
        kept = [r for r in template["Resources"].values() if r["Type"] == "AWS::SSM::Parameter"]
        fingerprints.append(json.dumps([one["Properties"]["Value"] for one in kept]))
    assert len(set(fingerprints)) == 1, "new prices re-date no policy"


def test_prices_that_cannot_be_used_are_one_sentence(tmp_path: Path) -> None:
    file, here = tmp_path / "mine.json", {"CDK_DEFAULT_REGION": "eu-north-1"}
    for text, message in (
        (json.dumps(PRICES), "holds the prices of eu-west-1, and jobs run in eu-north-1"),
        ("{}", "is not a price file"),
        (None, "cannot be read"),
    ):
        file.unlink(missing_ok=True)
        if text is not None:
            file.write_text(text)
        finished = run(tmp_path / "out", here, prices=str(file))
        assert finished.returncode == 1
        assert message in finished.stderr
        assert "Traceback" not in finished.stderr
