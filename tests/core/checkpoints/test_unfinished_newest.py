"""What is decided where the listing shows that the newest checkpoint is unfinished, and an older one is whole."""

from dataclasses import replace

import pytest

from spotter.core.checkpoints import StoredObject, findings
from spotter.core.policy.model import OnTornCheckpoint
from spotter.core.resubmit.case import Decision, Kind
from spotter.core.resubmit.decide import decide
from tests.core.resubmit.test_decide import case, ruled
from tests.support.jobs import NEVER_LAUNCHED, NOON, minutes

RULE = "a_torn_newest_checkpoint_is_not_resumed_from"
RESUBMIT = ruled(on_torn_checkpoint=OnTornCheckpoint.RESUBMIT)
TRAINER = ("model.safetensors", "optimizer.pt", "trainer_state.json")
STATES = ("mp_rank_00_model_states.pt", "zero_pp_rank_0_mp_rank_00_optim_states.pt")

Files = dict[str, int]
"""Minutes after the attempt's start by path."""


def of(folder: str, names: tuple[str, ...], minute: int) -> Files:
    return {f"{folder}/{name}": minute for name in names}


def found(files: Files, now: int = 90, **more):
    stored = [StoredObject(f"run/{name}", NOON + minutes(at), 90) for name, at in files.items()]
    return findings("run/", stored, now=NOON + minutes(now), **more)


def decided(files: Files, now: int = 90, policy=None) -> Decision:
    more = {"policy": policy} if policy else {}
    one = case(found=found(files, now), **more)
    return decide(replace(one, now=NOON + minutes(now)))


OLDER = of("checkpoint-5", TRAINER, 30)
TORN = of("checkpoint-10", TRAINER[:2], 60)


def test_the_newest_that_its_framework_would_load_is_refused_and_named():
    decision = decided(OLDER | TORN)
    assert (decision.kind, decision.rule) == (Kind.REFUSE, RULE)
    assert decision.reason.startswith(
        "checkpoint-10/ is not complete (it lacks trainer_state.json), and its framework's own resume loads it"
    )
    assert 'on_torn_checkpoint = "resubmit"' in decision.reason
    assert decision.unfinished == "checkpoint-10/: it lacks trainer_state.json"
    assert decision.progressed is True


def test_the_rule_may_allow_it_and_the_decision_still_names_it():
    decision = decided(OLDER | TORN, policy=RESUBMIT)
    assert decision.kind is Kind.RESUBMIT
    assert "from checkpoint-5/ (checkpoint-10/ is not complete" in decision.reason
    assert 'the rule has on_torn_checkpoint = "resubmit"' in decision.reason


@pytest.mark.parametrize(
    ("files", "words"),
    [
        (
            of("global_step5", STATES, 30) | {"latest": 31} | of("global_step10", STATES[:1], 60),
            "its framework skips that",
        ),
        (
            of("step_5", ("__0_0.distcp", "__1_0.distcp", ".metadata"), 30)
            | of("step_10", ("__0_0.distcp", "__1_0.distcp"), 60),
            "the script chooses what it loads",
        ),
    ],
)
def test_what_its_framework_skips_or_its_script_chooses_is_named_and_passed_over(files, words):
    decision = decided(files)
    assert decision.kind is Kind.RESUBMIT
    assert "10/ is not complete" in decision.reason
    assert words in decision.reason


def test_lightnings_own_resume_takes_no_other_than_the_last():
    step, last = "epoch=0-step={}.ckpt", {"last.ckpt": 31}
    older = {step.format(n): n for n in (10, 20, 30)} | last
    torn = {step.format(40): 60}
    sizes = [StoredObject(f"run/{n}", NOON + minutes(at), 900) for n, at in older.items()]
    cut = [StoredObject(f"run/{n}", NOON + minutes(at), 400) for n, at in torn.items()]
    passed = decide(case(found=findings("run/", sizes + cut, now=NOON + minutes(90))))
    assert passed.kind is Kind.RESUBMIT
    assert "step=40.ckpt is not complete" in passed.reason
    assert "the script chooses what it loads" in passed.reason
    cut = [StoredObject("run/last.ckpt", NOON + minutes(60), 400)]
    refused = decide(case(found=findings("run/", sizes[:-1] + cut, now=NOON + minutes(90))))
    assert refused.rule == RULE


def test_what_a_pointer_names_is_loaded_though_its_framework_skips_others():
    files = of("global_step5", STATES, 30) | of("global_step10", STATES[:1], 60) | {"latest": 61}
    decision = decided(files)
    assert (decision.kind, decision.rule) == (Kind.REFUSE, RULE)
    assert "a file beside it, names it as the one to resume from" in decision.reason


@pytest.mark.parametrize(
    "files",
    [
        OLDER | of("tmp-checkpoint-10", TRAINER[:2], 60),  # staged: no framework resumes from it
        OLDER | of("checkpoint-2", TRAINER[:2], 20),  # an old one that rotation deletes
        OLDER | {"gpt--step=9.ckpt": 60, "gpt--step=9.ckpt-unfinished": 60},
        OLDER,
    ],
)
def test_what_is_no_newest_or_marks_itself_is_not_spoken_of(files):
    decision = decided(files)
    assert (decision.kind, decision.unfinished) == (Kind.RESUBMIT, None)
    assert decision.reason.endswith("from checkpoint-5/")


def test_what_is_still_uploaded_is_waited_for_where_it_would_be_loaded():
    waiting = decided(OLDER | TORN, now=61)
    assert waiting.kind is Kind.WAIT
    assert waiting.until == NOON + minutes(62)
    assert decided(OLDER | TORN, now=61, policy=RESUBMIT).kind is Kind.RESUBMIT
    whole = OLDER | of("checkpoint-10", TRAINER, 60)
    assert decided(whole, now=61).checkpoint.startswith("checkpoint-10/")


def test_a_listing_that_was_cut_shows_nothing_to_be_unfinished():
    assert found(OLDER | TORN).unfinished_newest.name == "checkpoint-10/"
    assert found(OLDER | TORN, whole=False).unfinished_newest is None


def test_an_attempt_that_needs_no_checkpoint_is_not_held_up_by_one():
    never = decide(case(NEVER_LAUNCHED, found=found(OLDER | TORN)))
    assert never.kind is Kind.RESUBMIT
    needless = decided(OLDER | TORN, policy=ruled(require_checkpoint=False))
    assert needless.kind is Kind.RESUBMIT


def test_without_an_older_one_the_refusal_says_what_is_missing():
    decision = decided(TORN)
    assert decision.rule == "a_trained_attempt_must_have_left_a_checkpoint"
    assert "checkpoint-10/ is not complete: it lacks trainer_state.json" in decision.reason
