"""A rule's deadline: its keys, what cannot work, and what a job's own tags may change."""

import sys
import zoneinfo
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from spotter.core.deadline.finish_by import FinishBy
from spotter.core.model.endings import Ending
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT
from spotter.core.policy.deadline_tags import with_deadline_tags
from spotter.core.policy.model import Rule
from spotter.core.policy.parse import PolicyMistakes, parse_policy
from tests.support.jobs import NOON

RULE = (
    '[[rule]]\nname = "n"\non = ["NeverLaunched"]\nmax_attempts = 3\nrequire_checkpoint = false\n'
)
HOURS = timedelta(hours=1)


def parsed(*lines: str) -> Rule:
    return parse_policy("spotter.toml", RULE + "\n".join(lines)).rules[0]


def mistake(*lines: str) -> str:
    with pytest.raises(PolicyMistakes) as caught:
        parse_policy("spotter.toml", RULE + "\n".join(lines))
    [only] = caught.value.mistakes
    return only.removesuffix(' (in the rule named "n")')


def rule(**more: object) -> Rule:
    return Rule(on=(Ending.CAPACITY,), max_attempts=4, name="n", **more)


def test_a_rule_without_a_deadline_has_none():
    assert parsed().deadline(NOON) is None
    assert not parse_policy("spotter.toml", RULE).has_deadlines


def test_all_keys_of_a_deadline_are_read():
    found = parsed(
        'finish_by = "12h"', 'needs = "6h"', 'patience = "20m"', "patience_from = 1",
        'margin = "15m"', "asks = 7", "finish_by_tag = true",
    )  # fmt: skip
    terms = found.deadline(NOON)
    assert (terms.finish_by, terms.needs) == (NOON + 12 * HOURS, 6 * HOURS)
    assert (terms.patience, terms.patience_from) == (timedelta(minutes=20), 1)
    assert (terms.margin, terms.asks, found.finish_by_tag) == (timedelta(minutes=15), 7, True)


def test_what_a_deadline_does_not_state_has_a_default():
    terms = parsed('finish_by = "07:00 Europe/Berlin"').deadline(NOON)
    assert (terms.finish_by - NOON, terms.stated) == (18 * HOURS, "07:00 Europe/Berlin")
    assert (terms.needs, terms.patience, terms.asks) == (None, timedelta(minutes=30), 20)
    assert (terms.patience_from, terms.margin) == (2, timedelta(minutes=10))


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (
            ['finish_by = "5m"'],
            'rule[1].finish_by = "5m": must be from 10 min to 90 d after the creation',
        ),
        (
            ['finish_by = "07:00 Europe/Berln"'],
            (
                'rule[1].finish_by = "07:00 Europe/Berln": the time zone "Europe/Berln" is not known; it must be '
                'a name of the IANA time zone database such as "Europe/Berlin"'
            ),
        ),
        (
            ['finish_by = "07:00"'],
            (
                'rule[1].finish_by = "07:00": must be a duration from "10m" to "90d" such as "12h", or a time of '
                'day with its time zone such as "07:00 Europe/Berlin"'
            ),
        ),
        (
            ['patience = "30m"'],
            (
                "rule[1].patience: has no effect without a deadline; add finish_by, or finish_by_tag = true if "
                "jobs state theirs in a tag"
            ),
        ),
        (
            ['finish_by = "12h"', 'capacity = ["spot"]'],
            (
                'rule[1].capacity: needs an "on-demand" option at its end; without it a lineage with a deadline '
                "has nothing to hand over to"
            ),
        ),
        (
            ['finish_by = "12h"', 'needs = "12h"'],
            "rule[1].needs: is 12 h, and finish_by is 12 h after the creation; no job could finish in time",
        ),
        (
            ['finish_by = "12h"', "asks = 0"],
            "rule[1].asks = 0: must be a whole number from 1 to 100",
        ),
        (
            ['finish_by = "20d"'],
            (
                "resubmission.max_lineage_age: is 14 d, and finish_by of the rule for n is 20 d; no attempt is "
                "created after 14 d"
            ),
        ),
    ],
)
def test_each_mistake_is_one_sentence(lines, sentence):
    assert mistake(*lines) == sentence


@pytest.mark.parametrize("key", ["needs", "patience", "patience_from", "margin", "asks"])
def test_a_key_that_needs_a_deadline_is_a_mistake_without_one(key):
    value = {"patience_from": "1", "asks": "3"}.get(key, '"30m"')
    assert mistake(f"{key} = {value}").startswith(f"rule[1].{key}: has no effect")
    assert parsed(f"{key} = {value}", "finish_by_tag = true").has_deadlines


def test_a_ladder_of_many_pools_needs_no_attempt_for_each():
    pools = '"spot", "spot ml.g5.2xlarge", "spot ml.g5.4xlarge", "on-demand"'
    assert "at most" in mistake(f"capacity = [{pools}]")
    assert len(parsed(f"capacity = [{pools}]", 'finish_by = "12h"').capacity) == 4


STRICT = rule(finish_by=FinishBy.parse("12h"), needs=6 * HOURS)
OPEN = rule(finish_by_tag=True)


@pytest.mark.parametrize(
    ("given", "tags", "finish_by"),
    [
        (STRICT, {}, 12),
        (STRICT, {"spotter:finish-by": "13h"}, 13),
        (STRICT, {"spotter:finish-by": "11h"}, 12),
        (STRICT, {"spotter:finish-by": "23:00 UTC"}, 12),  # eleven hours after noon
        (STRICT, {"spotter:finish-by": "01:00 UTC"}, 13),
        (rule(finish_by=FinishBy.parse("12h"), finish_by_tag=True), {"spotter:finish-by": "3h"}, 3),
        (OPEN, {"spotter:finish-by": "3h"}, 3),
    ],
)
def test_a_tag_brings_a_deadline_forward_only_if_the_rule_allows_it(given, tags, finish_by):
    found, ignored = with_deadline_tags(given, tags, NOON)
    assert found.deadline(NOON).finish_by == NOON + finish_by * HOURS
    earlier = bool(tags) and finish_by == 12
    assert [one.endswith("the rule has no finish_by_tag = true") for one in ignored] == (
        [True] if earlier else []
    )


def test_a_tag_sets_no_deadline_where_no_rule_allows_it():
    for given in (None, rule()):
        found, [ignored] = with_deadline_tags(given, {"spotter:finish-by": "12h"}, NOON)
        assert found == given
        assert ignored == (
            "the tag spotter:finish-by = 12h has no effect: no rule that sets a deadline, or lets a tag set "
            "one, matches the job"
        )
    found, ignored = with_deadline_tags(OPEN, {"spotter:needs": "2h"}, NOON)
    assert (found.finish_by, ignored) == (
        None,
        ("the tag spotter:needs = 2h has no effect: there is no tag spotter:finish-by",),
    )


def test_a_tag_states_needs_and_steps():
    found, ignored = with_deadline_tags(
        STRICT, {"spotter:needs": "5h", "spotter:steps": "12000"}, NOON
    )
    assert (found.needs, found.steps, ignored) == (5 * HOURS, 12000, ())
    more, [reason] = with_deadline_tags(STRICT, {"spotter:needs": "7h"}, NOON)
    assert more == STRICT
    assert "more than 6 h" in reason


@pytest.mark.parametrize(
    ("tag", "value"),
    [
        ("finish-by", "soon"),
        ("finish-by", "07:00 Nowhere/Land"),
        ("needs", "0s"),
        ("needs", "99999999d"),
        ("steps", "-1"),
        ("steps", "1e6"),
        ("steps", "9" * 40),
        ("steps", "0"),
        ("steps", "1000000000001"),
        ("needs", "59s"),
        ("needs", "90d1s"),
        ("steps", "٣"),
    ],
)
def test_a_tag_that_is_not_valid_changes_nothing(tag, value):
    found, [ignored] = with_deadline_tags(STRICT, {f"spotter:{tag}": value}, NOON)
    assert found == STRICT
    assert f"the tag spotter:{tag} = " in ignored
    assert "is not valid" in ignored


@pytest.mark.parametrize(
    ("tag", "value", "name", "read"),
    [
        ("steps", "1", "steps", 1),
        ("steps", "1000000000000", "steps", 10**12),
        ("steps", "00000000000000012", "steps", 12),
        ("needs", "1m", "needs", HOURS / 60),
        ("needs", "6h", "needs", 6 * HOURS),
        ("finish-by", "12h", "finish_by", FinishBy.parse("12h")),
        ("finish-by", " 00:00 UTC ", "finish_by", FinishBy.parse("00:00 UTC")),
    ],
)
def test_a_tag_may_state_the_limits_themselves_and_what_the_rule_states(tag, value, name, read):
    found, ignored = with_deadline_tags(STRICT, {f"spotter:{tag}": value}, NOON)
    assert (getattr(found, name), ignored) == (read, ())


@pytest.mark.parametrize(("length", "shown"), [(60, "x" * 60), (61, "x" * 57 + "...")])
def test_an_ignored_tag_is_shown_up_to_sixty_characters(length, shown):
    _, [ignored] = with_deadline_tags(STRICT, {"spotter:needs": "x" * length}, NOON)
    assert f" = {shown} is not valid" in ignored


def test_tags_that_leave_no_on_demand_leave_no_deadline():
    given = rule(finish_by=FinishBy.parse("12h"), capacity=(SPOT, SPOT))
    found, [ignored] = with_deadline_tags(given, {}, NOON)
    assert found.deadline(NOON) is None
    assert "leave no attempt on demand" in ignored
    kept, _ = with_deadline_tags(
        rule(finish_by=FinishBy.parse("12h"), capacity=(SPOT, ON_DEMAND)), {}, NOON
    )
    assert kept.deadline(NOON) is not None


@pytest.fixture
def no_time_zones(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As on a machine without the database and without the package tzdata."""
    before = zoneinfo.TZPATH
    for name in [one for one in sys.modules if one.split(".")[0] == "tzdata"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tzdata", None)
    zoneinfo.reset_tzpath(to=())
    zoneinfo.ZoneInfo.clear_cache()
    yield
    zoneinfo.reset_tzpath(to=before)
    zoneinfo.ZoneInfo.clear_cache()


@pytest.mark.usefixtures("no_time_zones")
def test_without_a_time_zone_database_a_time_of_day_is_no_deadline_and_that_is_said():
    """A policy that was checked elsewhere must not keep a function from starting."""
    dated = parsed('finish_by = "07:00 Europe/Berlin"')
    found, [ignored] = with_deadline_tags(dated, {}, NOON)
    assert found.deadline(NOON) is None
    assert "no time zone database" in ignored
    kept, [reason] = with_deadline_tags(STRICT, {"spotter:finish-by": "07:00 Asia/Tokyo"}, NOON)
    assert kept.deadline(NOON).finish_by == NOON + 12 * HOURS
    assert "no time zone database" in reason


def test_a_deadline_changes_what_the_policy_allows():
    prints = {
        parse_policy("spotter.toml", RULE + more).fingerprint
        for more in ("", 'finish_by = "12h"', 'finish_by = "13h"', "finish_by_tag = true")
    }
    assert len(prints) == 4


def test_tags_that_leave_one_attempt_leave_no_deadline():
    """There is no attempt to hand over to."""
    given = rule(finish_by=FinishBy.parse("12h"), capacity=(ON_DEMAND,))
    for attempts, has_one in ((1, False), (2, True)):
        found, _ = with_deadline_tags(replace(given, max_attempts=attempts), {}, NOON)
        assert (found.finish_by is not None) is has_one


@pytest.mark.parametrize("mode", ["advise", "act"])
def test_a_rule_that_lets_spotter_stop_jobs_names_tags(mode):
    stops = f'[resubmission]\nmode = "{mode}"\nroles = ["arn:aws:iam::111122223333:role/t"]'
    assert mistake('finish_by = "12h"', stops).startswith("tags of the rule for n: are missing")
    assert parsed('finish_by = "12h"', 'tags = { team = "vision" }', stops).tags == {
        "team": "vision"
    }
    assert parsed('finish_by = "12h"').tags == {}
