"""A restart is held against the attempt that wrote its checkpoint, exactly, however noisy training is."""

from dataclasses import replace
from typing import Any

import pytest

from spotter_cli.rehearse.observed.observations import AttemptObservations, TrainingState
from spotter_cli.rehearse.state.restart_evidence import Agreement, StatePart
from spotter_cli.rehearse.state.state_comparison import StateComparison
from tests.rehearse.attempts import EPOCH, TOTAL, attempt, compare_restarts, lr_at, state_after

RUNS = (attempt(), attempt())
KILLED = attempt(end=25, killed=True)


def restarted(**values: Any) -> StateComparison:
    reader = attempt(begin=20, reads="d20", **values)
    (found,) = compare_restarts([KILLED, reader], RUNS)
    return found


def test_a_restart_that_has_all_of_its_checkpoint_agrees_in_every_part() -> None:
    found = restarted()
    assert (found.resumed_from, found.writer, found.started_over) == (20, 0, False)
    assert found.compared
    assert {one.agreement for one in found.parts} == {Agreement.AGREES}


def test_noise_in_the_training_does_not_hide_a_restart() -> None:
    """Uninterrupted runs differ in weights, samples and random numbers; the writer and the reader agree."""
    runs = [attempt(noise=n, order=n) for n in ("x", "y")]
    killed = attempt(end=25, noise="z", order="z", killed=True)
    reader = attempt(begin=20, reads="d20", noise="z", order="w")
    (found,) = compare_restarts([killed, reader], runs)
    assert found.compared
    assert found.lost == ()
    unknown = {one.part for one in found.parts if one.agreement is Agreement.UNKNOWN}
    assert unknown == {StatePart.SAMPLER, StatePart.RNG}


def changed(part: str, **values: Any) -> dict[str, Any]:
    state = state_after(20)
    return {**state, part: {**state[part], **values}}


def other(name: str, value: Any) -> Any:
    return lambda total, row: {**row, name: value(total)}


def other_numbers(total: int, row: dict[str, Any]) -> dict[str, Any]:
    """Dropout draws other numbers, so the loss is another one. With the same loss they were the same in effect."""
    return {**row, "rng": {"torch": f"t{total - 20}"}, "loss": 2 / total}


@pytest.mark.parametrize(
    ("reader", "lost"),
    [
        ({"starts_as": changed("weights", **{"net.b": "b0"})}, [StatePart.WEIGHTS]),
        ({"starts_as": changed("buffers", **{"net.mean": "u0"})}, [StatePart.WEIGHTS]),
        ({"starts_as": {**state_after(20), "optimizer": {}}}, [StatePart.OPTIMIZER]),
        ({"starts_as": changed("optimizer", **{"0.net.a.exp_avg": "m"})}, [StatePart.OPTIMIZER]),
        ({"step": other("lr", lambda total: [lr_at(total - 20)])}, [StatePart.SCHEDULE]),
        ({"step": other("lr", lambda total: [lr_at(total - (total > 26))])}, [StatePart.SCHEDULE]),
        ({"step": other("batch", lambda total: f"seed 1 {total - 20}")}, [StatePart.SAMPLER]),
        ({"step": other_numbers}, [StatePart.RNG]),
        ({"step": other("rng", lambda total: {"torch": f"t{total - 20}"})}, []),
        ({"step": other("loss", lambda total: 7.0)}, [StatePart.RNG]),
        ({"step": other("counter", lambda total: total)}, []),
        ({"end": TOTAL + 20}, [StatePart.COUNTER]),
    ],
)
def test_what_was_lost_is_named(reader: dict[str, Any], lost: list[StatePart]) -> None:
    assert list(restarted(**reader).lost) == lost


def test_samples_that_follow_a_lost_generator_are_not_a_second_finding() -> None:
    def again(total: int, row: dict[str, Any]) -> dict[str, Any]:
        return {
            **row,
            "batch": f"seed 1 {total - 20}",
            "rng": {"torch": f"t{total - 20}"},
            "loss": 2 / total,
        }

    assert restarted(step=again).lost == (StatePart.RNG,)


@pytest.mark.parametrize("begins_step_again", [False, True])
def test_a_save_amid_a_step_loses_its_gradients_unless_the_step_is_begun_again(begins_step_again):
    """With the gradients the first step would have begun with the samples of the passes before the save."""

    def later(total: int, row: dict[str, Any]) -> dict[str, Any]:
        return row if begins_step_again else {**row, "batch": f"seed 1 {total}.3", "loss": 7.0}

    killed = attempt(end=25, killed=True, passes=3)
    reader = attempt(begin=20, reads="d20", step=later)
    (found,) = compare_restarts([killed, reader], RUNS)
    assert found.lost == (() if begins_step_again else (StatePart.GRADIENTS,))


def test_another_loss_beside_a_lost_scaler_is_no_second_finding() -> None:
    """The loss that is seen is scaled."""
    scaler = {**state_after(20), "optimizer": {"GradScaler.scale": "65536.0"}}
    found = restarted(starts_as=scaler, step=other("loss", lambda total: 7.0))
    assert found.lost == (StatePart.OPTIMIZER,)


def test_an_epoch_that_was_begun_again_is_the_samplers_loss() -> None:
    killed = attempt(end=39, saves=15, killed=True)
    runs = [attempt(saves=15, order=n) for n in ("x", "y")]
    reader = attempt(begin=15, end=TOTAL + 5, reads="d15")
    (found,) = compare_restarts([killed, reader], runs)
    assert found.lost == (StatePart.SAMPLER,)


def test_rounded_weights_are_told_from_lost_ones() -> None:
    rounded = changed("weights", **{"net.a": "r", "net.b": "r"})
    rounded["values"] = {"net.a": [20.01], "net.b": [39.99]}
    (weights, *_) = restarted(starts_as=rounded).parts
    assert (weights.agreement, weights.detail[:7]) == (Agreement.LOST, "rounded")


def test_an_attempt_with_the_weights_of_a_first_start_started_over() -> None:
    (found,) = compare_restarts([KILLED, attempt()], RUNS)
    assert (found.resumed_from, found.started_over, found.compared) == (0, True, False)


def test_an_unseeded_attempt_that_read_nothing_started_over() -> None:
    reader = attempt(starts_as=changed("weights", **{"net.a": "q", "net.b": "r"}))
    (found,) = compare_restarts([KILLED, reader], RUNS)
    assert found.started_over


def test_weights_of_no_save_are_not_compared_where_a_checkpoint_was_read() -> None:
    reader = attempt(
        begin=20, reads="x", starts_as=changed("weights", **{"net.a": "q", "net.b": "r"})
    )
    (found,) = compare_restarts([KILLED, reader], RUNS)
    assert found.started_over is None
    assert "no state that was observed" in found.not_compared


def test_a_file_that_was_read_tells_the_checkpoint_though_all_weights_are_lost() -> None:
    lost = changed("weights", **{"net.a": "q", "net.b": "r"})
    found = restarted(starts_as=lost)
    assert (found.resumed_from, found.lost[:1]) == (20, (StatePart.WEIGHTS,))


def test_steps_are_counted_over_all_attempts() -> None:
    second = attempt(begin=20, end=33, reads="d20", killed=True)
    third = attempt(begin=30, reads="d30")
    found = compare_restarts([KILLED, second, third], RUNS)
    assert [one.resumed_from for one in found] == [20, 30]
    assert [one.writer for one in found] == [0, 1]
    assert found[1].lost == ()


def test_nothing_is_compared_where_no_step_was_observed() -> None:
    (found,) = compare_restarts([KILLED, AttemptObservations()], RUNS)
    assert not found.compared
    assert "no step" in found.not_compared


def test_a_training_that_went_another_way_after_an_earlier_restart_is_not_held_against_uninterrupted_runs() -> (
    None
):
    """The second attempt lost the optimizer, learnt other weights, and was killed right after it saved them."""
    other_way = {"noise": "w", "step": other("loss", lambda total: 1 / total + (total > 21))}
    lost = {**state_after(20), "optimizer": {}}
    second = attempt(
        begin=20, end=30, reads="d20", digest="e", starts_as=lost, killed=True, **other_way
    )
    third = attempt(begin=30, reads="e30", **other_way)
    found = compare_restarts([KILLED, second, third], RUNS)
    assert found[0].lost == (StatePart.OPTIMIZER,)
    assert (found[1].resumed_from, found[1].writer, found[1].lost) == (30, 1, ())


def test_of_several_optimizers_those_are_compared_that_the_first_step_knows() -> None:
    """The line of a step is written after the first optimizer's; the others follow."""

    def two(begin: int) -> Any:
        return lambda total, row: {**row, "lr": [0.1] if total == begin + 1 else [0.1, 0.2]}

    runs = [attempt(step=two(0)) for _ in range(2)]
    killed = attempt(end=25, killed=True, step=two(0))
    (found,) = compare_restarts([killed, attempt(begin=20, reads="d20", step=two(20))], runs)
    assert found.lost == ()


def test_inputs_that_another_model_made_are_no_samples_where_the_optimizer_was_lost() -> None:
    """A GAN's discriminator gets what its generator made, which differs once something else was learnt."""

    def made(way: str, same_until: int) -> Any:
        def step(total: int, row: dict[str, Any]) -> dict[str, Any]:
            inputs = {"batch": None, "input": f"{way if total > same_until else ''}{total}"}
            return {**row, **inputs}

        return step

    runs = [attempt(step=made("", 0)) for _ in range(2)]
    killed = attempt(end=25, killed=True, step=made("", 0))
    lost = {**state_after(20), "optimizer": {}}
    second = attempt(begin=20, end=31, reads="d20", starts_as=lost, noise="w", digest="e", killed=True, step=made("w", 21))  # fmt: skip
    third = attempt(begin=30, reads="e30", noise="w", step=made("w", 0))
    found = compare_restarts([killed, second, third], runs)
    assert [one.lost for one in found] == [(StatePart.OPTIMIZER,), ()]
    other_samples = attempt(begin=20, reads="d20", starts_as=lost, step=made("w", 0))
    (found,) = compare_restarts([killed, other_samples], runs)
    assert found.lost == (StatePart.OPTIMIZER, StatePart.SAMPLER)


@pytest.mark.parametrize(("passes", "lost"), [(2, (StatePart.GRADIENTS,)), (4, ())])
def test_fewer_backward_passes_in_the_first_step_tell_that_gradients_were_lost(passes, lost):
    """No samples are seen: the script draws them by itself."""

    def unseen(total: int, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "batch": None, "passes": passes if total == 21 else 4}

    runs = [attempt(step=lambda _, row: {**row, "batch": None, "passes": 4}) for _ in range(2)]
    killed = attempt(end=25, killed=True, passes=2, step=lambda _, row: {**row, "batch": None, "passes": 4})  # fmt: skip
    (found,) = compare_restarts([killed, attempt(begin=20, reads="d20", step=unseen)], runs)
    assert found.lost == lost


def beside(run: AttemptObservations, step: int, began: str, saved: str) -> AttemptObservations:
    """With an average of the weights that the script keeps in a dictionary, at its first save."""
    parts = {"beside": {"ema.weight": saved}, "began": {"ema.weight": began}}
    return replace(run, states=(*run.states, TrainingState(step, 0.0, "beside", parts)))


@pytest.mark.parametrize(
    ("began", "lost"), [("e20", ()), ("e0", (StatePart.WEIGHTS,))], ids=["restored", "lost"]
)
def test_an_average_that_no_module_holds_is_compared_by_what_it_was_at_the_first_step(began, lost):
    killed = beside(KILLED, 20, "e0", "e20")
    reader = beside(attempt(begin=20, reads="d20"), 10, began, "e30")
    (found,) = compare_restarts([killed, reader], RUNS)
    assert found.lost == lost
    constant = beside(KILLED, 20, "e20", "e20")
    (found,) = compare_restarts([constant, reader], RUNS)
    assert found.lost == ()


@pytest.mark.parametrize("begin", [10, 20])
def test_an_epoch_that_is_done_twice_is_the_counters_loss_and_not_that_of_what_follows_it(begin):
    """The script seeds each epoch by its number, so that all of its steps are those of the epoch before."""

    def epoch_before(total: int, row: dict[str, Any]) -> dict[str, Any]:
        return {**row, "batch": f"seed 1 {total - EPOCH}", "rng": {"torch": f"seed 1 t{total - EPOCH}"}, "loss": 5 / total}  # fmt: skip

    killed = attempt(end=begin + 5, killed=True)
    reader = attempt(begin=begin, reads=f"d{begin}", step=epoch_before, end=TOTAL + EPOCH)
    (found,) = compare_restarts([killed, reader], RUNS)
    assert found.lost == (StatePart.COUNTER,)


def with_copies(run: AttemptObservations, moment: str, step: int, *values: str) -> AttemptObservations:  # fmt: skip
    """With modules of one class that are not trained, such as two target networks, named in this order."""
    named = {f"Net{f'#{n}' if n > 1 else ''}.a": value for n, value in enumerate(values, start=2)}
    states = [replace(s, parts={**s.parts, "copies": named}) if (s.moment, s.step) == (moment, step) else s for s in run.states]  # fmt: skip
    return replace(run, states=tuple(states))


@pytest.mark.parametrize(
    ("now", "lost"), [(("t20", "s20"), ()), (("s20", "s20"), (StatePart.WEIGHTS,))]
)
def test_which_of_several_copies_is_which_does_not_matter(now, lost):
    killed = with_copies(with_copies(KILLED, "step", 0, "s0", "t0"), "save", 20, "s20", "t20")
    reader = with_copies(attempt(begin=20, reads="d20"), "step", 0, *now)
    (found,) = compare_restarts([killed, reader], RUNS)
    assert found.lost == lost


@pytest.mark.parametrize("snapshot", [True, False])
def test_what_a_thread_writes_is_the_state_that_was_taken_before_and_not_the_one_meanwhile(snapshot):  # fmt: skip
    """It wrote the state after step 20 when the training had made step 21."""

    def late(run: AttemptObservations) -> AttemptObservations:
        (at_save,) = [s for s in run.states if (s.moment, s.step) == ("save", 20)]
        others = tuple(s for s in run.states if s.moment != "save")
        taken = (replace(at_save, moment="snapshot"),) if snapshot else ()
        meanwhile = TrainingState(21, at_save.at, "save", state_after(21), sure=False)
        return replace(run, states=(*others, *taken, meanwhile))

    (found,) = compare_restarts([late(KILLED), attempt(begin=20, reads="d20")], RUNS)
    assert (found.compared, found.lost) == (snapshot, ())
    assert found.started_over is (False if snapshot else None)
