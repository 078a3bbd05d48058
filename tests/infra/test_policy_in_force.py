"""Two dates and a switch bound what is carried on, and a deployment moves each only for cause."""

from dataclasses import replace

from spotter.core.policy import Policy
from tests.infra.conftest import ACCOUNT, Synthesise
from tests.infra.policies import POLICIES
from tests.infra.template import Properties, Template


def parameters(template: Template) -> dict[str, Properties]:
    return {p["Name"]: p for p in template.all("SSM::Parameter").values()}


def test_the_fingerprint_of_the_policy_is_deployed_with_it(templates: dict[str, Template]) -> None:
    for mode in ("advise", "act"):
        value = parameters(templates[mode])["/Spotter/policy-in-force"]["Value"]
        assert value == POLICIES[mode].fingerprint
    assert POLICIES["advise"].fingerprint != POLICIES["act"].fingerprint


def test_another_policy_touches_neither_the_switch_nor_the_first_date(
    templates: dict[str, Template],
) -> None:
    shipped, advise, act = (parameters(templates[name]) for name in ("shipped", "advise", "act"))
    assert advise["/Spotter/resubmission"] == act["/Spotter/resubmission"]
    since = "/Spotter/watching-since"
    assert shipped[since] == advise[since] == act[since]


def test_the_same_policy_makes_the_same_template(
    synthesise: Synthesise, templates: dict[str, Template]
) -> None:
    assert synthesise(POLICIES["act"]).raw == templates["act"].raw


def test_a_named_account_makes_the_same_stack(
    synthesise: Synthesise, templates: dict[str, Template]
) -> None:
    """Known mistakes are looked for there too: names are then written out."""
    named = synthesise(POLICIES["act"], ACCOUNT)
    assert named.raw["Resources"].keys() == templates["act"].raw["Resources"].keys()


def test_another_e_mail_address_carries_nothing_old_on(synthesise: Synthesise) -> None:
    """Endings older than the policy are left alone; alerts are not what may be carried on."""
    act = POLICIES["act"]
    other: Policy = replace(act, alerts=replace(act.alerts, email=("else@example.com",)))
    in_force = parameters(synthesise(other))["/Spotter/policy-in-force"]
    assert in_force["Value"] == act.fingerprint
