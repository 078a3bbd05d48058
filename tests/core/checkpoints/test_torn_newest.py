"""What is decided where reading shows that the newest checkpoint is torn."""

from dataclasses import replace

import pytest

from spotter.core.checkpoints import Checkpoint, Findings, StoredObject
from spotter.core.checkpoints.content import judged_by_content
from spotter.core.checkpoints.formats.verdicts import WHOLE, not_verified, torn
from spotter.core.policy.model import OnTornCheckpoint
from spotter.core.resubmit.case import Case, Kind
from spotter.core.resubmit.decide import decide
from tests.core.resubmit.test_decide import POLICY, case, past, ruled
from tests.support.jobs import NEVER_LAUNCHED, NOON, minutes

TRAINER, MMENGINE = "Hugging Face Trainer (plain, DeepSpeed, FSDP)", "MMEngine"
WHY = "model.safetensors: it ends within its header"
RULE = "a_torn_newest_checkpoint_is_not_resumed_from"
RESUBMIT = ruled(on_torn_checkpoint=OnTornCheckpoint.RESUBMIT)


def one(step: int, minute: int, layout: str = TRAINER) -> Checkpoint:
    written = NOON + minutes(minute)
    name = f"checkpoint-{step}/"
    stored = StoredObject(f"run/{name}model.safetensors", written, 90)
    return Checkpoint(name, written, (stored,), layout)


def torn_newest(older: int = 30, layout: str = TRAINER, **more) -> Findings:
    """checkpoint-2 is torn; checkpoint-1, of so many minutes after the attempt's start, is whole."""
    found = Findings((one(1, older), one(2, 60, layout)), **more)
    found = judged_by_content(found, found.newest, torn(WHY))
    return judged_by_content(found, found.newest, WHOLE)


def torn_only() -> Findings:
    found = Findings((one(2, 60),))
    return judged_by_content(found, found.newest, torn(WHY))


def test_what_resuming_would_load_is_refused_and_the_torn_one_is_named():
    decision = decide(case(found=torn_newest()))
    assert (decision.kind, decision.rule) == (Kind.REFUSE, RULE)
    assert f"checkpoint-2/ is torn ({WHY})" in decision.reason
    assert 'on_torn_checkpoint = "resubmit"' in decision.reason
    assert decision.torn == f"checkpoint-2/: {WHY}"
    assert (decision.checkpoint[:13], decision.verified) == ("checkpoint-1/", "whole")


def test_what_its_framework_skips_is_passed_over_and_the_older_one_counts():
    decision = decide(case(found=torn_newest(layout=MMENGINE)))
    assert (decision.kind, decision.progressed) == (Kind.RESUBMIT, True)
    assert "from checkpoint-1/ (checkpoint-2/ is torn" in decision.reason
    assert "its framework skips that; verified" in decision.reason


def test_the_owner_may_say_that_the_script_takes_an_older_one():
    decision = decide(case(found=torn_newest(), policy=RESUBMIT))
    assert decision.kind is Kind.RESUBMIT
    assert 'the rule has on_torn_checkpoint = "resubmit"' in decision.reason


@pytest.mark.parametrize(
    ("found", "policy"),
    [
        (torn_newest(older=-5), RESUBMIT),
        (torn_newest(older=-5, layout=MMENGINE), POLICY),
        (torn_only(), RESUBMIT),
    ],
)
def test_a_torn_one_is_no_progress(found, policy):
    decision = decide(case(found=found, policy=policy))
    assert decision.rule == "a_trained_attempt_must_have_left_a_checkpoint"
    assert decision.reason.endswith(f"; checkpoint-2/ is torn ({WHY})")
    assert decision.progressed is False


def test_two_attempts_that_left_torn_ones_only_end_the_lineage():
    stood = past(progressed=False)
    needless = ruled(require_checkpoint=False)
    decision = decide(case(found=torn_only(), policy=needless, past=(stood,)))
    assert decision.rule == "no_progress_twice_ends_a_lineage"


def test_what_may_still_become_a_newer_checkpoint_is_waited_for():
    later: Case = case(found=torn_newest(settling=one(3, 61)))
    later = replace(later, now=NOON + minutes(62))
    assert decide(later).kind is Kind.WAIT
    older = case(found=torn_newest(settling=one(3, 59)))
    assert decide(replace(older, now=NOON + minutes(62))).rule == RULE


def test_an_attempt_that_needs_no_checkpoint_has_none_that_is_torn():
    assert decide(case(NEVER_LAUNCHED, found=torn_newest())).kind is Kind.RESUBMIT
    needless = ruled(require_checkpoint=False)
    assert decide(case(found=torn_newest(), policy=needless)).kind is Kind.RESUBMIT


def test_what_could_not_be_verified_is_judged_by_its_listing_and_said_so():
    found = Findings((one(2, 60),))
    found = judged_by_content(
        found, found.newest, not_verified("optimizer.pt: a pickle is not read")
    )
    decision = decide(case(found=found))
    assert decision.kind is Kind.RESUBMIT
    assert decision.reason.endswith("(not verified: optimizer.pt: a pickle is not read)")
    assert decision.verified == "not verified: optimizer.pt: a pickle is not read"


def test_a_first_single_file_is_resumed_from_with_a_note_about_verification():
    stored = StoredObject("run/step-1.pt", NOON + minutes(60), 90)
    found = Findings((Checkpoint("step-1.pt", stored.modified, (stored,)),))
    decision = decide(case(found=found))
    assert decision.kind is Kind.RESUBMIT
    assert decision.reason.endswith(
        "from step-1.pt (its listing does not tell whether it is whole; "
        "verify_checkpoints = true would)"
    )
