"""Every mistake in `spotter.toml` is named, and what is right is read as it stands."""

import re
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest

from spotter.core.model.endings import Ending
from spotter.core.policy import keys
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT
from spotter.core.policy.model import (
    BackoffPolicy,
    CircuitBreakerPolicy,
    Mode,
    OnTornCheckpoint,
    Policy,
    RepeatedInterruptions,
)
from spotter.core.policy.parse import RENAMED, PolicyMistakes, parse_policy, read_policy
from spotter.core.resubmit.plan import options_for

WHOLE = """
scope = "all"
job_name_prefix = "vision-"
recorded_tags = ["team", "project"]
checkpoint_locations = ["s3://ml-checkpoints/*"]
verify_checkpoints = true
kms_keys = ["arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
[alerts]
repeated_interruptions = { count = 2, within = "1h30m" }
waiting_for_capacity = "30m"
wait_budget_used = false
email = ["team@example.com"]
slack = true
[resubmission]
mode = "act"
roles = ["arn:aws:iam::111122223333:role/service-role/training-*"]
instance_types = ["ml.g5.*"]
max_runtime = "2d"
max_age = "2h"
max_lineage_age = "9d"
max_instance_hours = 96
max_spend = 120.5
prices = { "ml.g5.xlarge" = 1.41, "ml.g5.4xlarge" = 2 }
circuit_breaker = { count = 6, within = "1h", open_for = "3h" }
max_creations_per_hour = 5
[[rule]]
name = "nightly-*"
tags = { team = "vision" }
on = ["MaxWaitTimeExceeded", "NeverLaunched"]
max_attempts = 4
capacity = ["spot", "on-demand"]
require_checkpoint = false
on_torn_checkpoint = "resubmit"
require_image_digest = true
max_interruptions = 12
max_errors = 1
max_total_runtime = "3d"
backoff = { first = "5m", max = "1h" }
[[rule]]
role = "arn:aws:iam::111122223333:role/training-x"
on = ["CapacityError"]
max_attempts = 3
"""
ACT = '[resubmission]\nmode = "act"\nroles = ["arn:aws:iam::111122223333:role/a"]\n'
CHECKPOINTS = 'checkpoint_locations = ["s3://ml-checkpoints/*"]\n'
RULE = '[[rule]]\nname = "n"\non = ["NeverLaunched"]\nmax_attempts = 2\n'


def mistakes(content: str) -> tuple[str, ...]:
    with pytest.raises(PolicyMistakes) as caught:
        parse_policy("spotter.toml", content)
    return caught.value.mistakes


def test_the_shipped_policy_only_watches():
    policy = read_policy(Path(__file__).parents[3] / "spotter.toml")
    assert policy.resubmission.mode is Mode.OFF
    assert policy.rules == ()
    assert policy.alerts.slack is False


def test_the_shipped_example_is_a_policy_once_its_marks_are_taken_away():
    shipped = (Path(__file__).parents[3] / "spotter.toml").read_text()
    before, _, example = shipped.partition("# mode  ")
    example = re.sub(r"(?m)^# ?(?=\w+ +=|\[\[)", "", "# mode  " + example)
    before = before.replace('mode = "off"', "")
    before = re.sub(r"(checkpoint_locations +=) \[\]", r'\1 ["s3://ml-checkpoints/*"]', before)
    policy = parse_policy("p", before + example)
    assert policy.resubmission.mode is Mode.ADVISE
    assert policy.rules[0].capacity[1].types == ("ml.g5.4xlarge",)
    missing = [
        name
        for name in (*keys.TOP, *keys.RESUBMISSION, *keys.ALERTS, *keys.DIGEST)
        if name not in shipped
    ]
    missing += [name for name in keys.RULE if name not in shipped]
    assert missing == []


def test_a_whole_file_is_read_as_it_says():
    policy = parse_policy("p", WHOLE)
    assert (policy.scope, policy.job_name_prefix) == ("all", "vision-")
    assert policy.recorded_tags == ("team", "project")
    assert policy.alerts.repeated_interruptions == RepeatedInterruptions(2, timedelta(minutes=90))
    assert policy.alerts.wait_budget_used is None
    assert policy.alerts.slack is True
    assert policy.resubmission.max_creations_per_hour == 5
    assert policy.resubmission.roles == ("arn:aws:iam::111122223333:role/service-role/training-*",)
    assert policy.rules[1].role == "arn:aws:iam::111122223333:role/training-x"
    assert policy.rules[0].tags == {"team": "vision"}
    assert policy.rules[0].on == (Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED)
    assert policy.rules[0].capacity == (SPOT, ON_DEMAND)
    assert policy.rules[0].backoff == BackoffPolicy(timedelta(minutes=5), timedelta(hours=1))
    assert policy.rules[1].require_checkpoint
    assert policy.verify_checkpoints
    assert [rule.on_torn_checkpoint for rule in policy.rules] == [
        OnTornCheckpoint.RESUBMIT,
        OnTornCheckpoint.REFUSE,
    ]
    assert [rule.require_image_digest for rule in policy.rules] == [True, False]
    assert policy.resubmission.prices == {"ml.g5.xlarge": 1.41, "ml.g5.4xlarge": 2.0}
    breaker = CircuitBreakerPolicy(6, timedelta(hours=1), timedelta(hours=3))
    assert policy.resubmission.circuit_breaker == breaker


def test_an_empty_file_is_the_default():
    assert parse_policy("p", "") == Policy()


def test_an_empty_file_records_spot_jobs_alerts_and_resubmits_nothing():
    """Every default, as docs/policy.md has it: whoever changes one changes what deployed policies mean."""
    hour = timedelta(hours=1)
    assert asdict(Policy()) == {
        "scope": "spot",
        "job_name_prefix": None,
        "currency": "USD",
        "recorded_tags": (),
        "checkpoint_locations": (),
        "checkpoint_files": (),
        "verify_checkpoints": False,
        "kms_keys": (),
        "alerts": {
            "repeated_interruptions": {"count": 3, "within": 24 * hour},
            "waiting_for_capacity": 2 * hour,
            "wait_budget_used": 0.8,
            "checkpoint_quiet": hour,
            "deadlines": True,
            "include_service_jobs": False,
            "email": (),
            "slack": False,
        },
        "digest": {"monthly": False},
        "resubmission": {
            "mode": Mode.OFF,
            "roles": (),
            "instance_types": (),
            "max_runtime": 120 * hour,
            "max_age": 6 * hour,
            "max_lineage_age": 14 * 24 * hour,
            "max_instance_hours": 1000,
            "max_spend": None,
            "prices": {},
            "circuit_breaker": None,
            "max_creations_per_hour": 20,
        },
        "rules": (),
    }


@pytest.mark.parametrize(
    ("content", "place", "allowed"),
    [
        ("colour = 1", "colour: no such key", "scope, recorded_tags, checkpoint_locations"),
        ("scope = 1", "scope = 1", '"spot" or "all"'),
        ('job_name_prefix = ""', 'job_name_prefix = ""', "single hyphens"),
        ('job_name_prefix = "Vision-"', 'job_name_prefix = "Vision-"', "lower-case letters"),
        ('job_name_prefix = "*"', 'job_name_prefix = "*"', "the first letters of job names"),
        (f'job_name_prefix = "{"v" * 33}"', "job_name_prefix = ", "at most 32"),
        ('recorded_tags = ["a", "b", "c", "d"]', "recorded_tags = ", "at most 3"),
        ('recorded_tags = [""]', 'recorded_tags = [""]', "the key of a tag"),
        ("alerts = 1", "alerts", "must be a table"),
        ('[alerts]\nslack = "yes"', 'alerts.slack = "yes"', "true or false"),
        ("[digest]\nmonthly = 1", "digest.monthly = 1", "true or false"),
        ("[alerts]\nteams = true", "alerts.teams: no such key", "slack"),
        ('[alerts]\nemail = "a@b.c"', 'alerts.email = "a@b.c"', "a list"),
        ("[alerts]\nwait_budget_used = 1.5", "alerts.wait_budget_used = 1.5", "at most 1"),
        ("[alerts]\nwait_budget_used = true", "alerts.wait_budget_used = true", "at most 1"),
        ('[alerts]\nwaiting_for_capacity = "2 h"', "waiting_for_capacity", '"2h"'),
        ("[alerts]\nrepeated_interruptions = 3", "repeated_interruptions = 3", "count"),
        ('[resubmission]\nmode = "on"', 'mode = "on"', '"off", "advise", "act"'),
        ('[resubmission]\nroles = ["*"]', 'roles[1] = "*"', "a role's ARN"),
        (
            '[resubmission]\nroles = ["arn:aws:iam::111122223333:role/*"]',
            "roles[1] = ",
            "within its name",
        ),
        ('checkpoint_locations = ["s3://*/x"]', "checkpoint_locations[1] = ", "a bucket"),
        ('verify_checkpoints = "yes"', "verify_checkpoints = ", "true or false"),
        (
            f'{RULE}on_torn_checkpoint = "skip"',
            "rule[1].on_torn_checkpoint",
            '"refuse", "resubmit"',
        ),
        (
            "[resubmission]\nmax_creations_per_hour = 0",
            "max_creations_per_hour = 0",
            "from 1 to 1000",
        ),
        ('[resubmission]\nmax_age = "30d"', 'max_age = "30d"', '"14d"'),
        ('[resubmission]\nmax_age = "99999999999999999999d"', "max_age", '"14d"'),
        (
            f'{RULE}capacity = ["spot max_wait=99999999999999999999d"]',
            "rule[1].capacity",
            "max_wait=",
        ),
        ("rule = 1", "rule", "[[rule]]"),
        (f'{RULE}name2 = "x"', "rule[1].name2: no such key", "name, tags"),
        ('[[rule]]\nname = "n"\nmax_attempts = 2', "rule[1].on: is missing", ""),
        ('[[rule]]\nname = "n"\non = []\nmax_attempts = 2', "rule[1].on = []", "at least one"),
        ('[[rule]]\nname="n"\non=["Stopped"]\nmax_attempts=2', "rule[1].on", "MaxWaitTimeExceeded"),
        (
            '[[rule]]\non = ["NeverLaunched"]\nmax_attempts = 2',
            "rule[1]: must name its jobs",
            "role",
        ),
        (f'{RULE}capacity = ["spot", "spot"]', "rule[1].capacity", "at most 1"),
        (f'{RULE}capacity = ["spot fast"]', 'rule[1].capacity[1] = "spot fast"', '"on-demand"'),
        (f'{RULE}capacity = ["spot ml.a.b ml.c.d"]', "rule[1].capacity[1]", "max_wait="),
        (
            f'{RULE}capacity = ["on-demand max_wait=1h"]',
            "rule[1].capacity[1]",
            "on spot, max_wait=",
        ),
        (f'{RULE}backoff = {{ first = "2h", max = "1h" }}', "rule[1].backoff", "as long or longer"),
        (
            '[alerts]\nrepeated_interruptions = { count = 1001, within = "1d" }',
            "alerts.repeated_interruptions",
            "count = a whole number from 1 to 1000",
        ),
        (
            '[resubmission]\ncircuit_breaker = { count = 1, within = "2d", open_for = "2h" }',
            "resubmission.circuit_breaker",
            'within = a duration from "1s" to "1d"',
        ),
        (f'{RULE}backoff = "5m"', "rule[1].backoff", "first = "),
        (f"{RULE}max_errors = -1", "rule[1].max_errors = -1", "from 0 to 20"),
        (f'{RULE}max_total_runtime = "1s"', "rule[1].max_total_runtime", '"1m"'),
        (
            f'[resubmission]\nmax_age = "1h"\n{RULE}backoff = {{ first = "5m", max = "1h" }}',
            "resubmission.max_age: is 1 h",
            "can last 1 h",
        ),
        ("[resubmission]\nmax_spend = 10", "resubmission.prices: is missing", "max_spend"),
        ("[resubmission]\nmax_spend = 0", "max_spend = 0", "above 0"),
        ('[resubmission]\nprices = { "ml.g5" = 1.0 }', "resubmission.prices", "ml.g5.xlarge"),
        ("[resubmission]\nprices = {}", "resubmission.prices", "ml.g5.xlarge"),
        ("[resubmission]\ncircuit_breaker = true", "circuit_breaker = true", "open_for ="),
        ('[resubmission]\nmax_lineage_age = "91d"', "max_lineage_age", '"90d"'),
        (
            f'[resubmission]\ninstance_types = ["ml.g5.*"]\n{RULE}capacity = ["spot ml.p4d.24xlarge"]',
            "resubmission.instance_types: does not allow ml.p4d.24xlarge",
            "rule for n",
        ),
        (
            CHECKPOINTS + '[resubmission]\nmode = "act"\n' + RULE,
            "resubmission.roles: is missing",
            "",
        ),
        (CHECKPOINTS + ACT, "rule: is missing", ""),
        (ACT + RULE, "checkpoint_locations: is missing", "requires a checkpoint"),
        (
            ACT
            + RULE.replace("NeverLaunched", "MaxRuntimeExceeded")
            + "require_checkpoint = false",
            "checkpoint_locations: is missing",
            "requires a checkpoint",
        ),
        ("scope = ", "is not TOML", "document"),
    ],
)
def test_a_mistake_is_named_with_its_key_and_what_is_allowed(content, place, allowed):
    found = mistakes(content)
    assert len(found) == 1
    assert place in found[0]
    assert allowed in found[0]


@pytest.mark.parametrize(
    ("content", "place", "belongs"),
    [
        (
            f"{ACT}{CHECKPOINTS}{RULE}",
            "resubmission.checkpoint_locations",
            "at the top of the file",
        ),
        ("[resubmission]\nkms_keys = []", "resubmission.kms_keys", "at the top of the file"),
        (f"{RULE}scope = 'all'", "rule[1].scope", "at the top of the file"),
        ('mode = "advise"', "mode", "in [resubmission]"),
        ('[alerts]\nroles = ["x"]', "alerts.roles", "in [resubmission]"),
        ("[resubmission]\nslack = true", "resubmission.slack", "in [alerts]"),
        ("[alerts]\nname = 'x'", "alerts.name", "in a [[rule]]"),
        ("instance_types = []", "instance_types", "in [resubmission] or in a [[rule]]"),
    ],
)
def test_a_mistake_names_the_table_to_which_a_key_belongs(content, place, belongs):
    [found] = mistakes(content)
    assert found.startswith(f"{place}: no such key here; it belongs {belongs}")


OLD_KEYS = [
    ('keep_tags = ["team"]', "keep_tags: is now named recorded_tags"),
    ("checkpoints = []", "checkpoints: is now named checkpoint_locations"),
    (
        "[alerts]\nowned_by_services = true",
        "alerts.owned_by_services: is now named include_service_jobs",
    ),
    (
        "[resubmission]\ncreations_per_hour = 2",
        "resubmission.creations_per_hour: is now named max_creations_per_hour",
    ),
    (
        '[resubmission]\ncircuit_breaker = { count = 1, within = "1h", pause = "1h" }',
        "resubmission.circuit_breaker.pause: is now named open_for",
    ),
    (RULE.replace("max_attempts", "attempts"), "rule[1].attempts: is now named max_attempts"),
    (
        f'{RULE}backoff = {{ first = "5m", most = "1h" }}',
        "rule[1].backoff.most: is now named max",
    ),
    *(
        (f"{RULE}{old} = 1", f"rule[1].{old}: is now named {new}")
        for old, new in RENAMED.items()
        if new in keys.RULE and old != "attempts"
    ),
]


@pytest.mark.parametrize(("content", "mistake"), OLD_KEYS)
def test_an_old_key_is_one_mistake_that_names_the_new_key(content, mistake):
    [found] = mistakes(content)
    assert found.removesuffix(' (in the rule named "n")') == mistake


def test_every_old_key_is_tested_and_every_new_one_exists():
    assert {m.rpartition(":")[0].rpartition(".")[2] for _, m in OLD_KEYS} == {
        old.rpartition(".")[2] for old in RENAMED
    }
    known = {*keys.TOP, *keys.ALERTS, *keys.RESUBMISSION, *keys.RULE, "max", "open_for"}
    assert known.issuperset(RENAMED.values())
    assert known.isdisjoint(RENAMED)


def test_an_old_key_in_the_wrong_table_is_named_with_both():
    [found] = mistakes("[resubmission]\nkeep_tags = []")
    assert "at the top of the file" in found
    assert "is now named recorded_tags" in found


def test_all_mistakes_are_named_at_once():
    content = 'scope = 1\ncolour = 2\n[resubmission]\nmode = "act"\nroles = ["*"]\n[[rule]]\nx = 1'
    assert len(mistakes(content)) == 7


def test_a_mistake_in_a_rule_shows_the_rules_own_name_where_it_has_one():
    wrong = 'on = ["Stopped"]\nmax_attempts = 2\n'
    named, unnamed = mistakes(
        f'[[rule]]\nname = "n"\n{wrong}[[rule]]\ntags = {{ a = "b" }}\n{wrong}'
    )
    assert named.startswith("rule[1].on[1] = ")
    assert named.endswith('(in the rule named "n")')
    assert unnamed.startswith("rule[2].on[1] = ")
    assert "named" not in unnamed


def test_each_wrong_item_of_a_list_is_named():
    found = mistakes('[resubmission]\ninstance_types = ["ml.g5.xlarge", 7, "big"]')
    assert [m.partition(":")[0] for m in found] == [
        "resubmission.instance_types[2] = 7",
        'resubmission.instance_types[3] = "big"',
    ]


def test_a_rule_that_requires_no_checkpoint_needs_no_location():
    assert parse_policy("p", ACT + RULE + "require_checkpoint = false").rules


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(PolicyMistakes, match=r"nowhere\.toml cannot be read: there is no such"):
        read_policy(tmp_path / "nowhere.toml")


def test_a_file_of_windows_may_begin_with_a_byte_order_mark(tmp_path):
    (tmp_path / "p.toml").write_text('scope = "all"\n', encoding="utf-8-sig")
    assert read_policy(tmp_path / "p.toml").scope == "all"


def test_a_file_that_is_no_text_is_one_clear_sentence(tmp_path):
    (tmp_path / "p.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(PolicyMistakes, match="cannot be read"):
        read_policy(tmp_path / "p.toml")


def test_the_fingerprint_changes_with_what_may_be_resubmitted_and_with_nothing_else():
    one = parse_policy("p", WHOLE)
    assert one.fingerprint == parse_policy("q", WHOLE).fingerprint
    assert one.fingerprint == parse_policy("p", WHOLE.replace('"30m"', '"31m"')).fingerprint
    assert (
        one.fingerprint
        != parse_policy("p", WHOLE.replace("max_attempts = 3", "max_attempts = 5")).fingerprint
    )
    for part, other in (
        ('max_age = "2h"', 'max_age = "3h"'),
        ('job_name_prefix = "vision-"', 'job_name_prefix = "nightly-"'),
        ("s3://ml-checkpoints/*", "s3://ml-checkpoints/vision/*"),
        ("1234567890ab", "1234567890ac"),
        ("verify_checkpoints = true", "verify_checkpoints = false"),
        ('on_torn_checkpoint = "resubmit"', 'on_torn_checkpoint = "refuse"'),
    ):
        assert one.fingerprint != parse_policy("p", WHOLE.replace(part, other)).fingerprint


def test_without_capacity_only_the_last_attempt_is_on_demand():
    rule = parse_policy("p", WHOLE).rules[1]
    assert [*rule.capacity_options] == [SPOT, ON_DEMAND]


def test_the_last_capacity_option_repeats():
    rule = parse_policy("p", WHOLE).rules[0]
    assert [options_for(rule, n, on_demand=False)[0] for n in (2, 3, 4)] == [
        SPOT,
        ON_DEMAND,
        ON_DEMAND,
    ]


@pytest.mark.parametrize(("written", "read"), [("0.5", 0.5), ("1", 1.0), ("0.01", 0.01)])
def test_a_fraction_is_read_as_it_is_written(written, read):
    policy = parse_policy("spotter.toml", f"[alerts]\nwait_budget_used = {written}")
    assert policy.alerts.wait_budget_used == read


def test_mistakes_are_counted_in_the_first_line():
    assert str(PolicyMistakes("p", ["a"])) == "p has 1 mistake:\n  a"
    assert str(PolicyMistakes("p", ["a", "b"])) == "p has 2 mistakes:\n  a\n  b"
