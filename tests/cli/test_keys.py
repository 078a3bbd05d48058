"""Every key of the policy is described, once, from the model that reads it."""

import json

from spotter.core.policy.parse import parse_policy
from spotter_cli.policy import keys
from tests.cli.test_command_line import run


def test_every_key_is_described_and_nothing_else_is():
    named = [
        f"{table.name.strip('[]')}.{key}" if table.name else key
        for table in keys.TABLES
        for key in table.keys
    ]
    assert sorted(named) == sorted(keys.MEANS)


def test_a_default_that_is_said_is_the_one_that_holds():
    """Written into a file, the defaults change nothing."""
    lines = []
    for table in keys.TABLES[:3]:
        lines += [f"[{table.name}]"] if table.name else []
        lines += [
            f"{key.name} = {'[]' if key.default == 'empty' else key.default}"
            for key in keys.described(table)
            if key.default != "not set" and key.name != "prices"
        ]
    assert parse_policy("p", "\n".join(lines)) == parse_policy("p", "")


def test_the_command_line_lists_the_keys():
    output = run("policy", "keys").stdout
    assert "max_instance_hours (default: 1000)" in output
    assert "attempts (default: none, it must be given)" in output
    assert '"spotter.policy-keys/1"' in run("policy", "keys", "--json").stdout


def test_a_policys_mistakes_are_facts_for_a_program(tmp_path):
    file = tmp_path / "policy.toml"
    file.write_text('scope = "everything"\n[resubmission]\nmode = "go"\n')
    done = run("policy", "check", str(file), "--json")
    facts = json.loads(done.stdout)
    assert done.returncode == 1
    assert facts["schema"] == "spotter.policy/1"
    assert [one.partition(":")[0] for one in facts["mistakes"]] == [
        'scope = "everything"',
        'resubmission.mode = "go"',
    ]
    file.write_text("")
    allowed = json.loads(run("policy", "check", str(file), "--json").stdout)
    assert (allowed["schema"], allowed["mistakes"]) == ("spotter.policy/1", [])
    assert allowed["resubmission"]["mode"] == "off"


def test_a_policy_that_is_not_there_is_no_mistake_in_it(tmp_path):
    done = run("policy", "check", str(tmp_path / "none.toml"), "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no such file" in done.stderr
