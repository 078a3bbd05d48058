"""Jobs go through the life cycles that AWS documents, to the millisecond."""

import pytest

from laptop.simulated_sagemaker import Script
from laptop.simulated_sagemaker.spot_market import (
    INTERRUPTED_ONCE,
    NEVER_LAUNCHED,
    OUT_OF_TIME,
    UNINTERRUPTED,
)

WAITS_90 = {
    "StoppingCondition__MaxRuntimeInSeconds": 80,
    "StoppingCondition__MaxWaitTimeInSeconds": 90,
}
CYCLES = {
    "uninterrupted": (
        UNINTERRUPTED,
        [("Starting", 0), ("Downloading", 2), ("Training", 3), ("Uploading", 63), ("Completed", 64)],
    ),
    "interrupted once": (
        INTERRUPTED_ONCE,
        [
            ("Starting", 0), ("Downloading", 2), ("Training", 3), ("Interrupted", 23),
            ("Starting", 25), ("Downloading", 27), ("Training", 28), ("Uploading", 88), ("Completed", 89),
        ],
    ),
    "interrupted twice, then out of time": (
        OUT_OF_TIME,
        [
            ("Starting", 0), ("Downloading", 2), ("Training", 3), ("Interrupted", 23),
            ("Starting", 25), ("Downloading", 27), ("Training", 28), ("Interrupted", 48),
            ("Downloading", 50), ("Training", 51), ("Stopping", 90), ("MaxWaitTimeExceeded", 91),
        ],
    ),
    "never launched": (NEVER_LAUNCHED, [("Starting", 0), ("Stopping", 90), ("MaxWaitTimeExceeded", 91)]),
}  # fmt: skip


@pytest.mark.parametrize("cycle", CYCLES)
def test_the_documented_life_cycles_happen_exactly(cycle, sagemaker, spot, clock, lived):
    script, expected = CYCLES[cycle]
    sagemaker.market.put([("job", script)])
    sagemaker.create_training_job(**spot(**WAITS_90))
    clock.forward(1000)
    assert lived() == expected


@pytest.mark.parametrize("cycle", CYCLES)
def test_how_often_one_looks_changes_nothing(cycle, sagemaker, spot, clock, lived):
    script, expected = CYCLES[cycle]
    sagemaker.market.put([("job", script)])
    sagemaker.create_training_job(**spot(**WAITS_90))
    for _ in range(300):
        clock.forward(0.35)
        sagemaker.advance()
    assert lived() == expected


def test_describe_shows_each_stay_with_its_end_but_the_last(sagemaker, spot, clock):
    sagemaker.market.put([("job", INTERRUPTED_ONCE)])
    sagemaker.create_training_job(**spot())
    clock.forward(24)
    shown = sagemaker.describe_training_job(TrainingJobName="job")
    stays = shown["SecondaryStatusTransitions"]
    assert [stay["Status"] for stay in stays] == [
        "Starting",
        "Downloading",
        "Training",
        "Interrupted",
    ]
    assert [stay.get("EndTime") for stay in stays] == [stay["StartTime"] for stay in stays[1:]] + [
        None
    ]
    assert shown["LastModifiedTime"] == stays[-1]["StartTime"]
    assert (shown["TrainingJobStatus"], shown["SecondaryStatus"]) == ("InProgress", "Interrupted")


def test_stopped_for_want_of_time_is_stopped_and_not_failed(sagemaker, spot, clock):
    sagemaker.market.put([("job", NEVER_LAUNCHED)])
    sagemaker.create_training_job(**spot(**WAITS_90))
    clock.forward(90.5)
    assert sagemaker.describe_training_job(TrainingJobName="job")["TrainingJobStatus"] == "Stopping"
    clock.forward(1)
    shown = sagemaker.describe_training_job(TrainingJobName="job")
    assert (shown["TrainingJobStatus"], shown["SecondaryStatus"]) == (
        "Stopped",
        "MaxWaitTimeExceeded",
    )
    assert (
        not {"TrainingStartTime", "TrainingTimeInSeconds", "BillableTimeInSeconds", "FailureReason"}
        & shown.keys()
    )


def test_spot_is_billed_for_less_than_it_trained(sagemaker, spot, on_demand, clock):
    sagemaker.create_training_job(**spot())
    sagemaker.create_training_job(**on_demand(TrainingJobName="dear"))
    clock.forward(100)
    cheap, dear = (
        sagemaker.describe_training_job(TrainingJobName=name) for name in ("job", "dear")
    )
    assert (cheap["TrainingTimeInSeconds"], cheap["BillableTimeInSeconds"]) == (62, 19)
    assert dear["TrainingTimeInSeconds"] == dear["BillableTimeInSeconds"] == 62


def test_the_runtime_bounds_what_was_trained_and_not_what_was_waited(sagemaker, spot, clock, lived):
    sagemaker.market.put([("job", INTERRUPTED_ONCE)])
    sagemaker.create_training_job(**spot(StoppingCondition__MaxRuntimeInSeconds=50))
    clock.forward(1000)
    assert lived()[-3:] == [("Training", 28), ("Stopping", 58), ("MaxRuntimeExceeded", 59)]


def test_a_user_stops_a_job_by_way_of_stopping(sagemaker, spot, clock, lived):
    sagemaker.create_training_job(**spot())
    clock.forward(10)
    sagemaker.stop_training_job(TrainingJobName="job")
    assert sagemaker.describe_training_job(TrainingJobName="job")["TrainingJobStatus"] == "Stopping"
    clock.forward(10)
    assert lived()[-2:] == [("Stopping", 10), ("Stopped", 11)]


def test_on_demand_a_job_ends_even_where_spot_never_would(sagemaker, on_demand, clock, lived):
    sagemaker.market.put([("job", NEVER_LAUNCHED)])
    sagemaker.create_training_job(**on_demand())
    clock.forward(1000)
    assert lived() == [("Starting", 0), ("Training", 1), ("Uploading", 61), ("Completed", 62)]


def test_on_demand_jobs_neither_wait_nor_are_interrupted(sagemaker, on_demand, clock, lived):
    sagemaker.market.put([("job", OUT_OF_TIME)])
    sagemaker.create_training_job(**on_demand(HyperParameters={"steps": "5"}))
    clock.forward(1000)
    assert [status for status, _ in lived()] == [
        "Starting",
        "Downloading",
        "Training",
        "Uploading",
        "Completed",
    ]


@pytest.mark.parametrize("request_for", ["spot", "on_demand"])
@pytest.mark.parametrize(
    "reason", ["CapacityError: none left", "InternalServerError: ours", "AlgorithmError: yours"]
)
def test_a_scripted_failure_says_why(reason, request_for, sagemaker, clock, lived, request):
    sagemaker.market.put([("job", Script(steps=(("Starting", 5),), failure=reason))])
    sagemaker.create_training_job(**request.getfixturevalue(request_for)())
    clock.forward(10)
    shown = sagemaker.describe_training_job(TrainingJobName="job")
    assert (shown["TrainingJobStatus"], shown["FailureReason"]) == ("Failed", reason)
    assert lived() == [("Starting", 0), ("Failed", 5)]


def test_the_same_status_may_come_twice_and_unknown_ones_are_kept(sagemaker, spot, clock, lived):
    steps = (
        ("Starting", 1),
        ("Pending", 1),
        ("Starting", 1),
        ("Starting", 1),
        ("Restarting", 1),
        ("Training", 1),
    )
    sagemaker.market.put([("job", Script(steps=steps))])
    sagemaker.create_training_job(**spot())
    clock.forward(5.5)
    assert lived() == [(status, second) for second, (status, _) in enumerate(steps)]


def test_a_message_is_overwritten_in_place(sagemaker, spot, clock):
    sagemaker.market.put([("job", NEVER_LAUNCHED)])
    sagemaker.create_training_job(**spot())
    before = sagemaker.describe_training_job(TrainingJobName="job")
    clock.forward(60)
    after = sagemaker.describe_training_job(TrainingJobName="job")
    [stay], [later] = before["SecondaryStatusTransitions"], after["SecondaryStatusTransitions"]
    assert stay["StartTime"] == later["StartTime"]
    assert stay["StatusMessage"] != later["StatusMessage"]
    assert before["LastModifiedTime"] == after["LastModifiedTime"]
