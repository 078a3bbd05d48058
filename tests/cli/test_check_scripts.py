"""A script's jobs are read as far as its text tells; what it computes is unknown, and never executed."""

from pathlib import Path
from textwrap import dedent

import pytest

from spotter.core.check.findings import CheckInput
from spotter.core.check.request import NotKnown, Unknown, symbolic
from spotter.core.policy.model import Policy
from spotter_cli.check.scripts import NotAScript, NotFollowed, in_script
from tests.cli.check_requests import SEEN, SHAPE, found, left_out
from tests.cli.script_jobs import (  # fmt: skip
    PLACE,
    RUN,
    SPOT,
    V2,
    V3,
    WAIT,
    job,
    jobs,
    values_of,
    why,
)


@pytest.mark.parametrize(
    "script",
    [
        "Estimator(use_spot_instances=True, max_run=7200, max_wait=9000, checkpoint_s3_uri='s3://b/x/')",
        "P('t.py', use_spot_instances=True, max_run=7200, max_wait=9000, checkpoint_s3_uri='s3://b/x/')",
        "hf.HuggingFace(use_spot_instances=True, max_run=7200, max_wait=9000, checkpoint_s3_uri='s3://b/x/')",
        (
            "sagemaker.pytorch.estimator.PyTorch(use_spot_instances=True, max_run=7200, max_wait=9000, "
            "checkpoint_s3_uri='s3://b/x/')"
        ),
        "P(train_use_spot_instances=True, train_max_run=7200, train_max_wait=9000, checkpoint_s3_uri='s3://b/x/')",
        (
            "H = 60 * 60\nB = 'b'\n"
            "P(use_spot_instances=True, max_run=2 * H, max_wait=9000, checkpoint_s3_uri=f's3://{B}/x/')"
        ),
        (
            "common = {'use_spot_instances': True, 'max_run': 7200}\n"
            "P(max_wait=9000, checkpoint_s3_uri='s3://' + 'b/x/', **common)"
        ),
        (
            "common = dict(use_spot_instances=not False, max_run=1)\n"
            "P(**{**common, 'max_run': 7200}, max_wait=9000, checkpoint_s3_uri='s3://b/x/')"
        ),
        (
            "def make():\n    wait = 9000\n    return P(use_spot_instances=True, max_run=7200, max_wait=wait, "
            "checkpoint_s3_uri='s3://b/x/')"
        ),
        (
            "boto3.client('sagemaker').create_training_job(EnableManagedSpotTraining=True, StoppingCondition="
            "{'MaxRuntimeInSeconds': 7200, 'MaxWaitTimeInSeconds': 9000}, CheckpointConfig={'S3Uri': 's3://b/x/'})"
        ),
        (
            "limits = dict(MaxRuntimeInSeconds=7200, MaxWaitTimeInSeconds=9000)\n"
            "kw = {'EnableManagedSpotTraining': True, 'StoppingCondition': limits}\n"
            "kw2 = dict(CheckpointConfig={'S3Uri': 's3://b/x/'}, **kw)\n"
            "c = boto3.client('sagemaker')\nprint(kw2)\nc.create_training_job(**kw2)"
        ),
    ],
)
def test_what_a_script_says_plainly_is_known(script):
    one = jobs(script)[-1]
    assert values_of(one, SPOT, RUN, WAIT, PLACE) == (True, 7200, 9000, "s3://b/x/")


def test_a_model_trainer_is_read_with_its_shapes():
    one = job(
        """
        compute = Compute(instance_type="ml.g5.xlarge", instance_count=2, enable_managed_spot_training=True,
                          keep_alive_period_in_seconds=60, volume_size_in_gb=50)
        trainer = ModelTrainer(
            training_image="image",
            compute=compute,
            stopping_condition=StoppingCondition(max_runtime_in_seconds=10, max_wait_time_in_seconds=20),
            output_data_config=OutputDataConfig(s3_output_path="s3://b/out"),
            checkpoint_config=CheckpointConfig(s3_uri="s3://b/x/", local_path="/opt/ml/model"),
            tags=[Tag(key="team", value="vision")],
        ).with_retry_strategy(RetryStrategy(maximum_retry_attempts=2))
        """,
        V3,
    )
    assert values_of(one, SPOT, RUN, WAIT, PLACE) == (True, 10, 20, "s3://b/x/")
    assert one.get("ResourceConfig") == {
        "InstanceType": "ml.g5.xlarge",
        "InstanceCount": 2,
        "KeepAlivePeriodInSeconds": 60,
        "VolumeSizeInGB": 50,
    }
    assert one.get("OutputDataConfig.S3OutputPath") == "s3://b/out"
    assert one.get("CheckpointConfig.LocalPath") == "/opt/ml/model"
    assert one.get("RetryStrategy.MaximumRetryAttempts") == 2
    assert one.tags == {"team": "vision"}


def test_a_model_trainer_has_defaults_of_its_own():
    one = job("ModelTrainer(training_image='x')", V3)
    assert values_of(one, RUN, SPOT, PLACE) == (3600, None, None)
    assert one.instances == (("ml.m5.xlarge", 1),)
    made = job("ModelTrainer(training_image='x').with_checkpoint_config()", V3)
    assert "default bucket" in why(made, PLACE)


def test_what_a_trainer_cannot_be_seen_to_have_is_unknown():
    one = job(
        """
        ModelTrainer(
            compute=Compute(instance_type="local", **more), checkpoint_config=CheckpointConfig("s3://b/x/")
        )
        """,
        V3,
    )
    assert "local mode" in why(one, "ResourceConfig.InstanceType")
    assert "local mode" in why(one, WAIT)
    one = job(
        "ModelTrainer(compute=Compute(**more), checkpoint_config=CheckpointConfig('s3://b/x/'))", V3
    )
    assert "puts in what is computed" in why(one, "ResourceConfig.KeepAlivePeriodInSeconds")
    assert "by position" in why(one, PLACE)


def test_instance_groups_have_no_type_beside_them():
    group = "InstanceGroup(instance_type='ml.g5.xlarge', instance_count=2, instance_group_name='g')"
    head = "from sagemaker.train.configs import InstanceGroup\n" + dedent(V3)
    one = job(f"ModelTrainer(training_image='x', compute=Compute(instance_groups=[{group}]))", head)
    assert one.instances == (("ml.g5.xlarge", 2),)
    assert one.get("ResourceConfig.InstanceType") is None


def test_jumpstart_looks_its_image_up():
    head = "from sagemaker.jumpstart.estimator import JumpStartEstimator\n"
    one = job("JumpStartEstimator(model_id='x')", head)
    for path in ("AlgorithmSpecification.TrainingImage", "ResourceConfig.InstanceType"):
        assert "takes it from the JumpStart model" in why(one, path)


def test_checkpoints_given_to_the_trainer_later_are_seen():
    one = job(
        """
        t = ModelTrainer(training_image='x')
        t.with_checkpoint_config(CheckpointConfig(s3_uri='s3://b/x/'))
        """,
        V3,
    )
    assert one.get(PLACE) == "s3://b/x/"


@pytest.mark.parametrize(
    ("script", "wait"),
    [
        ("W = 1\nW = 2\nP(max_wait=W)", 2),
        ("W = 1\nW += 2\nP(max_wait=W)", 3),
        ("(w, v) = (1, 2)\nP(max_wait=w)", 1),
        ("w = w2 = 1\nP(max_wait=w)", 1),
        ("W = 1\ndef f():\n    global W\n    W = 2\nf()\nP(max_wait=W)", 2),
        ("spot = True\nP(max_wait=1 if spot else None)", 1),
        ("spot = False\nif not spot:\n    W = 1\nelse:\n    W = 2\nP(max_wait=W)", 1),
        ("if a:\n    W = 1\nelse:\n    W = 1\nP(max_wait=W)", 1),
        ("if a:\n    raise ValueError\nW = 1\nP(max_wait=W)", 1),
        ("W = 1\nif a:\n    W = 2\n    raise SystemExit\nP(max_wait=W)", 1),
        ("W = 1\ntry:\n    import torch\nexcept ImportError:\n    torch = None\nP(max_wait=W)", 1),
        ("kw = {'max_wait': 1}\nkw['max_wait'] = 2\nP(**kw)", 2),
        ("kw = {}\nkw.update(max_wait=2)\nP(**kw)", 2),
        ("kw = {}\nkw |= {'max_wait': 2}\nP(**kw)", 2),
        ("kw = {}\nkw.setdefault('max_wait', 2)\nP(**kw)", 2),
        ("kw = {'max_wait': 1}\nother = kw\nother['max_wait'] = 2\nP(**kw)", 2),
        ("kw = {'max_wait': 1}\nother = kw.copy()\nother['max_wait'] = 2\nP(**kw)", 1),
        ("kw = {'max_wait': 1}\ndel kw['max_wait']\nP(**kw)", None),
        ("e = P(max_wait=1)\ne.max_wait = 2", 2),
        ("e = P(max_wait=1)\ne.fit()\ne.max_wait = 2", 1),
        ("def f(w=3):\n    return P(max_wait=w)\nf()", 3),
        ("def f(w=3):\n    return P(max_wait=w)\nf(5)", 5),
        ("def f(*, w):\n    return P(max_wait=w)\nf(**{'w': 5})", 5),
        ("def f(**kw):\n    return P(**kw)\nf(max_wait=5)", 5),
        (
            "def wait(run):\n    if run > 60:\n        return 2 * run\n    return 90\nP(max_wait=wait(70))",
            140,
        ),
        ("wait = lambda run, more=5: run + more\nP(max_wait=wait(70))", 75),
        ("import functools\nQ = functools.partial(P, max_wait=5)\nQ('t.py')", 5),
        ("from functools import partial\nQ = partial(P, max_wait=5)\nQ(max_wait=6)", 6),
        (
            "import sys\nfrom functools import partial\nQ = partial(P, max_wait=5)\nif sys.argv[1:]:\n    print(1)\nQ()",
            5,
        ),
        (
            "from functools import partial\nfor x in open('f'):\n    print(x)\nQ = partial(P, 't.py', max_wait=5)\ntry:\n    print(1)\nexcept OSError:\n    pass\nQ()",
            5,
        ),
        ("Q = P\nQ(max_wait=5)", 5),
        ("class C:\n    wait = 5\nP(max_wait=C.wait)", 5),
        (
            "class C:\n    def __init__(self, w):\n        self.w = w\n    def go(self):\n        P(max_wait=self.w)\nC(5).go()",
            5,
        ),
        (
            "from dataclasses import dataclass\n@dataclass\nclass C:\n    run: int\n    wait: int = 7\nP(max_wait=C(1, 5).wait)",
            5,
        ),
        ("waits = [1, 5]\nP(max_wait=waits[-1])", 5),
        ("P(max_wait=int('5'))", 5),
        ("P(max_wait=max(1, 5))", 5),
        ("conf = {'a': {'wait': 5}}\nP(max_wait=conf.get('a', {}).get('wait', 1))", 5),
        ("if __name__ == '__main__':\n    P(max_wait=5)", 5),
        ("def main():\n    P(max_wait=5)\nif __name__ == '__main__':\n    main()", 5),
        ("match 1:\n    case _:\n        W = 5\nP(max_wait=5)", 5),
    ],
)
def test_what_a_reader_of_the_script_knows_is_known(script, wait):
    assert job(script).get(WAIT) == wait


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("P(max_wait=int(os.environ['WAIT']))", "it is computed in line 8"),
        ("import sys\nP(max_wait=sys.maxsize)", "sys.maxsize is imported"),
        ("for W in waits():\n    P(max_wait=W)", "it changes in the loop in line 8"),
        ("W = 1\nwhile go():\n    W = W + 1\nP(max_wait=W)", "it depends on the loop in line 9"),
        ("def f(w):\n    return P(max_wait=w)", "nothing in this file calls f()"),
        ("def f(w=3):\n    return P(max_wait=w)", "nothing in this file calls f()"),
        ("def f(w):\n    return P(max_wait=w)\nf()", "nothing in this file gives it to f()"),
        (
            "if a:\n    W = 1\nelse:\n    W = 2\nP(max_wait=W)",
            "it depends on the condition in line 8",
        ),
        ("W = 1\nif a:\n    W = 2\nP(max_wait=W)", "it depends on the condition in line 9"),
        ("P(max_wait=1 if a else 2)", "it depends on the condition in line 8"),
        ("try:\n    W = 1\nexcept E:\n    W = 2\nP(max_wait=W)", "it depends on the try in line 8"),
        (
            "def f(a):\n    if a:\n        return 1\n    return 2\nP(max_wait=f(x))",
            "it depends on what f() does",
        ),
        ("P(max_wait=UNDEFINED)", "UNDEFINED in line 8 is not defined in this file"),
        ("P(**unknown)", "line 8 puts in what is computed"),
        ("kw = {'max_wait': 1}\nP(**{**kw, **unknown})", "line 9 puts in what is computed"),
        ("kw = {'max_wait': 1}\nkw[name] = 2\nP(**kw)", "line 9 puts in what is computed"),
        ("kw = {'max_wait': 1}\nkw.update(more())\nP(**kw)", "line 9 puts in what is computed"),
        ("kw = {'max_wait': 1}\nchange(kw)\nP(**kw)", "line 9 may change it"),
        ("kw = {'max_wait': 1}\nall = {'kw': kw}\nchange(all)\nP(**kw)", "line 10 may change it"),
        (
            "kw = {'max_wait': 1}\nif a:\n    kw['max_wait'] = 2\nP(**kw)",
            "it depends on the condition in line 9",
        ),
        (
            "kw = {}\nif a:\n    kw['max_wait'] = 2\nP(**kw)",
            "it depends on the condition in line 9",
        ),
        ("e = P(max_wait=1)\nif a:\n    e.max_wait = 2", "it depends on the condition in line 9"),
        ("kw = {**unknown}\nP(**{'max_wait': 1, **kw})", "puts in what is computed"),
        ("class Mine(P):\n    pass\nMine('x')", "the class Mine in line 8 may set it"),
        ("w: int\nP(max_wait=w)", "w in line 9 is not defined in this file"),
        ("with open('x') as w:\n    P(max_wait=w)", "it is computed in line 8"),
        ("P(max_wait=10 ** 9)", "it is computed in line 8"),
        ("P(max_wait=1 // 0)", "it is computed in line 8"),
        ("w = v\nv = w\nP(max_wait=w)", "v in line 8 is not defined in this file"),
        ("def f(n):\n    return f(n - 1)\nP(max_wait=f(9))", "computed"),
        ("P(max_wait='{{ params.wait }}')", "filled in later, from a template"),
    ],
)
def test_what_a_script_computes_is_unknown_and_says_why(script, reason):
    assert reason in why(job(script), WAIT)


@pytest.mark.parametrize(
    ("place", "end"),
    [
        ("f's3://{bucket}/run-1'", "/run-1"),
        ("'s3://{}/run-1'.format(bucket)", "/run-1"),
        ("'s3://{b}/run-1/'.format(b=bucket)", "/run-1/"),
        ("'s3://%s/run-1' % bucket", "/run-1"),
        ("'s3://' + bucket + '/run-1'", "/run-1"),
        ("os.path.join('s3://', bucket, 'run-1')", "/run-1"),
        ("os.path.join('s3://', bucket, 'run-1', '')", "/run-1/"),
        ("'/'.join(['s3:/', bucket, 'run-1'])", "/run-1"),
        ("f'{prefix.rstrip(\"/\")}/run-1/'", "/run-1/"),
    ],
)
def test_the_end_of_a_text_is_known_where_its_middle_is_not(place, end):
    one = job(
        f"bucket = sagemaker.Session().default_bucket()\nprefix = f's3://{{bucket}}/a/'\nP(checkpoint_s3_uri={place})"
    )
    assert symbolic(one.partly(PLACE)).endswith(end)
    assert symbolic(one.partly(PLACE)).startswith("s3://")
    with pytest.raises(NotKnown):
        one.text(PLACE)


def test_one_unknown_value_is_the_same_in_two_texts():
    both = about(
        """
        args = parse()
        P(use_spot_instances=True, max_wait=99999, checkpoint_s3_uri=f"s3://{args.bucket}/{args.name}/",
          output_path=f"s3://{args.bucket}/{args.name}/output", instance_type="ml.g5.xlarge", instance_count=1)
        P(use_spot_instances=True, max_wait=99999, checkpoint_s3_uri=f"s3://{bucket()}/a/",
          output_path=f"s3://{bucket()}/a/output", instance_type="ml.g5.xlarge", instance_count=1)
        """
    )
    rule = "checkpoints and output are apart"
    assert rule in found(both[0])
    assert rule not in found(both[1])
    assert rule in left_out(both[1])


def test_only_what_is_changed_is_unknown():
    one = job(
        """
        limits = {"MaxRuntimeInSeconds": 7200}
        request = {"StoppingCondition": limits, "EnableManagedSpotTraining": True, "Tags": [{"Key": "a"}]}
        request["StoppingCondition"]["MaxWaitTimeInSeconds"] = compute()
        request["Tags"].append(tag())
        role = request["RoleArn"]
        boto3.client("sagemaker").create_training_job(**request)
        """
    )
    assert values_of(one, SPOT, RUN) == (True, 7200)
    assert "it is computed in line 11" in why(one, WAIT)
    assert [one.get("Tags")[0], type(one.get("Tags")[1])] == [{"Key": "a"}, Unknown]


def test_a_named_argument_beside_an_unknown_rest_is_known():
    for script in ("P(**unknown, max_wait=5)", "P(max_wait=5, **unknown)"):
        one = job(script)
        assert one.get(WAIT) == 5
        assert "puts in what is computed" in why(one, SPOT)


def test_what_is_only_read_stays_known():
    one = job(
        """
        limits = {"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 2}
        wait: int
        wait = limits["MaxWaitTimeInSeconds"]
        pending = limits["MaxPendingTimeInSeconds"]
        boto3.client("sagemaker").create_training_job(
            StoppingCondition=limits, RetryStrategy={"MaximumRetryAttempts": wait}
        )
        """
    )
    assert values_of(one, RUN, WAIT, "StoppingCondition.MaxPendingTimeInSeconds") == (1, 2, None)
    assert one.get("RetryStrategy.MaximumRetryAttempts") == 2


@pytest.mark.parametrize(
    ("place", "text"),
    [("f's3://b/{n:>5}/'", "s3://b/  run/"), ("f's3://b/{7:03d}/'", "s3://b/007/")],
)
def test_a_text_that_is_formatted_is_known(place, text):
    assert job(f"n = 'run'\nP(checkpoint_s3_uri={place})").get(PLACE) == text


@pytest.mark.parametrize("place", ["f's3://b/{n!r}/'", "'a' * 3", "f'{n:>{w}}'", "f'{n:>99999}'"])
def test_a_text_that_python_makes_otherwise_is_unknown(place):
    assert "computed" in why(job(f"n = 'run'\nP(checkpoint_s3_uri={place})"), PLACE)


def test_a_list_with_an_unknown_rest_is_unknown():
    assert "computed" in why(job("P(tags=[*more, {'Key': 'a', 'Value': 'b'}])"), "Tags")


def test_a_functions_own_name_hides_the_modules():
    one = job("W = 1\ndef f():\n    W = 2\n    return P(max_wait=W)\n")
    assert one.get(WAIT) == 2


def test_a_classs_names_are_not_its_methods():
    one = job("W = 1\nclass C:\n    W = 2\n    def f(self):\n        return P(max_wait=W)\n")
    assert one.get(WAIT) == 1


@pytest.mark.parametrize(
    ("script", "algorithm"),
    [
        ("KMeans(role='r')", "kmeans"),
        ("Estimator(image_uris.retrieve('kmeans', 'us-east-1'))", "kmeans"),
        ("Estimator(image_uri=sagemaker.image_uris.retrieve(framework='lda', region=r))", "lda"),
        ("Estimator(image_uris.retrieve('xgboost', r, version='1.7-1'))", "sagemaker-xgboost"),
        ("Estimator(image_uris.retrieve('xgboost', r, '1'))", "xgboost"),
        ("Estimator(image_uris.retrieve('xgboost', r, version=v))", None),
        ("Estimator(image_uri='mine')", None),
        ("P()", None),
    ],
)
def test_a_built_in_algorithm_is_told_where_it_can_be(script, algorithm):
    assert job(script).algorithm == algorithm


def test_the_sdk_leaves_out_what_means_nothing():
    one = job("P(max_wait=0, checkpoint_local_path='/opt/ml/model')")
    assert values_of(one, WAIT, RUN, "CheckpointConfig") == (None, 86400, None)


def test_two_trainers_on_one_compute_are_both_on_spot():
    both = jobs(
        """
        compute = Compute(enable_managed_spot_training=True)
        ModelTrainer(training_image="x", compute=compute)
        ModelTrainer(training_image="y", compute=compute)
        """,
        V3,
    )
    assert [one.spot for one in both] == [True, True]


def test_a_shape_that_is_set_again_is_unknown():
    script = """
        limits = StoppingCondition(max_wait_time_in_seconds=5)
        limits.max_wait_time_in_seconds = compute()
        ModelTrainer(training_image="x", stopping_condition=limits)
        """
    assert "it is computed in line 7" in why(job(script, V3), WAIT)
    assert job(script.replace("compute()", "9"), V3).get(WAIT) == 9


def test_an_object_that_is_started_twice_asks_for_two_jobs():
    both = jobs("e = P()\ne.fit(job_name='a')\ne.fit(job_name='b')")
    assert [one.get("TrainingJobName") for one in both] == ["a", "b"]


def test_a_wrong_name_is_found_where_it_is_given():
    name = "TrainingJobName"
    assert job("e = P()\ne.fit(job_name='night_7')").place(name) == "line 9, job_name"
    assert job("e = P(base_job_name='night_7')\ne.fit()").place(name) == "line 8, base_job_name"
    spread = "e = P()\nmore = {'job_name': 'night_7'}\ne.fit(**more)"
    assert job(spread).place(name) == "line 8, job_name"


def test_a_loop_over_known_values_asks_for_each_job_once():
    both = jobs("for w in (1, 2, 2):\n    P(max_wait=w)")
    assert [one.get(WAIT) for one in both] == [1, 2]


def test_what_the_sdk_makes_of_it_later_is_unknown_or_its_own():
    one = job("P(role='MyRole', tags={'team': 'x'}, base_job_name='nightly')")
    assert "by its name" in why(one, "RoleArn")
    local = job("P(role='MyRole', instance_type='local_gpu')")
    assert "local mode" in why(local, "ResourceConfig.InstanceType")
    assert (one.tags, one.stem) == ({"team": "x"}, "nightly")
    assert job("e = P()\ne.fit(job_name='seven')").get("TrainingJobName") == "seven"


@pytest.mark.parametrize(
    ("script", "head"),
    [
        ("P(tags={'team': 'x'})", V2),
        ("P(tags=[{'Key': 'team', 'Value': 'x'}])", V2),
        ("P(tags={'team': 'x', **more()})", V2),
        ("ModelTrainer(training_image='i', tags=[Tag(key='team', value='x')])", V3),
        ("ModelTrainer(training_image='i', tags=[{'key': 'team', 'value': 'x'}])", V3),
        (
            "@remote(instance_type='ml.m5.large', tags=[('team', 'x')])\ndef train(): pass\ntrain()",
            "from sagemaker.remote_function import remote\n",
        ),
    ],
)
def test_tags_may_have_each_form_that_the_sdk_takes(script, head):
    tagged = CheckInput(job(script, head), Policy(), SEEN, SHAPE)
    assert "its members are as the API describes them" not in found(tagged)


def test_a_number_as_a_tags_value_is_refused_in_a_script_too():
    """The SDK hands it to botocore, which raises ParamValidationError."""
    tagged = CheckInput(job("P(tags={'epochs': 5})"), Policy(), SEEN, SHAPE)
    assert found(tagged)["its members are as the API describes them"] == "refused"


def test_a_pipelines_job_is_theirs():
    head = "from sagemaker.workflow.pipeline_context import PipelineSession\n" + dedent(V2)
    one = job("session = PipelineSession()\nP(sagemaker_session=session)", head)
    assert one.owner == "SageMaker Pipelines"


@pytest.mark.parametrize(
    "script",
    [
        "from torch import PyTorch\nPyTorch(max_wait=1)",
        "from sagemaker.pytorch import PyTorchModel\nPyTorchModel(max_wait=1)",
        "class Estimator: pass\nEstimator(max_wait=1)",
        "from sagemaker.pytorch import *\nclass PyTorch: pass\nPyTorch(max_wait=1)",
        "print('Estimator(max_wait=1)')  # Estimator(max_wait=1)",
    ],
)
def test_what_is_not_the_sdks_is_no_job(script):
    assert jobs(script, "import os\n") == []


def test_a_star_import_of_the_sdk_is_followed():
    assert job("PyTorch(max_wait=1)", "from sagemaker.pytorch import *\n").get(WAIT) == 1


def about(script: str, head: str = V2) -> list[CheckInput]:
    found = jobs(script, head)
    return [
        CheckInput(one, Policy(), SEEN, SHAPE, tuple(o for o in found if o is not one))
        for one in found
    ]


def test_every_job_of_a_script_gets_its_own_findings_at_its_line():
    first, second = about(
        """
        P(use_spot_instances=True, max_run=60, max_wait=30, instance_type="ml.g5.xlarge",
          instance_count=1, checkpoint_s3_uri="s3://b/run-1")
        P(use_spot_instances=True, max_run=60, max_wait=3600, instance_type="ml.g5.xlarge",
          instance_count=1, checkpoint_s3_uri="s3://b/run-10/")
        """
    )
    assert found(first) == {
        "a wait is no shorter than the run": "refused",
        "a place for checkpoints ends in a slash": "unwise",
        "jobs of a script keep checkpoints apart": "note",
    }
    assert found(second) == {"jobs of a script keep checkpoints apart": "note"}
    assert first.request.place(WAIT) == "line 9, max_wait"
    assert first.request.place(PLACE) == "line 10, checkpoint_s3_uri"
    assert second.request.named == "train.py, line 11 (PyTorch)"


def test_a_computed_flag_leaves_the_checks_of_spot_unasked():
    [one] = about("P(use_spot_instances=flag, instance_type='ml.g5.xlarge', instance_count=1)")
    assert found(one) == {}
    reasons = set(left_out(one).values())
    assert reasons == {"line 8, use_spot_instances: flag in line 8 is not defined in this file"}


def test_a_script_is_not_executed(tmp_path: Path):
    trap = tmp_path / "trap"
    assert (
        len(jobs(f"open({str(trap)!r}, 'w')\nP(max_wait=open({str(trap)!r}, 'w').write('x'))")) == 1
    )
    assert not trap.exists()


@pytest.mark.parametrize(
    "source",
    [b"def", b"\x00", b"\xff\xfe", b"# coding: nowhere\n", b"(" * 100_000, b"-" * 200_000 + b"1",
     b"a" + b".b" * 100_000, b"[" + b"1+" * 100_000 + b"1]", b"\x1b[31m'"],
    ids=["syntax", "null", "binary", "coding", "parentheses", "minus", "attributes", "plus", "escape"],
)  # fmt: skip
def test_what_is_no_python_is_one_sentence(source):
    with pytest.raises((NotAScript, NotFollowed)) as mistake:
        in_script(source, "x.py")
    assert "\n" not in str(mistake.value)


@pytest.mark.filterwarnings("error")
def test_warnings_of_the_script_itself_are_not_shown():
    assert in_script(b"x = '\\d'\nassert (1, 2)\nif 1 is 1: pass\n", "x.py").requests == []


def test_names_nested_deep_end():
    chain = "\n".join(f"n{i} = n{i + 1}" for i in range(3000)) + "\nP(max_wait=n0)"
    assert "not defined" in why(job(chain), WAIT)
    wide = "a = {'x': 1}\n" + "a = {**a, **a}\n" * 40 + "P(**a)"
    assert job(wide).get(WAIT) is None
    doubled = "a0 = {'x': 1}\n" + "".join(f"a{n + 1} = [a{n}, a{n}]\n" for n in range(38))
    assert job(doubled + "P(max_wait=5, tags=a38)").get(WAIT) == 5
    assert jobs("def f():\n    f()\n    f()\n" + "f()\n" * 50) == []


@pytest.mark.parametrize(
    "script",
    [
        "tags = [t for t in [{'Key': k, 'Value': v} for k, v in {'a': 'b', 'c': 'd'}.items()]]",
        "tags = [{'Key': k, 'Value': 'b.d'[n]} for n, k in enumerate(['a', 'x', 'c']) if k != 'x']",
        "tags = list({'Key': k, 'Value': v} for k, v in zip('ac'.replace('c', '-c').split('-'), ['b', 'd']))",
        "made = {k: v for k, v in (('a', 'b'), ('c', 'd'))}\ntags = [dict(Key=k, Value=made[k]) for k in made]",
        "made = dict(zip(('a', 'c'), ('b', 'd')))\ntags = [dict(Key=k, Value=v) for k, v in made.items()]",
        "tags = [{'Key': k, 'Value': {'a': 'b', 'c': 'd'}[k]} for row in [['a'], ['c']] for k in row]",
    ],
)
def test_a_comprehension_of_known_items_is_known(script):
    assert job(f"{script}\nP(max_wait=5, tags=tags)").tags == {"a": "b", "c": "d"}


def test_a_comprehension_of_what_is_not_known_is_open():
    assert "line 8" in why(job("P(tags=[{'Key': k, 'Value': k} for k in names])"), "Tags")
    assert "line 8" in why(job("P(tags=[{'Key': k, 'Value': k} for k in ['a'] if f(k)])"), "Tags")
    assert "line 8" in why(job("kw = {k: 5 for k in names}\nP(**kw)"), WAIT)
    assert "line 8" in why(job("kw = {k: v for k, v in [('max_wait', 5)] if g}\nP(**kw)"), WAIT)
    assert job("k = 5\nx = [k for k in (1, 2)]\nP(max_wait=k)").get(WAIT) == 5


@pytest.mark.parametrize(
    ("loop", "places"),
    [
        ("for n, x in enumerate('a b'.split(), start=1):\n    p = f'{x}{n}'", ["a1", "b2"]),
        ("for x, n in zip(['a', 'b'], (1, 2)):\n    p = f'{x}{n}'", ["a1", "b2"]),
        ("for x in reversed(['b', 'a']):\n    p = x", ["a", "b"]),
        ("import itertools\nfor x, n in itertools.product('a b'.split(), [1, 2]):\n    p = f'{x}{n}'",
         ["a1", "a2", "b1", "b2"]),
    ],
)  # fmt: skip
def test_a_loop_over_known_items_that_python_pairs_is_followed(loop, places):
    found = jobs(f"{loop}\n    P(checkpoint_s3_uri=f's3://b/{{p}}/')")
    assert [one.get(PLACE) for one in found] == [f"s3://b/{one}/" for one in places]


@pytest.mark.parametrize("decorator", ["property", "functools.cached_property"])
def test_a_property_is_read_as_its_method_returns(decorator):
    one = job(
        f"""
        import functools
        class Config:
            hours = 2
            @{decorator}
            def wait(self):
                return self.hours * 3600
        P(max_wait=Config().wait)
        """
    )
    assert one.get(WAIT) == 7200


@pytest.mark.parametrize(
    "wait",
    [
        "Job().spot.wait",
        "dataclasses.asdict(Job())['spot']['wait']",
        "dataclasses.replace(Job(), longest=Spot().wait).longest",
        "Job(longest=7200).longest",
        "types.SimpleNamespace(wait=7200).wait",
        "json.loads('{\"limits\": [60, {\"wait\": 7200}]}')['limits'][1]['wait']",
    ],
)
def test_objects_of_pythons_own_libraries_are_read(wait):
    one = job(
        f"""
        import dataclasses, json, types
        @dataclasses.dataclass
        class Spot:
            wait: int = dataclasses.field(default=7200)
        @dataclasses.dataclass
        class Job:
            longest: int = 5
            spot: Spot = dataclasses.field(default_factory=Spot)
        P(max_wait={wait})
        """
    )
    assert one.get(WAIT) == 7200


def test_what_json_text_or_an_object_may_hold_is_open_where_it_is_not_known():
    assert "line" in why(job("import json\nP(max_wait=json.loads(text)['wait'])"), WAIT)
    assert "line" in why(job("import json\nP(max_wait=json.loads('{')['wait'])"), WAIT)
    assert "line" in why(job("import types\nP(max_wait=types.SimpleNamespace(**x).wait)"), WAIT)


@pytest.mark.parametrize(
    "made", ["{1: 'a', 2: 'b'}", "{n: 'a' for n in (1, 2)}", "dict(enumerate('a'))"]
)
def test_a_mapping_whose_keys_are_no_texts_is_not_taken_for_an_empty_one(made):
    assert len(jobs(f"for n, x in {made}.items():\n    P(max_wait=n)")) == 1
    assert why(job(f"P(max_wait=5 if {made} else 6)"), WAIT)


REMOTE = """
    from sagemaker.remote_function import CheckpointLocation, RemoteExecutor, remote
    @remote(use_spot_instances=True, instance_type="ml.m5.xlarge", max_wait_time_in_seconds=90000)
    def fit(data, place=None):
        return data
    """


@pytest.mark.parametrize(
    "call",
    [
        "fit(1, CheckpointLocation('s3://b/x/'))",
        "fit(frame, place=CheckpointLocation(s3_uri='s3://b/x/', local_path='/opt/ml/c'))",
        "here = CheckpointLocation('s3://b/x/')\ndef go():\n    return fit(1, here)\ngo()",
    ],
)
def test_the_checkpoint_location_of_a_remote_function_is_the_one_that_its_call_passes(call):
    one = job(dedent(REMOTE) + call)
    assert values_of(one, PLACE, SPOT, WAIT) == ("s3://b/x/", True, 90000)


def test_each_place_that_a_remote_function_is_called_with_is_a_job():
    places = "for n in range(3):\n    fit(n, CheckpointLocation(f's3://b/{n}/'))"
    assert [one.get(PLACE) for one in jobs(dedent(REMOTE) + places)] == [
        "s3://b/0/",
        "s3://b/1/",
        "s3://b/2/",
    ]


def test_a_remote_function_that_is_called_without_a_place_saves_no_checkpoint():
    [inputs] = about(dedent(REMOTE) + "fit(1, place='s3://b/x/')")
    assert "a spot job has a place for checkpoints" in found(inputs)


@pytest.mark.parametrize("call", ["", "fit(frame)", "fit(*them)", "fit(1, **them)"])
def test_what_a_call_of_a_remote_function_may_pass_is_open(call):
    assert "CheckpointLocation" in why(job(dedent(REMOTE) + call), PLACE)


def test_a_pipeline_names_its_jobs_itself():
    head = "from sagemaker.workflow.pipeline_context import PipelineSession\n"
    one = job(head + "P('t.py', base_job_name='team/train', sagemaker_session=PipelineSession())")
    assert (one.owner, one.stem) == ("SageMaker Pipelines", None)
    assert job("P('t.py', base_job_name='team/train')").stem == "team/train"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("args.wait", "the command line sets it, in line 12"),
        ("rest.wait", "the command line sets it, in line 13"),
        ("os.environ.get('WAIT', 5)", "the environment sets it, in line 14"),
        ("os.getenv('WAIT')", "the environment sets it, in line 14"),
        ("ParameterInteger(name='W', default_value=5)", "a parameter of the pipeline sets it"),
    ],
)
def test_a_value_from_outside_the_file_says_who_sets_it(value, reason):
    script = f"""
        import argparse
        from sagemaker.workflow.parameters import ParameterInteger
        parser = argparse.ArgumentParser()
        args = parser.parse_args()
        rest, _ = parser.parse_known_args()
        P(max_wait={value})
        """
    assert reason in why(job(script), WAIT)


def test_the_first_hundred_jobs_of_a_script_are_read_and_the_rest_is_said_to_be_left_out():
    many = "".join(f"P(max_wait={n})\n" for n in range(130))
    read = in_script((dedent(V2) + many).encode(), "many.py")
    assert [one.get(WAIT) for one in read.requests] == [None, *range(1, 100)]
    assert read.unread == ["many.py creates more than 100 jobs: the first 100 of them are checked"]


def test_hyperparameters_that_are_set_later_count():
    later = "e = P('t.py', hyperparameters={'lr': 1})\ne.set_hyperparameters(output_dir='/tmp/x', n=n)\n"
    one = job(f"{later}e.fit()")
    assert one.get("HyperParameters.lr") == "1"
    assert one.get("HyperParameters.output_dir") == "/tmp/x"
    assert "not defined" in why(one, "HyperParameters.n")
    assert job("e = P('t.py')\ne.set_hyperparameters(a='b')").get("HyperParameters.a") == "b"


@pytest.mark.parametrize(
    ("module", "owner"),
    [
        ("sagemaker.workflow.steps", "SageMaker Pipelines"),
        ("stepfunctions.steps", "Step Functions"),
    ],
)
def test_the_estimator_of_a_step_belongs_to_the_steps_service(module, owner):
    step = f"from {module} import TrainingStep\ne = P('t.py', base_job_name='team/x')\n"
    assert job(f"{step}TrainingStep('Train', estimator=e)").owner == owner


TUNING = """
    boto3.client("sagemaker").create_hyper_parameter_tuning_job(
        HyperParameterTuningJobName="t",
        HyperParameterTuningJobConfig={"Strategy": "Bayesian"},
        TrainingJobDefinition={
            "StaticHyperParameters": {"epochs": "3"},
            "EnableManagedSpotTraining": True,
            "StoppingCondition": {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 3600},
            "HyperParameterTuningResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1},
        },
    )
    """


def test_a_request_for_a_tuning_job_has_training_jobs_of_the_service():
    one = job(TUNING)
    assert values_of(one, SPOT, RUN, WAIT, "HyperParameters.epochs") == (True, 7200, 3600, "3")
    assert one.get("ResourceConfig.InstanceType") == "ml.m5.large"
    assert (one.owner, one.whole) == ("hyperparameter tuning", False)


def test_a_tuning_job_that_is_computed_is_open():
    one = job("boto3.client('sagemaker').create_hyper_parameter_tuning_job(**read())")
    assert "computed" in why(one, WAIT)


YAML = '''
    import yaml, textwrap
    config = yaml.safe_load(textwrap.dedent("""
      spot: true
      run: 7200
      place: s3://b/x/
    """))
    Estimator(use_spot_instances=config["spot"], max_run=config["run"], max_wait=9000,
              checkpoint_s3_uri=config["place"])
    '''


@pytest.mark.parametrize(
    "script",
    [
        YAML,
        """
        from datetime import timedelta
        run = timedelta(hours=1) * 2
        Estimator(use_spot_instances=True, max_run=int(run.total_seconds()),
                  max_wait=(run + timedelta(minutes=30)).seconds, checkpoint_s3_uri="s3://b/x/")
        """,
        """
        from enum import Enum, IntEnum
        class Time(IntEnum):
            RUN = 7200
        class Place(str, Enum):
            ONE = "s3://b/x/"
        class Wait(Enum):
            LONG = 9000
        Estimator(use_spot_instances=True, max_run=Time.RUN, max_wait=Wait["LONG"].value,
                  checkpoint_s3_uri=Place.ONE.value)
        """,
        """
        class OnSpot(P):
            wait = 9000
            def __init__(self, place, **kwargs):
                super().__init__("t.py", use_spot_instances=True, max_wait=self.wait,
                                 checkpoint_s3_uri=self.at(place), **kwargs)
            def at(self, place):
                return f"s3://b/{place}/"
        class Longer(OnSpot):
            def __init__(self, *names, **kwargs):
                super(Longer, self).__init__(*names, max_run=7200, **kwargs)
        Longer("x", instance_count=1).fit()
        """,
        """
        class OnSpot(Estimator):
            def __init__(self, **kwargs):
                Estimator.__init__(self, use_spot_instances=True, max_run=7200, **kwargs)
            def fit(self, *inputs):
                self.checkpoint_s3_uri = "s3://b/x/"
                super().fit(*inputs)
        OnSpot(max_wait=9000).fit()
        """,
        """
        from sagemaker.workflow.airflow import training_config
        from airflow.providers.amazon.aws.operators.sagemaker import SageMakerTrainingOperator
        est = Estimator(use_spot_instances=True, max_run=7200, max_wait=9000, checkpoint_s3_uri="s3://b/x/")
        SageMakerTrainingOperator(task_id="t", config=training_config(estimator=est, inputs="s3://b/d"))
        """,
    ],
    ids=["yaml", "durations", "enumerations", "super", "override", "airflow"],
)  # fmt: skip
def test_what_a_library_or_an_own_class_gives_is_known(script):
    assert values_of(job(script), SPOT, RUN, WAIT, PLACE) == (True, 7200, 9000, "s3://b/x/")


def test_what_an_own_class_does_not_pass_on_is_not_given():
    one = job("""
        class Mine(P):
            def __init__(self, max_wait, **kwargs):
                super().__init__(use_spot_instances=True, **kwargs)
        Mine(9000).fit()
        """)
    assert values_of(one, SPOT, WAIT) == (True, None)


def test_an_own_class_whose_init_is_not_followed_stays_open():
    one = job("""
        class Mine(P):
            def __init__(self):
                for part in parts():
                    part.begin(self)
        Mine().fit()
        """)
    assert "the class Mine" in why(one, SPOT)


FLAG = """
    import argparse
    args = argparse.ArgumentParser().parse_args()
    spot = {{}}
    if {0}:
        spot = dict(use_spot_instances=True, max_wait=9000)
    Estimator(max_run=7200, **spot).fit()
    """


@pytest.mark.parametrize(
    ("condition", "named", "spot_if"),
    [
        ("args.spot", "args.spot", True),
        ("not args.dear", "args.dear", False),
        ("args.kind.lower() == 'spot'", "args.kind.lower() == 'spot'", True),
        ("os.environ['SPOT']", "os.environ['SPOT']", True),
        ("bool(os.getenv('SPOT'))", "bool(os.getenv('SPOT'))", True),
        ("args.spot and True", "args.spot", True),
    ],
)
def test_a_condition_of_whoever_runs_the_script_is_followed_both_ways(condition, named, spot_if):
    one = job(FLAG.format(condition))
    [cases] = one.cases
    assert cases.condition == named
    on, off = (cases.if_true, cases.if_false) if spot_if else (cases.if_false, cases.if_true)
    assert values_of(on, SPOT, WAIT) == (True, 9000)
    assert values_of(off, SPOT, WAIT) == (None, None)
    assert "it depends on the condition" in why(one, WAIT)


def test_a_condition_that_the_script_computes_is_not_supposed():
    assert job(FLAG.format("computed()")).cases == ()


def test_no_more_than_eight_conditions_are_followed_both_ways():
    flags = "\n".join(f"    if args.f{n}:\n        given['F{n}'] = '1'" for n in range(9))
    made = f"    given = {{}}\n{flags}\n    spot['environment'] = given\n    Estimator"
    script = FLAG.format("False").replace("    Estimator", made)
    assert len(job(script).cases) == 8


@pytest.mark.parametrize("change", ["super().__init__(7200)", "self.run = 7200"])
def test_what_an_init_sets_in_a_branch_is_set_in_that_branch(change):
    one = job(f"""
        import argparse
        args = argparse.ArgumentParser().parse_args()
        class Limits:
            def __init__(self, run):
                self.run = run
        class Longer(Limits):
            def __init__(self):
                self.run = 3600
                if args.long:
                    {change}
        Estimator(max_run=Longer().run).fit()
        """)
    [cases] = one.cases
    assert (cases.if_true.get(RUN), cases.if_false.get(RUN)) == (7200, 3600)
    assert "it depends on the condition" in why(one, RUN)


CHOSEN = """
import config
GIVEN = dict(use_spot_instances=True, max_run=3600, max_wait=7200, checkpoint_s3_uri="s3://b/x/")
"""


@pytest.mark.parametrize(
    ("script", "kinds"),
    [
        ("E = P if config.torch else hf.HuggingFace\nE(**GIVEN).fit()", ["P", "HuggingFace"]),
        ("E = P\nif config.hub:\n    E = hf.HuggingFace\nE(**GIVEN).fit()", ["P", "HuggingFace"]),
        ("E = None\nif config.hub:\n    E = hf.HuggingFace\nE(**GIVEN).fit()", ["HuggingFace"]),
        ("{'a': P, 'b': hf.HuggingFace}[config.kind](**GIVEN).fit()", ["P", "HuggingFace"]),
        ("{'a': P}.get(config.kind, hf.HuggingFace)(**GIVEN).fit()", ["P", "HuggingFace"]),
        ("[P, hf.HuggingFace][config.kind](**GIVEN).fit()", ["P", "HuggingFace"]),
        (
            ("from functools import partial\n"
            "E = partial(P, **GIVEN) if config.torch else partial(hf.HuggingFace, **GIVEN)\n"
            "if config.other:\n    print(1)\n"
            "E().fit()"),
            ["P", "HuggingFace"],
        ),
        (
            ("module = sagemaker.pytorch if config.torch else sagemaker.huggingface\n"
            "(module.PyTorch if config.torch else module.HuggingFace)(**GIVEN).fit()"),
            ["P", "HuggingFace"],
        ),
        (
            ("try:\n    from sagemaker.train import ModelTrainer as T\n"
            "except ImportError:\n    from sagemaker.modules.train import ModelTrainer as T\n"
            "T(checkpoint_config=config.places).train()"),
            ["ModelTrainer"],
        ),
    ],
)  # fmt: skip
def test_a_class_that_the_script_chooses_makes_a_job_of_each(script, kinds):
    found = jobs(CHOSEN + script)
    named = sorted(one.named.partition(" (")[2].rstrip(")") for one in found)
    assert named == sorted("PyTorch" if kind == "P" else kind for kind in kinds)


def test_a_job_object_that_the_script_chooses_is_set_and_started_as_one():
    found = jobs(
        """
        import config
        first, second = P(use_spot_instances=True), hf.HuggingFace(use_spot_instances=True)
        chosen = first if config.torch else second
        chosen.checkpoint_s3_uri = "s3://b/x/"
        chosen.fit(job_name="nightly")
        """
    )
    assert [values_of(one, PLACE, "TrainingJobName") for one in found] == [
        ("s3://b/x/", "nightly")
    ] * 2


def test_what_a_branch_leaves_different_and_makes_no_job_stays_unknown():
    one = job(
        """
        import config
        place = "s3://b/x/" if config.torch else "s3://b/y/"
        P(checkpoint_s3_uri=place, max_run=len if config.torch else 5)
        """
    )
    assert "it depends on the condition in line" in why(one, PLACE)
    assert "it depends on the condition in line" in why(one, RUN)


def test_jobs_of_one_call_are_told_apart_by_their_number():
    found = jobs(
        """
        def make(place):
            return P(use_spot_instances=True, checkpoint_s3_uri=place)
        make("s3://b/x/").fit()
        make("s3://b/y/").fit()
        P(use_spot_instances=True)
        """
    )
    assert [one.named.partition("(")[2] for one in found] == [
        "PyTorch), job 1 of 2",
        "PyTorch), job 2 of 2",
        "PyTorch)",
    ]
