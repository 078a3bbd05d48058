"""Training resumes from its newest checkpoint, and ends bit for bit where it would have ended anyway."""

import io
import json
import zipfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laptop.simulated_sagemaker import Script

PREFIX = "s3://checkpoints/runs/job"
TRAINS = {
    "HyperParameters": {
        "steps": "100",
        "checkpoint_every": "10",
        "step_seconds": "0.5",
        "seed": "7",
    },
    "CheckpointConfig": {"S3Uri": PREFIX},
}
GOES = ("Training", "Interrupted", "Uploading")
LAUNCH = (("Starting", 1), ("Downloading", 1))


def interrupted_after(*seconds):
    """A script with an interruption after so many seconds of each go."""
    steps = [
        step for after in seconds for step in (*LAUNCH, ("Training", after), ("Interrupted", 1))
    ]
    return Script(steps=(*steps, *LAUNCH, ("Training", None)))


def steps_kept(s3, prefix="runs/job/checkpoint-"):
    keys = [key for bucket, key in s3.objects if bucket == "checkpoints"]
    kept = [key.removeprefix(prefix).split("/") for key in keys if key.startswith(prefix)]
    return sorted(int(step) for step, name in kept if name == "trainer_state.json")


@pytest.fixture
def trained(sagemaker, spot, clock, s3):
    """Train a job to its end under a script; its result, as bytes."""

    def train(name, script, looks=1, **changes):
        sagemaker.market.put([(name, script)])
        sagemaker.create_training_job(**spot(TrainingJobName=name, **TRAINS | changes))
        for _ in range(looks):
            clock.forward(2000 / looks)
            sagemaker.advance()
        return s3.objects.get(("results", f"models/{name}/output/model.json"))

    return train


def test_an_interrupted_run_ends_bit_for_bit_like_an_uninterrupted_one(
    trained, sagemaker, s3, lived
):
    straight = trained(
        "straight", interrupted_after(), CheckpointConfig={"S3Uri": "s3://checkpoints/other"}
    )
    s3.objects.clear()
    assert trained("job", interrupted_after(12.3, 20)) == straight
    assert steps_kept(s3) == [*range(10, 101, 10)]
    training = [second for status, second in lived() if status in GOES]
    goes = [end - start for start, end in zip(training[::2], training[1::2], strict=True)]
    assert goes == pytest.approx([12.3, 20, 20])


def test_steps_after_the_last_checkpoint_are_lost(trained, s3, sagemaker, spot, clock, lived):
    """24 steps fit into 12.3 s; 20 of them are kept, so 80 remain."""
    trained("job", interrupted_after(12.3))
    assert lived()[-3:] == [("Training", 17.3), ("Uploading", 57.3), ("Completed", 58.3)]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40
)
@given(
    goes=st.lists(st.floats(0.1, 49).map(lambda seconds: round(seconds, 3)), max_size=4),
    every=st.integers(0, 30),
    looks=st.sampled_from([1, 7, 60]),
)
def test_no_interruption_changes_the_result(trained, s3, sagemaker, clock, goes, every, looks):
    hyper = TRAINS["HyperParameters"] | {"checkpoint_every": str(every)}
    number = len(sagemaker.truths())
    s3.objects.clear()
    straight = trained(
        f"straight-{number}", interrupted_after(), HyperParameters=hyper, CheckpointConfig=None
    )
    assert (
        trained(f"job-{number}", interrupted_after(*goes), looks, HyperParameters=hyper) == straight
    )
    assert json.loads(straight)["step"] == 100


def test_the_next_job_on_the_same_prefix_continues(trained, sagemaker, spot, clock, s3):
    straight = trained(
        "straight", interrupted_after(), CheckpointConfig={"S3Uri": "s3://checkpoints/other"}
    )
    sagemaker.market.put([("job", interrupted_after())])
    sagemaker.create_training_job(**spot(**TRAINS))
    clock.forward(2 + 30)
    sagemaker.stop_training_job(TrainingJobName="job")
    clock.forward(10)
    assert steps_kept(s3) == [10, 20, 30, 40, 50, 60]
    assert ("results", "models/job/output/model.json") not in s3.objects
    assert trained("job-a2", interrupted_after()) == straight
    training = dict(sagemaker.truth("job-a2"))
    assert (training["Uploading"] - training["Training"]).total_seconds() == 20


def test_checkpoints_are_there_while_the_job_still_trains(sagemaker, spot, clock, s3):
    sagemaker.create_training_job(**spot(**TRAINS))
    clock.forward(3 + 10.4)
    sagemaker.advance()
    assert steps_kept(s3) == [10, 20]


@pytest.mark.parametrize(
    "without", [{"CheckpointConfig": None}, {"HyperParameters": {"steps": "100"}}]
)
def test_a_job_may_never_checkpoint(without, trained, s3, lived):
    assert trained("job", interrupted_after(10), **without)
    assert steps_kept(s3) == []


def test_without_a_trailing_slash_a_neighbour_is_restored(trained, s3, lived):
    neighbour = trained(
        "neighbour", interrupted_after(), CheckpointConfig={"S3Uri": f"{PREFIX}-10"}
    )
    assert trained("job", interrupted_after()) == neighbour
    assert dict(lived())["Uploading"] - dict(lived())["Training"] == 0


def test_with_a_trailing_slash_it_is_not(trained, s3, lived):
    trained("neighbour", interrupted_after(), CheckpointConfig={"S3Uri": f"{PREFIX}-10/"})
    trained("job", interrupted_after(), CheckpointConfig={"S3Uri": f"{PREFIX}/"})
    assert dict(lived())["Uploading"] - dict(lived())["Training"] == 50
    assert ("checkpoints", "runs/job/checkpoint-10/trainer_state.json") in s3.objects


def test_a_half_written_checkpoint_breaks_the_training(trained, s3, sagemaker):
    trained("neighbour", interrupted_after(), CheckpointConfig={"S3Uri": PREFIX})
    torn = "checkpoints", "runs/job/checkpoint-100/model.safetensors"
    s3.objects[torn] = s3.objects[torn][:-1]
    assert trained("job", interrupted_after()) is None
    shown = sagemaker.describe_training_job(TrainingJobName="job")
    assert shown["FailureReason"].startswith("AlgorithmError: ")
    assert [status for status, _ in sagemaker.truth("job")][-2:] == ["Training", "Failed"]


def test_a_checkpoint_whose_commit_is_missing_breaks_it_too(trained, s3, sagemaker):
    trained("neighbour", interrupted_after(), CheckpointConfig={"S3Uri": PREFIX})
    del s3.objects["checkpoints", "runs/job/checkpoint-100/trainer_state.json"]
    assert trained("job", interrupted_after()) is None
    assert [status for status, _ in sagemaker.truth("job")][-2:] == ["Training", "Failed"]


def test_a_checkpoint_is_a_folder_as_hugging_faces_trainer_writes_it(trained, s3):
    trained("job", interrupted_after())
    written = [key for bucket, key in s3.objects if key.startswith("runs/job/checkpoint-10/")]
    assert [key.rpartition("/")[2] for key in written] == [
        *("model.safetensors", "optimizer.pt", "scheduler.pt", "rng_state.pth"),
        "trainer_state.json",
    ]
    files = {key.rpartition("/")[2]: s3.objects["checkpoints", key] for key in written}
    assert json.loads(files["trainer_state.json"])["global_step"] == 10
    body = files["model.safetensors"]
    length = int.from_bytes(body[:8], "little")
    header = json.loads(body[8 : 8 + length])
    assert header["slope"] == {"dtype": "F64", "shape": [], "data_offsets": [8, 16]}
    assert (length % 8, len(body)) == (0, 8 + length + 16)
    with zipfile.ZipFile(io.BytesIO(files["optimizer.pt"])) as archive:
        assert archive.testzip() is None
        assert "optimizer/data.pkl" in archive.namelist()


def test_markers_of_an_upload_are_not_checkpoints(trained, s3, lived):
    s3.objects["checkpoints", "runs/job/checkpoint-50.sagemaker-uploading"] = b""
    assert trained("job", interrupted_after())


def test_nonsense_in_the_hyperparameters_fails_the_job_and_not_the_market(trained, sagemaker):
    trained("job", interrupted_after(), HyperParameters={"steps": "many"})
    assert sagemaker.describe_training_job(TrainingJobName="job")["TrainingJobStatus"] == "Failed"
