"""A date and a switch bound what is resubmitted, and no deployment moves either without cause."""

from dataclasses import replace

import pytest

from spotter.core.policy.model import Policy
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


@pytest.mark.shows("deployments", "the switch, against the template")
def test_no_deployment_can_touch_the_switch(templates: dict[str, Template]) -> None:
    """CloudFormation writes a parameter's value again at every update, and deletes it with the stack."""
    for template in templates.values():
        assert template.outputs.get("SwitchParameter") not in parameters(template)
    assert templates["act"].outputs["SwitchParameter"] == "/Spotter/switch"


@pytest.mark.shows("deployments", "the switch, against the roles of functions and deployments")
def test_nobody_but_a_person_turns_the_switch_or_moves_the_date(template: Template) -> None:
    allowed = {a for s in template.may() for a in s["Action"] if a.startswith("ssm:")}
    assert allowed <= {"ssm:GetParameter", "ssm:GetParameterHistory"}


def test_resubmit_reads_the_switch_and_the_policys_history_and_nothing_else(
    templates: dict[str, Template],
) -> None:
    act = templates["act"]
    [policy] = act.all("SSM::Parameter")
    read = {
        (action, resource)
        for s in act.may(act.role_of("resubmit"))
        for action in s["Action"]
        for resource in s["Resource"]
        if action.startswith("ssm:")
    }
    place = "arn:aws:ssm:eu-west-1:111122223333:parameter"
    assert read == {
        ("ssm:GetParameter", f"{place}/Spotter/switch"),
        ("ssm:GetParameterHistory", f"{place}{policy}"),
    }


def test_the_outputs_say_how_to_pause_with_the_aws_command_line(
    templates: dict[str, Template],
) -> None:
    put = (
        "aws ssm put-parameter --region eu-west-1 --name /Spotter/switch --type String --overwrite"
    )
    outputs = templates["act"].outputs
    assert outputs["PauseCommand"] == f"{put} --value off"
    assert outputs["ResumeCommand"] == f"{put} --value on"


def test_a_second_stack_has_a_switch_and_a_date_of_its_own(synthesise: Synthesise) -> None:
    second = synthesise(POLICIES["act"], name="Gym")
    assert second.outputs["SwitchParameter"] == "/Gym/switch"
    assert [*parameters(second)] == ["/Gym/policy-in-force"]


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


def test_another_e_mail_address_resubmits_nothing_of_the_past(synthesise: Synthesise) -> None:
    """Endings older than the policy are left alone; alerts are not what may be carried on."""
    act = POLICIES["act"]
    other: Policy = replace(act, alerts=replace(act.alerts, email=("else@example.com",)))
    in_force = parameters(synthesise(other))["/Spotter/policy-in-force"]
    assert in_force["Value"] == act.fingerprint
