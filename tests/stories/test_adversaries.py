"""Whatever happens to ten thousand lineages, no cap is broken, nothing is done twice, every alert is published.

`make test` tells a tenth of them; `make proof` tells all.
"""

from datetime import timedelta

import pytest

from spotter.core.ledger import row_keys
from spotter.core.model.endings import Ending
from tests.support.adversarial_histories import LINEAGES, AdversarialHistory, adversarial_history

HISTORIES, IN_A_TEST = 2500, 50
BATCHES = [
    pytest.param(n, marks=[pytest.mark.proof] if n % 10 else [])
    for n in range(HISTORIES // IN_A_TEST)
]


@pytest.mark.shows(
    "loops",
    "adversarial lineages: failures, greedy tags, wrong clocks, people who stop and delete",
)
@pytest.mark.parametrize("batch", BATCHES)
def test_no_cap_is_broken_and_every_refusal_has_its_reason(batch, proof):
    carried = 0
    for seed in range(batch * IN_A_TEST, (batch + 1) * IN_A_TEST):
        day = adversarial_history(seed)
        carried += len(day.created)
        caps(day, seed)
        reasons(day, seed)
    proof.count(tries=IN_A_TEST * LINEAGES, fired=carried)
    assert carried > IN_A_TEST * LINEAGES / 20, "hardly anything was carried on: this shows nothing"


def caps(day: AdversarialHistory, seed: int) -> None:
    names = [name for name, _, _ in day.created]
    bounds = day.world.policy.resubmission
    assert len(set(names)) == len(names), (seed, "the same attempt twice")
    assert day.together == [], (seed, "two running attempts")
    for root, count in day.children.items():
        assert count < day.rule.max_attempts, (seed, root, count)
        assert hours(day, root) <= bounds.max_instance_hours, (seed, root)
        assert not opted_out(day, root), (seed, root)
    for _, when, request in day.created:
        assert (
            request["StoppingCondition"]["MaxRuntimeInSeconds"]
            <= bounds.max_runtime.total_seconds()
        )
        hour = [w for _, w, _ in day.created if timedelta() <= when - w < timedelta(hours=1)]
        assert day.clock_is_wrong or len(hour) <= bounds.max_creations_per_hour, (seed, when)


def hours(day: AdversarialHistory, root: str) -> float:
    """The worst case of a lineage, by the requests that SageMaker took."""
    request = [
        day.first[root],
        *(request for name, _, request in day.created if name.startswith(f"{root}-a")),
    ]
    return sum(
        one["ResourceConfig"]["InstanceCount"]
        * one["StoppingCondition"]["MaxRuntimeInSeconds"]
        / 3600
        for one in request
    )


def opted_out(day: AdversarialHistory, root: str) -> bool:
    """True if the lineage's first attempt has the tag that excludes it."""
    tags = {t["Key"]: t["Value"] for t in day.first[root].get("Tags", ())}
    return tags.get("spotter:resubmit") == "off"


def reasons(day: AdversarialHistory, seed: int) -> None:
    for row in day.world.rows():
        if row[row_keys.SK].startswith("ENDED#"):
            assert row.get("reason") or row.get("held"), (seed, row)
        if row.get("settled") == "refuse":
            assert row["reason"], (seed, row)
            assert row["ending"] in set(Ending), (seed, row)
