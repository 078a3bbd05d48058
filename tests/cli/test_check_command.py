"""`spotter check` answers any file and any word with findings or one sentence, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from spotter_cli.check import command, files
from spotter_cli.check.python.cells import VERSION
from spotter_cli.errors import CommandError
from spotter_cli.main import app
from tests.cli.check_requests import changed
from tests.cli.test_command_line import run

SCRIPT = "from sagemaker.pytorch import PyTorch\nPyTorch(use_spot_instances=True, max_wait={})\n"


def written(tmp_path: Path, name: str, content: Any) -> str:
    path = tmp_path / name
    text = content if isinstance(content, bytes | str) else json.dumps(content)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def run_check(*words: str) -> Any:
    return CliRunner().invoke(app, ["check", *words])


def test_a_wise_request_is_said_to_be_so(tmp_path: Path):
    done = run("check", written(tmp_path, "wise.json", changed()), "--offline")
    assert (done.returncode, done.stderr) == (0, "")
    assert "wise.json: no findings\n" in done.stdout
    assert "not checked (--offline is set): its name is free, " in done.stdout


def test_a_finding_is_one_line_with_what_where_and_what_to_do(tmp_path: Path):
    request = changed(StoppingCondition__MaxWaitTimeInSeconds=35999)
    done = run("check", written(tmp_path, "refused.json", request), "--offline")
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith(
        "refused  StoppingCondition.MaxWaitTimeInSeconds: it is 35999, below the 36000 of the run; "
        "make it larger than MaxRuntimeInSeconds"
    )
    assert "nothing is refused" not in done.stdout


def test_a_note_alone_is_no_reason_for_an_exit_code(tmp_path: Path):
    request = changed(EnableManagedSpotTraining=None, StoppingCondition__MaxWaitTimeInSeconds=None)
    done = run_check(written(tmp_path, "on-demand.json", request), "--offline")
    assert done.exit_code == 0
    assert done.stdout.startswith("note     EnableManagedSpotTraining: ")


def test_a_job_of_which_nothing_is_known_is_one_line_and_says_why(tmp_path: Path):
    local = SCRIPT.format("60, instance_type='local'")
    script = written(tmp_path, "train.py", local + "PyTorch(use_spot_instances=True, max_wait=9)\n")
    lines = run_check(script, "--offline").stdout.splitlines()
    assert lines[0] == (
        f"{script}, line 2 (PyTorch): not checked: it is local mode, which makes no job"
    )
    assert lines[1] == f"{script}, line 3 (PyTorch):"
    assert not any("local mode" in line for line in lines[1:])
    first, second = json.loads(run_check(script, "--offline", "--json").stdout)["requests"]
    assert first["unknown"] == "it is local mode, which makes no job"
    assert first["findings"] == []
    assert second["unknown"] is None

    state = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createTrainingJob.sync"}
    machine = written(tmp_path, "m.json", {"StartAt": "T", "States": {"T": state | {"End": True}}})
    done = run_check(machine, "--offline")
    title, note = done.stdout.splitlines()
    assert done.exit_code == 0
    assert title == f"{machine}, state T: not checked: Step Functions fills it in from its input"
    assert note.startswith("note     the job: it belongs to Step Functions")


def test_facts_for_scripts_say_what_was_found_and_what_was_not_checked(tmp_path: Path):
    done = run_check(written(tmp_path, "train.py", SCRIPT.format("60")), "--offline", "--json")
    facts = json.loads(done.stdout)
    assert (done.exit_code, facts["schema"]) == (3, "spotter.check/1")
    [request] = facts["requests"]
    assert request["line"] == 2
    finding = next(f for f in request["findings"] if f["rule"].startswith("a wait is no shorter"))
    assert finding["severity"] == "refused"
    assert finding["where"] == "line 2, max_wait"
    assert {f.keys() == finding.keys() for f in request["findings"]} == {True}
    assert {one["reason"] for one in request["not_checked"]} == {
        "--offline is set; use --policy to name a policy file"
    }


def test_the_jobs_of_a_script_know_of_each_other(tmp_path: Path):
    script = SCRIPT.format("99999, checkpoint_s3_uri='s3://b/x/'")
    name = written(tmp_path, "two.py", script + script.splitlines()[1])
    done = run_check(name, "--offline")
    assert f"{name}, line 2 (PyTorch):\n" in done.stdout
    assert "the checkpoints of the job in line 3 overlap with these" in done.stdout


def test_an_answer_of_describe_is_a_job_that_exists(tmp_path: Path):
    answer = changed() | {
        "TrainingJobArn": "arn",
        "TrainingJobStatus": "InProgress",
        "TuningJobArn": "a",
    }
    answer |= {"SecondaryStatusTransitions": [], "CreationTime": 1.0, "SecondaryStatus": "Training"}
    done = run_check(written(tmp_path, "described.json", answer), "--offline", "--json")
    [request] = json.loads(done.stdout)["requests"]
    rules = [f["rule"] for f in request["findings"]]
    assert rules == ["no other service manages it"]


def test_without_credentials_the_rest_is_checked_and_one_line_says_why(tmp_path: Path):
    done = run("check", written(tmp_path, "wise.json", changed()), "--region", "eu-west-1")
    assert (done.returncode, done.stderr) == (0, "")
    left_out = [line for line in done.stdout.splitlines() if line.startswith("not checked")]
    assert len(left_out) == 1
    assert left_out[0].startswith(
        "not checked (No AWS credentials are found: use --profile, or log in): its name is free, its "
        "checkpoints are its own, its bucket is there, its bucket is in the Region of the job"
    )


def test_offline_a_policy_is_read_only_where_it_is_named(tmp_path: Path):
    name = written(tmp_path, "wise.json", changed())
    done = run_check(name, "--offline")
    assert (
        "not checked (--offline is set; use --policy to name a policy file): its role may be"
        in done.stdout
    )
    done = run_check(name, "--offline", "--policy", "spotter.toml")
    assert "the policy's mode is" in done.stdout


def test_a_policys_mistake_is_a_mistake(tmp_path: Path):
    name = written(tmp_path, "wise.json", changed())
    done = run("check", name, "--offline", "--policy", str(tmp_path / "none.toml"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no such file" in done.stderr


DEEP = "[" * 100_000
SENTENCES = [
    ("absent.json", None, "There is no file named absent.json."),
    ("no/such", None, "There is no file named no/such."),
    ("two words", None, "This is neither a file nor a job's name: check the spelling."),
    ("-x" * 40, None, "This is neither a file nor a job's name: check the spelling."),
    ("broken.json", "{", "broken.json is not JSON: "),
    (
        "list.json",
        "[]",
        "list.json is no request: an object with CreateTrainingJob's members is wanted.",
    ),
    ("deep.json", DEEP, "deep.json is nested too deep for a request."),
    ("number.json", "1" * 5000, "number.json is not JSON: "),
    ("binary.json", b"\xff\xfe\x00", "binary.json is not JSON: "),
    ("broken.py", "def", "broken.py is no Python: line 1: "),
    ("null.py", b"x = 1\x00", "null.py is no Python: "),
    ("empty.py", "", "empty.py is empty."),
    ("empty.ipynb", " \n", "empty.ipynb is empty."),
    ("bom.json", b"\xef\xbb\xbf", "bom.json is empty."),
    (
        "latin.json",
        '{"a": "é"}'.encode("latin-1"),
        "latin.json is not JSON: it is no text in UTF-8 (byte 8).",
    ),
    ("latin.yaml", "a: é".encode("latin-1"), "latin.yaml is not YAML: it is no text in UTF-8."),
    ("wide.py", "x = 1".encode("utf-16"), "wide.py has no training job that can be recognised"),
    (
        "digits.py",
        "x = " + "9" * 5000,
        "digits.py is no Python: line 1: it has a number of more than",
    ),
    (
        "newer.py",
        "x = = 1",
        f"newer.py is no Python: line 1: invalid syntax (read as Python {VERSION}).",
    ),
    (
        "sum.py",
        "x = " + "+".join(["1"] * 20_000),
        "sum.py cannot be followed: its statements or calls are",
    ),
    ("none.py", "x = 1", "none.py has no training job that can be recognised"),
    ("text", "To whom it may concern", "text is neither JSON, YAML nor Python: line 1: "),
    ("book.ipynb", "{}", "book.ipynb has no training job that can be recognised"),
    ("large.json", b" " * (files.LARGEST + 1), "large.json is larger than 1,000,000 bytes"),
]


def test_of_a_script_with_many_jobs_the_first_hundred_are_checked(tmp_path):
    written(tmp_path, "many.py", SCRIPT.format("1") + "PyTorch(max_wait=5)\n" * 100)
    facts = command.check_sources([str(tmp_path / "many.py")], None, None)
    assert len(facts["requests"]) == 100
    [reason] = facts["not_read"]
    assert reason.endswith("creates more than 100 jobs: the first 100 of them are checked")


def test_a_link_that_leads_nowhere_and_a_folder_without_files_are_one_sentence(tmp_path):
    for name in ("loop", "loop.py"):
        (tmp_path / name).symlink_to(name)
        with pytest.raises(CommandError, match="is a symbolic link that leads to no file"):
            command.check_sources([str(tmp_path / name)], None, None)
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "notes.txt").write_text("x")
    with pytest.raises(
        CommandError, match=r"none holds no file that may have training jobs \(\.py"
    ):
        command.check_sources([str(tmp_path / "none")], None, None)


def test_a_folder_whose_only_file_has_no_job_is_one_line(tmp_path):
    (tmp_path / "util.py").write_text("x = 1")
    facts = command.check_sources([str(tmp_path)], None, None)
    assert [*command.in_words(facts)] == ["0 requests in 1 file: 0 refused, 0 unwise"]


def test_a_script_in_utf_16_is_read_as_a_windows_shell_writes_it(tmp_path):
    (tmp_path / "train.py").write_bytes(SCRIPT.format("1").encode("utf-16"))
    [request] = command.check_sources([str(tmp_path / "train.py")], None, None)["requests"]
    assert request["line"]


def test_the_jobs_of_a_folders_files_are_apart_from_each_other(tmp_path):
    place = SCRIPT.format("1") + "PyTorch(checkpoint_s3_uri='s3://b/x/')\n" * 3
    for number in range(4):
        (tmp_path / f"job{number}.py").write_text(place)
    facts = command.check_sources([str(tmp_path)], None, None)
    rule = "jobs of a script keep checkpoints apart"
    found = [f for one in facts["requests"] for f in one["findings"] if f["rule"] == rule]
    assert len(found) == 4 * 3
    assert all(" and of 1 more overlap with these" in one["problem"] for one in found)


@pytest.mark.parametrize(("name", "content", "sentence"), SENTENCES, ids=[s[0] for s in SENTENCES])
def test_what_cannot_be_checked_is_one_sentence(tmp_path, monkeypatch, name, content, sentence):
    monkeypatch.chdir(tmp_path)
    if content is not None:
        written(tmp_path, name, content)
    account = command.AccountLookup("Spotter", "eu-west-1")
    with pytest.raises(CommandError) as reason:
        command.check_sources([name], account, None)
    assert str(reason.value).startswith(sentence)
    assert str(reason.value).isprintable()


def test_a_job_needs_aws():
    done = run("check", "nightly-7", "--offline")
    assert (done.returncode, done.stdout) == (1, "")
    assert (
        done.stderr
        == "A job's name needs AWS, to read the job from SageMaker or the ledger: leave out --offline.\n"
    )
    done = run("check", "nightly-7", "--region", "eu-west-1")
    assert (done.returncode, done.stderr) == (
        1,
        "No AWS credentials are found: use --profile, or log in.\n",
    )
    assert run("check").returncode == 2


def answered(folder: Path, name: str, content: bytes, monkeypatch) -> None:
    """Findings or one sentence: anything else raises. Nothing that a terminal acts on is printed."""
    monkeypatch.chdir(Path(__file__).parents[2])
    path = folder / name
    path.write_bytes(content)
    text, facts = sentence(str(path))
    assert text.isprintable()
    if facts is None:
        return
    assert facts["requests"]
    for words in ((), ("--json",)):
        done = run_check(str(path), "--offline", *words)
        assert done.exit_code in (0, 3), done.exception
        assert done.stdout.replace("\n", "").isprintable()


def sentence(path: str) -> tuple[str, Any]:
    """The message that is printed instead of facts, and the facts; one of them is empty."""
    try:
        return "", command.check_sources([path], None, None)
    except CommandError as reason:
        return str(reason), None


MEMBERS = [
    "TrainingJobName", "StoppingCondition", "CheckpointConfig", "ResourceConfig", "Tags", "RoleArn",
    "EnableManagedSpotTraining", "AlgorithmSpecification", "OutputDataConfig", "RetryStrategy",
    "HyperParameters", "Environment", "TrainingJobArn", "TrainingJobStatus", "InputDataConfig",
    "S3Uri", "LocalPath", "MaxWaitTimeInSeconds", "MaxRuntimeInSeconds", "InstanceType", "Key", "Value",
    "InstanceCount", "InstanceGroups", "InstancePreferences", "KeepAlivePeriodInSeconds", "TuningJobArn",
]  # fmt: skip
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9)
JSON = st.recursive(
    VALUES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(MEMBERS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=20,
)
REQUESTS = st.dictionaries(st.sampled_from(MEMBERS), JSON, max_size=8)
NEAR = st.fixed_dictionaries({}, optional=dict.fromkeys(changed(), JSON))
FILLED = st.sampled_from(
    [{"Ref": "x"}, {"Get": "Parameters.x"}, {"Fn::Sub": []}, {"Std:Join": {"On": "/"}}, "{{ x }}"]
)
TASK = "arn:aws:states:::sagemaker:create{}"
JOBS = ("TrainingJob", "HyperParameterTuningJob")
INNER = FILLED | NEAR | JSON | st.dictionaries(st.just("TrainingJobDefinition"), NEAR | FILLED)
MACHINES = st.builds(
    lambda kind, key, inner: {"StartAt": "x", "States": {"x": {"Resource": TASK.format(kind), key: inner}}},
    st.sampled_from(JOBS), st.sampled_from(["Parameters", "Arguments"]), INNER,
)  # fmt: skip
PIPELINES = st.builds(
    lambda kind, inner: {"Version": "2020-12-01", "Steps": [{"Type": kind, "Arguments": inner}]},
    st.sampled_from(["Training", "Tuning", "Condition"]),
    INNER,
)
DOCUMENTS = MACHINES | PIPELINES


@given(text=JSON | REQUESTS | NEAR.map(lambda some: changed() | some) | DOCUMENTS)
def test_any_json_gives_findings_or_one_sentence(tmp_path_factory, text):
    with pytest.MonkeyPatch.context() as patch:
        answered(tmp_path_factory.getbasetemp(), "any.json", json.dumps(text).encode(), patch)


@given(
    content=st.binary(max_size=60) | st.text(max_size=60).map(lambda t: t.encode(errors="replace"))
)
def test_any_content_gives_findings_or_one_sentence(tmp_path_factory, content):
    with pytest.MonkeyPatch.context() as patch:
        for name in ("any.json", "any.py", "any"):
            answered(tmp_path_factory.getbasetemp(), name, content, patch)


WORDS = st.sampled_from(
    ["PyTorch", "(", ")", "max_wait", "=", "1", "x", "**", "{", "}", "'a'", ",", ":", "\n", "for ", "in ",
     "lambda ", "[", "]", ".fit", "use_spot_instances", "True", "*", "def f():\n ", "class C(PyTorch):\n ",
     "import sagemaker\n", "C(", "checkpoint_s3_uri='s3://\x9b31m/'", "+", "if ", "tags=", "not ", "global x\n"]
)  # fmt: skip
PIECES = st.lists(WORDS, max_size=25).map("".join)
STATEMENTS = st.sampled_from(
    ["x = 1", "x = {'max_wait': 5}", "x['max_wait'] = 3", "x.update(y)", "y = x", "y = [x, y]", "x += 1",
     "del x", "e = PyTorch(**x)", "e.max_wait = y", "e.fit(job_name=y)", "PyTorch(*x, **y)", "f(x)",
     "PyTorch(tags=y, max_wait=x, max_run=-x, role=y, instance_type=x)", "x: int = 5", "with y as x: pass",
     "x = lambda x: x", "import x", "c.create_training_job(**x)", "c.create_training_job(Tags=x, **y)",
     "t = ModelTrainer(compute=Compute(**x), stopping_condition=y).with_checkpoint_config(x)",
     "t.compute = x", "match x:\n case {'a': y, **rest}: pass", "y = f'{x}{y!r}{x:>5}'", "y = y * x",
     "def g(x, *y, **z): PyTorch(max_wait=x, **z)", "x, *y = z", "[PyTorch(max_wait=x) for x in y]",
     "setattr(x, 'y')", "setattr(e, 'max_wait', x)", "x = getattr(x)", "x = float('nan')", "y = [x, x][x]",
     "x = timedelta(x, hours=y).seconds", "get_ipython().run_cell_magic(x, y, 'z = 1')", "y = dict(x, y)",
     "with suppress(x): e.fit()", "x = partial(PyTorch, y)(x)", "x = replace(x, y=y)", "y = range(x, y)",
     "for x in y: e.fit()", "try: x = e.fit()\nexcept x: raise", "x = super().y(x)", "x = ' '.join(y)",
     "x = '%s %d' % x", "x = '{} {y}'.format(x)", "x = min(x, y)", "x = zip(x, *y)", "while x: break"]
)  # fmt: skip
IMPORTS = """{}
from sagemaker.pytorch import PyTorch
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from functools import partial
"""
TRAIN = [
    "from sagemaker.train import *",
    "from sagemaker.train import ModelTrainer, configs as c; Compute = c.Compute",
]
SCRIPTS = st.builds(
    lambda train, lines: IMPORTS.format(train) + "\n".join(lines),
    st.sampled_from(TRAIN),
    st.lists(STATEMENTS, max_size=12),
)


@given(source=PIECES.map(SCRIPT.format) | SCRIPTS)
def test_any_script_gives_findings_or_one_sentence(tmp_path_factory, source):
    with pytest.MonkeyPatch.context() as patch:
        answered(tmp_path_factory.getbasetemp(), "any.py", source.encode(), patch)


def test_control_characters_never_reach_the_terminal(tmp_path: Path):
    request = changed(
        TrainingJobName="\x1b]0;x\x07\u202e\x9b31m", CheckpointConfig__S3Uri="s3://b/\x9bx"
    )
    request |= {"Tags": [{"Key": "aws:\x9b\x1b[31m", "Value": "x"}], "\x1b[2J": 1}
    name = written(tmp_path, "hostile.json", request)
    words, facts = run_check(name, "--offline"), run_check(name, "--offline", "--json")
    for done in (words, facts):
        assert done.exit_code == 3
        assert done.stdout.replace("\n", "").isprintable()
    assert "\x1b[2J" in [f["where"] for f in json.loads(facts.stdout)["requests"][0]["findings"]]


FLAGGED = """
import argparse
from sagemaker.estimator import Estimator
args = argparse.ArgumentParser().parse_args()
spot = dict(use_spot_instances=True, max_wait=3600, checkpoint_s3_uri="s3://b/x/") if args.spot else {}
Estimator(max_run=7200, instance_type="ml.m5.large", instance_count=1, **spot).fit()
"""


def test_what_is_refused_under_a_condition_only_names_it(tmp_path: Path):
    done = run_check(written(tmp_path, "train.py", FLAGGED), "--offline", "--json")
    assert done.exit_code == 3
    [request] = json.loads(done.stdout)["requests"]
    assert [(one["severity"], one["where"]) for one in request["findings"]] == [
        ("refused", "line 6, max_wait (if args.spot is true)")
    ]
    left_out = {one["rule"] for one in request["not_checked"]}
    assert "a wait is no shorter than the run" not in left_out  # known for either value
    assert "a rule of the policy names it" in left_out


@pytest.mark.parametrize(
    ("name", "content", "named"),
    [
        ("broken.json", b'{"TrainingJobName": "a",', "broken.json is not JSON: "),
        ("broken.yaml", b"TrainingJobName: a\n  RoleArn: [", "broken.yaml is not YAML: line 2: "),
        ("latin.json", b'{"TrainingJobName": "\xe9"}', "latin.json is not JSON: it is no text in UTF-8"),
        ("utf16.json", '{"TrainingJobName"'.encode("utf-16"), "utf16.json is not JSON: "),
        ("large.json", b'{"TrainingJobName": "' + b"x" * 1_000_001, "large.json is larger than 1,000,000"),
    ],
)  # fmt: skip
def test_a_document_about_a_job_that_cannot_be_read_is_named_in_its_folder(
    tmp_path, name, content, named
):
    (tmp_path / name).write_bytes(content)
    (tmp_path / "settings.json").write_text("// no JSON, and no word of a job")
    (tmp_path / "events.json").write_text('{"TrainingJobSummaries": []}')
    done = CliRunner().invoke(app, ["check", str(tmp_path), "--offline"])
    assert done.exit_code == 0
    first, last = done.stdout.splitlines()
    assert first.startswith("not read: ")
    assert named in first
    assert last == "0 requests in 3 files: 0 refused, 0 unwise"


def test_a_request_on_demand_is_a_note_under_one_title(tmp_path):
    request = changed(EnableManagedSpotTraining=None, StoppingCondition__MaxWaitTimeInSeconds=None)
    (tmp_path / "two.json").write_text(json.dumps([request, request]))
    said = CliRunner().invoke(app, ["check", str(tmp_path / "two.json"), "--offline"]).stdout
    assert said.count("two.json, request 1:") == 1
    assert "two.json, request 1: no findings but notes\nnote " in said
