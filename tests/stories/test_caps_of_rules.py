"""A rule's own cap: one team's failing jobs leave the creations of others alone."""

from dataclasses import replace
from datetime import timedelta

from laptop.simulated_sagemaker.spot_market import NEVER_LAUNCHED, UNINTERRUPTED
from tests.support.jobs import NOON
from tests.support.nightly_lineage import LIMITS, NIGHTLY, bounded

TEAM_A = replace(NIGHTLY, name="team-a-*", max_creations_per_hour=1)
TEAM_B = replace(NIGHTLY, name="team-b-*")


def test_a_rules_cap_holds_its_own_lineages_back_and_no_others(new_world):
    world = new_world(replace(bounded(max_creations_per_hour=10), rules=(TEAM_A, TEAM_B)))
    world.script("*-a2-*", UNINTERRUPTED)
    world.script("*", NEVER_LAUNCHED)
    for name in ("team-a-0", "team-a-1", "team-a-2", "team-b-0", "team-b-1"):
        world.create(name, StoppingCondition=LIMITS)
    world.pass_time(70)
    second = [name for name in world.attempts() if "-a2-" in name]
    assert sorted(name.split("-a2-")[0][:6] for name in second) == ["team-a", "team-b", "team-b"]
    held = [world.ended(f"team-a-{n}") for n in range(3)]
    waiting = [row for row in held if "held" in row]
    assert len(waiting) == 2
    assert "the limit of 1 creations per hour of the rule for" in waiting[0]["held"]
    world.now = NOON + timedelta(hours=1, minutes=10)
    world.sweep()
    assert len([name for name in world.attempts() if "-a2-" in name]) == 4
