"""MaxRuntimeInSeconds and MaxWaitTimeInSeconds hold in any market."""

from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from laptop.simulated_sagemaker.spot_market import Chance, Script


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=60
)
@given(
    seed=st.integers(0, 10_000),
    runtime=st.integers(1, 200),
    longer=st.integers(0, 100),
    gaps=st.lists(st.floats(0.01, 60), max_size=20),
)
def test_the_limits_hold_in_any_market_and_however_one_looks(
    sagemaker, spot, clock, seed, runtime, longer, gaps
):
    limits = {"MaxRuntimeInSeconds": runtime, "MaxWaitTimeInSeconds": runtime + longer}
    number, stories = len(sagemaker.truths()), []
    sagemaker.market.put([("*", Chance(seed)("any"))])
    for name, looks in ((f"once-{number}", []), (f"often-{number}", gaps)):
        began = clock()
        sagemaker.create_training_job(**spot(TrainingJobName=name, StoppingCondition=limits))
        for gap in looks:
            clock.forward(gap)
            sagemaker.advance()
        clock.forward(1000)
        stories.append([(status, start - began) for status, start in sagemaker.truth(name)])
    once, often = stories
    assert [status for status, _ in once] == [status for status, _ in often]
    instants = [start.total_seconds() for _, start in once]
    assert instants == sorted(instants)
    assert once[-1][0] in ("Completed", "MaxRuntimeExceeded", "MaxWaitTimeExceeded")
    trained = sum(
        after - start
        for (status, _), start, after in zip(once, instants, instants[1:], strict=False)
        if status == "Training"
    )
    assert trained <= runtime + 0.001
    assert dict(once).get("Stopping", timedelta()).total_seconds() <= runtime + longer


def test_a_held_job_is_ended_for_max_wait_once_it_is_released_and_no_sooner_than_that_is_over(
    sagemaker, spot, clock
):
    script = Script(steps=(("Starting", None),), held=True, stopping=1)
    sagemaker.market.put([("late", script), ("early", script)])
    for name in ("late", "early"):
        limits = {"MaxRuntimeInSeconds": 25, "MaxWaitTimeInSeconds": 25}
        sagemaker.create_training_job(**spot(TrainingJobName=name, StoppingCondition=limits))
    clock.forward(10)
    sagemaker.release(["early"])
    clock.forward(90)
    sagemaker.release(["late"])
    clock.forward(90)
    ends = {name: sagemaker.truth(name) for name in ("late", "early")}
    assert [status for status, _ in ends["late"]] == ["Starting", "Stopping", "MaxWaitTimeExceeded"]
    seconds = {name: (t[1][1] - t[0][1]).total_seconds() for name, t in ends.items()}
    assert seconds == {"late": 100, "early": 25}
