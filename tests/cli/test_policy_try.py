"""`spotter policy try` answers about a job as the ledger has it: how it ended, and what became of it."""

from laptop.simulated_sagemaker.errors import refusal
from spotter_cli.policy.summary import tried
from tests.support.nightly_lineage import ACT, claimed, failing


def test_a_next_attempt_that_was_abandoned_is_not_called_a_resubmission(new_world, deployed):
    world = failing(new_world(ACT), "nightly-7")
    world.refuse("create_training_job", refusal("CreateTrainingJob", "ValidationException", "no"))
    world.pass_time(60)
    found = tried(deployed(world), "nightly-7", ACT, at_end=False)
    assert found["reason"] == f"its next attempt, {claimed(world)['name']}, was abandoned"
    assert tried(deployed(world), "nightly-7", ACT, at_end=True)["decision"] == "resubmit"
