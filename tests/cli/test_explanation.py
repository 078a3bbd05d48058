"""An explanation for people says where Spotter may not look, and what to do about it."""

from dataclasses import replace

import pytest

from spotter.core.checkpoints.watched_locations import OUTPUT, watched_locations
from spotter.core.policy.model import Policy
from spotter_cli.views.explanation import explained, in_words
from tests.support.nightly_lineage import ACT, STILL_THERE

HINT = "Spotter may not look there: name its place under `checkpoints` in spotter.toml"


@pytest.mark.parametrize(
    ("policy", "known", "watches"),
    [(ACT, True, True), (Policy(), True, False), (Policy(), False, None)],
    ids=["named", "as shipped", "an older deployment"],
)
def test_a_place_that_is_not_watched_is_said_with_the_key_to_set(
    new_world, deployed, policy, known, watches
):
    told = new_world(policy)
    told.script("*", STILL_THERE)
    told.create("nightly-7")
    told.pass_time(5)
    spotter = deployed(told)
    if known:
        spotter = replace(spotter, outputs=spotter.outputs | {OUTPUT: watched_locations(policy)})
    facts = explained(spotter, "nightly-7", policy, told.now)
    assert [one["checkpoints_watched"] for one in facts["attempts"]] == [watches]
    said = "\n".join(in_words(facts, verbose=False))
    assert (HINT in said) is (watches is False)
