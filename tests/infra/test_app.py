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
from tests.infra.policies import REPOSITORY, SHIPPED
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


def test_the_policy_named_in_the_context_is_the_one_in_the_bundle(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text('scope = "all"\n')
    finished = run(tmp_path / "cdk.out", policy=str(own), name="Gym")
    assert finished.returncode == 0, finished.stderr
    assert (tmp_path / "cdk.out" / "Gym.template.json").exists()
    [bundle] = (tmp_path / "cdk.out").glob("asset.*.zip")
    with zipfile.ZipFile(bundle) as packed:
        assert packed.read("spotter.toml").decode() == 'scope = "all"\n'
    template = json.loads((tmp_path / "cdk.out" / "Gym.template.json").read_text())
    assert template["Metadata"][IN_TEMPLATE] == 'scope = "all"\n'


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
