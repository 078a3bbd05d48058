"""The end of an interrupted training is compared only where two uninterrupted runs agree."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from spotter_cli.rehearse.observed.printed import PrintedMetric
from spotter_cli.rehearse.verdict.evidence import Artifact, AttemptEvidence, EndedBy
from spotter_cli.rehearse.verdict.results import compare_results


def attempt(files: Mapping[str, str] | None = None, **metrics: Sequence[float]) -> AttemptEvidence:
    final = {name: Artifact(digest, 1) for name, digest in (files or {}).items()}
    printed = [
        PrintedMetric(0.0, (0.0, float(step)), name, value)
        for name, values in metrics.items()
        for step, value in enumerate(values)
    ]
    return AttemptEvidence(10.0, EndedBy.ITSELF, 0, final=final, metrics=printed)


def same(one: AttemptEvidence, other: AttemptEvidence, mine: AttemptEvidence) -> bool | None:
    return compare_results([one, other], [mine]).same


def test_equal_models_are_the_same_whatever_else_differs():
    one = attempt({"model/model.pt": "a", "output/log.json": "x"})
    other = attempt({"model/model.pt": "a", "output/log.json": "y"})
    assert same(one, other, attempt({"model/model.pt": "a", "output/log.json": "z"})) is True
    assert same(one, other, attempt({"model/model.pt": "b", "output/log.json": "x"})) is False
    assert same(one, other, attempt({})) is False


def test_noise_in_the_model_hides_a_difference_though_other_files_agree():
    one = attempt({"model/model.pt": "a", "model/config.json": "c"})
    other = attempt({"model/model.pt": "b", "model/config.json": "c"})
    assert same(one, other, one) is None


def test_times_in_the_output_hide_no_difference_in_what_was_printed():
    def timed(seconds: float, weight: float = 0.25, **metrics: Sequence[float]) -> AttemptEvidence:
        model, times = {"weight": weight, "created": seconds}, {"train": {"seconds": seconds}}
        final = {
            "model/model.json": Artifact(str(model), 1, model),
            "model/metrics.json": Artifact(str(times), 1, times),
            "model/config.json": Artifact("c", 1, {"layers": 3}),
        }
        return replace(attempt(**metrics), final=final)

    losses = [0.9, 0.8, 0.7]
    one, other = timed(2.0, loss=losses), timed(3.0, loss=losses)
    assert same(one, other, timed(1.0, loss=losses)) is True
    assert same(one, other, timed(1.0, loss=[0.9, 0.8, 0.71])) is False
    assert same(one, other, timed(1.0, weight=0.5, loss=losses)) is False
    assert same(timed(2.0), timed(3.0), timed(1.0)) is None  # a constant tells nothing
    assert same(one, timed(3.0, weight=0.3, loss=losses), one) is None


def test_a_time_that_two_runs_share_is_no_difference():
    def rounded(seconds: int, **metrics: Sequence[float]) -> AttemptEvidence:
        held = {"loss": 0.7, "seconds": seconds}
        return replace(attempt(**metrics), final={"model/m.json": Artifact(str(held), 1, held)})

    one = rounded(2, loss=[0.9, 0.8, 0.7])
    assert same(one, one, rounded(1, loss=[0.9, 0.8, 0.7])) is True
    assert same(rounded(2), rounded(2), rounded(1)) is None


def test_a_constant_that_is_printed_tells_nothing_beside_noise():
    one = attempt(loss=[0.9, 0.8, 0.7], lr=[0.1, 0.05, 0.01])
    other = attempt(loss=[0.9, 0.7, 0.6], lr=[0.1, 0.05, 0.01])
    assert same(one, other, one) is None
    assert same(one, other, attempt(loss=[0.9, 0.8, 0.7], lr=[0.1, 0.1, 0.1])) is False


def test_metrics_that_agree_are_the_same_if_they_change_at_all():
    one = attempt(loss=[0.9, 0.8, 0.7])
    assert same(one, one, one) is True
    assert same(one, one, attempt(loss=[0.9, 0.8, 0.71])) is False
    mean_since_the_restart = attempt(loss=[0.9, 0.81, 0.7])
    assert same(one, one, mean_since_the_restart) is None
    constant = attempt(lr=[0.1, 0.1, 0.1])
    assert same(constant, constant, constant) is None


def test_a_difference_far_beyond_the_noise_is_none():
    steps = range(40)
    one = attempt(loss=[1 / (1 + s) + 0.001 * (s % 3) for s in steps])
    other = attempt(loss=[1 / (1 + s) + 0.001 * (s % 2) for s in steps])
    assert same(one, other, attempt(loss=[1 / (1 + s) + 0.5 for s in steps])) is False
    assert same(one, other, attempt(loss=[1 / (1 + s) + 0.004 for s in steps])) is None


def test_runs_that_were_ended_at_a_step_are_compared_by_a_checkpoint_that_all_have():
    """They end a little after it, each at another step."""

    def ended(**files: str) -> AttemptEvidence:
        held = {f"{name}.pt": Artifact(digest, 1) for name, digest in files.items()}
        return replace(
            attempt({"model/model.pt": "at the end"}),
            ended_by=EndedBy.STEP_REACHED,
            checkpoints=held,
        )

    one = ended(step_10="a", step_20="b", last="x")
    assert same(one, one, ended(step_10="a", step_20="b", step_30="c", last="y")) is True
    assert same(one, one, ended(step_10="a", step_20="z", last="x")) is False
    assert same(one, one, ended(last="y")) is None
