"""The command line is quick to start, plain when piped, documented, and has one line for each mistake."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest
import typer.main

from spotter.core.version import VERSION
from spotter_cli.main import app

ROOT = Path(__file__).parents[2]
COMMAND = "import sys, spotter_cli.main; sys.exit(spotter_cli.main.main())"
ABSENT = {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def run(*words: str, input: str = "", **environment: str) -> subprocess.CompletedProcess[str]:  # noqa: A002
    """The command in a process of its own, as on a machine that knows no AWS account."""
    here = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    here |= {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    here |= ABSENT | {"AWS_EC2_METADATA_DISABLED": "true"} | environment
    command = [sys.executable, "-c", COMMAND, *words]
    return subprocess.run(
        command, cwd=ROOT, env=here, capture_output=True, text=True, check=False, input=input
    )


def commands(group=None, before: str = "spotter") -> Iterator[str]:
    for name, command in (group or typer.main.get_command(app)).commands.items():
        called = f"{before} {name}"
        yield from commands(command, called) if hasattr(command, "commands") else [called]


def test_every_command_is_in_the_readme_or_the_documentation():
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    environment = "\n".join(page.read_text() for page in pages)
    found = list(commands())
    assert "spotter policy check" in found
    assert [command for command in found if command not in environment] == []


def test_a_page_names_no_file_that_is_not_there():
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = r"(?<![\w/.-])(?:tests|docs|infra|lambdas|laptop|spotter_cli)/[\w/.-]*\w"
    found = {name for page in pages for name in re.findall(named, page.read_text())}
    assert "tests/infra/test_intake.py" in found
    assert [name for name in sorted(found) if not (ROOT / name).exists()] == []


def test_it_says_its_version():
    assert run("--version").stdout == f"{version('sagemaker-spotter')}\n"


@pytest.mark.parametrize(
    ("words", "environment", "message"),
    [
        (["pause", "x"], {}, "No Region is configured: use --region, or set AWS_REGION.\n"),
        (
            ["pause", "x", "--region", "eu-west-1"],
            {},
            "No AWS credentials are found: use --profile, or log in.\n",
        ),
        (
            ["resume", "x", "--profile", "nobody"],
            {},
            "The config profile (nobody) could not be found.\n",
        ),
    ],
)
def test_what_cannot_be_reached_is_one_sentence(words, environment, message):
    done = run(*words, **environment)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", message)


def test_a_policys_mistakes_are_on_standard_error(tmp_path: Path):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text('scope = "none"\ncolour = 1\n')
    done = run("policy", "check", str(wrong))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{wrong} has 2 mistakes:\n")


STOPS = """
checkpoint_locations = ["s3://ml-checkpoints/*"]

[resubmission]
mode  = "{mode}"
roles = ["arn:aws:iam::111122223333:role/training-*"]

[[rule]]
name          = "nightly-*"
tags          = {{ team = "vision" }}
on            = ["MaxWaitTimeExceeded"]
max_attempts  = 4
finish_by     = "12h"
finish_by_tag = true
patience      = "10m"
patience_from = 1
max_errors    = 1
capacity      = ["spot max_wait=6h", "on-demand ml.g5.4xlarge instances=2 volume=100"]
"""


def test_a_policy_in_words_says_which_jobs_it_stops_and_what_capacity_it_asks(tmp_path: Path):
    policy = tmp_path / "spotter.toml"
    policy.write_text(STOPS.format(mode="act"))
    found = run("policy", "check", str(policy)).stdout
    assert "It also stops jobs that have a deadline" in found
    assert "finish by 12 h after its creation, or earlier by a job's own tag" in found
    assert "Spotter stops a job on spot at the last safe moment, also the first attempt" in found
    assert "an attempt from number 1 on that waits for longer than 10 min" in found
    assert (
        "on spot (at most 6 h of waiting), then on demand on ml.g5.4xlarge (2 instances, 100 GB"
        in found
    )
    assert "1 error\n" in found


def test_a_policy_that_only_advises_stops_nothing(tmp_path: Path):
    policy = tmp_path / "spotter.toml"
    policy.write_text(STOPS.format(mode="advise"))
    found = run("policy", "check", str(policy)).stdout
    assert "Spotter stops" not in found
    assert "It also stops" not in found
    assert 'under "act" Spotter would stop a job on spot at the last safe moment' in found


def test_what_is_piped_has_no_colour():
    for words in (["--help"], ["policy", "check"], ["pause"]):
        done = run(*words)
        assert "\x1b" not in done.stdout + done.stderr


def test_the_version_is_printed_before_anything_heavy_is_imported():
    """Processor time is in `make bench`; what costs it is imported here or not."""
    code = (
        "import sys; before = {*sys.modules}; sys.argv = ['spotter', '--version']; import spotter_cli.entry as e; "
        "e.main(); print(len({*sys.modules} - before), {'typer', 'rich', 'importlib.metadata'} & {*sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    shown, count, *heavy = done.stdout.split()
    assert (shown, heavy) == (VERSION, ["set()"])
    assert int(count) <= 10


def test_starting_imports_neither_aws_nor_the_cdk():
    code = "import sys, spotter_cli.main; print({'boto3', 'aws_cdk', 'laptop.startup'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert done.stdout == "set()\n", done.stderr


ELSEWHERE = """
import os, signal, sys
for name in ("fcntl", "grp", "pty", "pwd", "resource", "termios", "tty"):
    sys.modules[name] = None
for module, names in ((signal, ("SIGHUP", "SIGKILL")), (os, ("fork", "killpg", "setsid"))):
    for name in names:
        delattr(module, name)
import spotter_cli.main
sys.argv[0] = "spotter"
spotter_cli.main.main()
"""


@pytest.mark.parametrize(
    "words",
    [["--version"], ["policy", "check"], ["check", str(ROOT / "laptop/job.json")], ["demo", "-h"]],
    ids=" ".join,
)
def test_it_runs_without_what_only_posix_has(words):
    """As on Windows, as far as this machine can tell: none of these modules, signals and calls."""
    command = [sys.executable, "-c", ELSEWHERE, *words]
    here = os.environ | ABSENT | {"AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(command, env=here, capture_output=True, text=True, cwd=ROOT)
    assert "Traceback" not in done.stderr
    assert done.stdout


def test_ctrl_c_while_the_command_line_is_imported_ends_without_a_traceback(tmp_path):
    """A module that interrupts the process in place of the user, at an instant that no test could meet."""
    (tmp_path / "typer.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGINT)\n")
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); sys.argv = ['spotter', 'jobs']; import spotter_cli.entry as e; e.main()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stderr) == (130, "")
