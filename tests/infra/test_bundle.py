"""The bundle is small, complete, always the same, and runs with nothing else around it."""

import gzip
import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name
from botocore.regions import EndpointResolver

from infra import bundle, bundle_pruning, uv
from infra.bundle import build_bundle

LAMBDAS = Path(__file__).parents[2] / "lambdas"

IN_THE_BUNDLE_ALONE = """
import sys
sys.path.insert(0, sys.argv[1])
import botocore.session
from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import Metrics
from handlers import hello
here = {"region_name": "eu-west-1", "aws_access_key_id": "a", "aws_secret_access_key": "b"}
for service in sys.argv[2:]:
    client = botocore.session.get_session().create_client(service, **here)
    if service == "s3":
        client.generate_presigned_url("list_objects_v2", Params={"Bucket": "bucket"})
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """A policy and a small tree of sources."""
    root = tmp_path_factory.mktemp("inputs")
    for name in ("lambdas/handlers/hello.py", "lambdas/spotter/aws/world.py"):
        (root / name).parent.mkdir(parents=True)
        (root / name).write_text("KINDS = {'spot', 'on-demand', 'either'}\n")
    (root / "night.toml").write_text('scope = "spot"\n')
    return root


@pytest.fixture(scope="module")
def built(inputs, tmp_path_factory):
    into = tmp_path_factory.mktemp("built")
    return build_bundle(inputs / "night.toml", into, inputs / "lambdas")


@pytest.fixture(scope="module")
def unpacked(built, tmp_path_factory):
    root = tmp_path_factory.mktemp("unpacked")
    shutil.unpack_archive(built, root)
    return root


def test_our_code_and_the_policy_are_at_its_root(unpacked):
    assert (unpacked / "handlers/hello.py").exists()
    assert (unpacked / "spotter/aws/world.py").exists()
    assert (unpacked / "spotter.toml").read_text() == 'scope = "spot"\n'


def test_it_is_small_and_runs_on_any_processor(built, unpacked):
    assert built.stat().st_size <= 3_000_000
    assert not [p for p in unpacked.rglob("*") if p.suffix in (".so", ".pyd", ".dylib")]


def test_each_package_is_there_with_what_is_installed_and_its_licence(unpacked):
    """The zip may be given to others, and the licences want their text to go with it."""
    packages = sorted(unpacked.glob("*.dist-info"))
    assert len(packages) == bundle.LOCK.read_text().count("==")
    assert [one.name for one in packages if not (one / "METADATA").exists()] == []
    assert [one.name for one in packages if not list(one.rglob("LICEN[CS]E*"))] == []


def test_functions_start_from_it_alone_and_load_nothing_heavy(unpacked):
    alone = [sys.executable, "-I", "-S", "-W", "error", "-c", IN_THE_BUNDLE_ALONE, unpacked]
    ran = subprocess.run(
        [*alone, *bundle_pruning.CALLED], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    heavy = {"pydantic", "asyncio", "aws_xray_sdk", "boto3", "s3transfer", "multiprocessing"}
    heavy |= {"botocore.docs.service", "html.parser", "importlib.metadata"}
    assert not heavy & set(ran.stdout.split())


def test_every_operation_that_our_code_calls_is_in_it():
    """Else a client would lack a method, and only in AWS."""
    code = "\n".join(p.read_text() for p in LAMBDAS.rglob("*.py"))
    names = set(re.findall(r"client\.(\w+)\(|get_paginator\(\"(\w+)\"|self\.\w+\.(\w+)\(", code))
    called = {name for groups in names for name in groups if name}
    for service, kept in bundle_pruning.CALLED.items():
        model = botocore.session.get_session().get_service_model(service)
        every = {xform_name(operation) for operation in model.operation_names}
        assert called & every <= {xform_name(operation) for operation in kept}, service


def test_each_service_is_reached_where_botocore_itself_reaches_it(unpacked):
    """In all partitions and Regions, though the list of endpoints has no other service."""
    every = botocore.session.get_session().get_data("endpoints")
    kept = json.loads((unpacked / "botocore/data/endpoints.json").read_text())
    whole, ours = EndpointResolver(every), EndpointResolver(kept)
    for partition in whole.get_available_partitions():
        regions = whole.get_available_endpoints("ec2", partition)
        assert regions or partition not in ("aws", "aws-cn", "aws-us-gov")
        for service in bundle_pruning.CALLED:
            assert [ours.construct_endpoint(service, r) for r in regions] == [
                whole.construct_endpoint(service, r) for r in regions
            ]
    assert {name for one in kept["partitions"] for name in one["services"]} <= {
        *bundle_pruning.CALLED
    }


@pytest.mark.parametrize("shape", ["DescribeTrainingJobResponse", "CreateTrainingJobRequest"])
def test_a_training_job_is_known_whole(unpacked, shape):
    """A member that botocore does not know is dropped in silence, and a clone would lose it."""
    where = unpacked.glob("botocore/data/sagemaker/*/service-2.json.gz")
    kept = json.loads(gzip.decompress(next(where).read_bytes()))["shapes"]
    full = botocore.session.get_session().get_service_model("sagemaker")._service_description
    full = json.loads(json.dumps(full), object_hook=bundle_pruning.without_prose)["shapes"]
    ahead, seen = {shape}, set()
    while ahead:
        name = ahead.pop()
        assert kept[name] == full[name]
        seen.add(name)
        ahead |= bundle_pruning.shapes_named_in(full[name]) - seen
    assert len(seen) > 50


def test_a_description_keeps_a_member_that_is_called_documentation():
    member = {"documentation": {"shape": "Text", "documentation": "<p>Prose.</p>"}}
    text = json.dumps({"members": member})
    assert json.loads(text, object_hook=bundle_pruning.without_prose) == {
        "members": {"documentation": {"shape": "Text", "documentation": ""}}
    }


def test_the_same_input_gives_the_same_bytes(built, inputs, tmp_path):
    elsewhere = tmp_path / "another place"
    shutil.copytree(inputs, elsewhere)
    again = build_bundle(elsewhere / "night.toml", tmp_path / "built", elsewhere / "lambdas")
    assert (again.name, again.read_bytes()) == (built.name, built.read_bytes())


def test_what_was_built_is_not_built_again(built, inputs):
    before = built.stat().st_mtime_ns
    assert build_bundle(inputs / "night.toml", built.parent, inputs / "lambdas") == built
    assert built.stat().st_mtime_ns == before


@pytest.mark.parametrize("changed", ["night.toml", "lambdas/handlers/hello.py"])
def test_another_policy_or_code_is_another_bundle(built, inputs, tmp_path, changed):
    shutil.copytree(inputs, tmp_path, dirs_exist_ok=True)
    (tmp_path / changed).write_text("mode = 1\n")
    other = build_bundle(tmp_path / "night.toml", built.parent, tmp_path / "lambdas")
    assert other.name != built.name


def test_a_build_that_was_interrupted_leaves_nothing_behind(tmp_path):
    def stumble(file):
        file.write_text("half")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bundle.once(tmp_path / "result", stumble)
    assert list(tmp_path.iterdir()) == []


def test_byte_code_is_lambdas_own_and_trusted_unchecked(unpacked):
    if uv.find_python(bundle.RUNTIME) is None:
        pytest.skip(bundle.WITHOUT_BYTE_CODE)
    code = unpacked / "handlers/__pycache__/hello.cpython-313.pyc"
    assert code.read_bytes()[4] == 0b01, "hash-based, and not checked (PEP 552)"
    assert b"/var/task/handlers/hello.py" in code.read_bytes()


def test_without_the_runtimes_python_it_is_built_all_the_same(
    inputs, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(uv, "find_python", lambda version: None)
    built = build_bundle(inputs / "night.toml", tmp_path, inputs / "lambdas")
    assert capsys.readouterr().err == bundle.WITHOUT_BYTE_CODE + "\n"
    assert not [name for name in zipfile.ZipFile(built).namelist() if name.endswith(".pyc")]


def test_without_uv_it_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(uv, "REPOSITORY", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(uv.NoBundle, match="make synth"):
        uv.find_uv()
