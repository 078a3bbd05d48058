"""Every key of the policy is described, once, from the model that reads it."""

import json
from dataclasses import replace

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


WHOLE = """
job_name_prefix = "vision-"
recorded_tags = ["team"]
checkpoint_locations = ["s3://ml-checkpoints/*"]
[alerts]
waiting_for_capacity = "90m"
repeated_interruptions = { count = 2, within = "36h" }
[resubmission]
mode = "act"
roles = ["arn:aws:iam::111122223333:role/training"]
max_age = "1d1h1s"
max_spend = 20
prices = { "ml.g5.xlarge" = 1.41 }
circuit_breaker = { count = 5, within = "1h", open_for = "45m" }
[[rule]]
name = "vision-nightly-*"
tags = { team = "vision" }
on = ["MaxWaitTimeExceeded", "CapacityError"]
max_attempts = 3
backoff = { first = "90s", max = "1h" }
finish_by = "07:00 Europe/Berlin"
needs = "6h30m"
margin = "0s"
[[rule]]
tags = { team = "*" }
on = ["NeverLaunched"]
max_attempts = 4
capacity = ["spot", "spot ml.g5.4xlarge max_wait=12h", "on-demand"]
max_total_runtime = "3d"
finish_by = "30h"
"""


def test_the_facts_of_a_policy_are_written_as_its_file_is(tmp_path):
    """A file of the values in them is the same policy, to the second."""
    file = tmp_path / "policy.toml"
    file.write_text(WHOLE)
    facts = json.loads(run("policy", "check", str(file), "--json").stdout)
    assert facts["resubmission"]["max_age"] == "90001s"
    assert [rule["finish_by"] for rule in facts["rules"]] == ["07:00 Europe/Berlin", "30h"]
    facts["rule"] = facts.pop("rules")
    again = "\n".join(
        f"{name} = {toml(value)}"
        for name, value in facts.items()
        if name not in ("schema", "mistakes")
    )
    first, second = parse_policy("p", WHOLE), parse_policy("p", again)
    filled = (replace(rule, capacity=rule.capacity_options) for rule in first.rules)
    assert second == replace(first, rules=tuple(filled))


def toml(value):
    """What JSON holds, on one line of TOML."""
    if isinstance(value, dict):
        given = {name: inner for name, inner in value.items() if inner is not None}
        return "{ " + ", ".join(f'"{n}" = {toml(v)}' for n, v in given.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return json.dumps(value)


def test_a_policy_that_is_not_there_is_no_mistake_in_it(tmp_path):
    done = run("policy", "check", str(tmp_path / "none.toml"), "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no such file" in done.stderr
