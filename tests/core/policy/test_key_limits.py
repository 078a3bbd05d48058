"""The limits of each key of the policy are allowed themselves; what lies next beyond them is refused."""

from typing import Any

import pytest

from spotter.core.policy.keys import ALERTS, DIGEST, RESUBMISSION, RULE, TOP, PolicyKey

NUMBERS = [
    (RESUBMISSION, "max_instance_hours", 1, 10_000_000),
    (RESUBMISSION, "max_creations_per_hour", 1, 1000),
    (RULE, "max_creations_per_hour", 1, 1000),
    (RULE, "max_attempts", 2, 20),
    (RULE, "max_interruptions", 0, 10_000),
    (RULE, "max_errors", 0, 20),
    (RULE, "patience_from", 1, 20),
    (RULE, "asks", 1, 100),
]
DAY = 86_400
SPANS = [
    (ALERTS, "waiting_for_capacity", 1, 28 * DAY),
    (ALERTS, "checkpoint_quiet", 1, 28 * DAY),
    (RESUBMISSION, "max_runtime", 1, 28 * DAY),
    (RESUBMISSION, "max_age", 1, 14 * DAY),
    (RESUBMISSION, "max_lineage_age", 1, 90 * DAY),
    (RULE, "max_total_runtime", 60, 90 * DAY),
    (RULE, "needs", 60, 90 * DAY),
    (RULE, "patience", 1, 7 * DAY),
    (RULE, "margin", 0, DAY),
    (RULE, "finish_by", 600, 90 * DAY),
]
OFTEN = {"count": 2, "within": "1h"}
BREAKER = OFTEN | {"open_for": "1h"}
ALLOWED: list[tuple[dict[str, PolicyKey], str, list[Any]]] = [
    (TOP, "recorded_tags", [[], ["a", "b", "c"], ["t" * 128]]),
    (TOP, "checkpoint_files", [["*.mystate"] * 20, ["w" * 256]]),
    (TOP, "job_name_prefix", ["v", "v" * 32]),
    (ALERTS, "wait_budget_used", [0.000_001, 1, 1.0]),
    (RESUBMISSION, "max_spend", [0.000_001, 1, 999_999_999]),
    (RESUBMISSION, "prices", [{"ml.g5.xlarge": 0.01}]),
    (RULE, "name", ["n", "n" * 63]),
    (RULE, "tags", [{}, {"team": "vision", "project": "*"}]),
    (RULE, "backoff", [{"first": "1s", "max": "1d"}, {"first": "1h", "max": "60m"}]),
    (
        ALERTS,
        "repeated_interruptions",
        [OFTEN | {"count": n, "within": w} for n, w in ((1, "1s"), (1000, "28d"))],
    ),
    (
        RESUBMISSION,
        "circuit_breaker",
        [BREAKER | {"count": n, "within": w, "open_for": w} for n, w in ((1, "1s"), (1000, "1d"))],
    ),
]
REFUSED: list[tuple[dict[str, PolicyKey], str, list[Any]]] = [
    (TOP, "recorded_tags", ["abc", ["a", "b", "c", "d"], ["t" * 129], [""], 1]),
    (TOP, "checkpoint_files", [["*.mystate"] * 21, ["w" * 257], "*.mystate"]),
    (TOP, "job_name_prefix", ["", "v" * 33, 7]),
    (TOP, "verify_checkpoints", [0, 1, "true"]),
    (TOP, "scope", [True, "spots", []]),
    (DIGEST, "monthly", [0, 1, "true"]),
    (ALERTS, "wait_budget_used", [0, 1.000_001, True, "0.5"]),
    (RESUBMISSION, "max_spend", [0, 1_000_000_000, True, "1"]),
    (RESUBMISSION, "mode", [1, "", ["act"]]),
    (RESUBMISSION, "prices", [{}, [], {"ml.g5.xlarge": 0}, {"ml.g5.*": 1}]),
    (RULE, "name", ["", "n" * 64, 7]),
    (RULE, "tags", [7, ["team"], {"team": 7}, {"team": "a", "project": 7}]),
    (RULE, "capacity", ["spot", [7], [["spot"]]]),
    (RULE, "role", [7, "arn:aws:iam::111122223333:role/*"]),
    (
        RULE,
        "backoff",
        [
            *(7, [], {"first": "1m"}, {"first": "61m", "max": "1h"}),
            *({"first": "0s", "max": "1h"}, {"first": "1s", "max": "1d1s"}),
        ],
    ),
    (
        ALERTS,
        "repeated_interruptions",
        [7, [], ["count", "within"], {"count": 2}, BREAKER]
        + [OFTEN | {"count": n} for n in (0, 1001, True, "2")]
        + [OFTEN | {"within": w} for w in ("0s", "28d1s", 60)],
    ),
    (
        RESUBMISSION,
        "circuit_breaker",
        [7, [], OFTEN, list(BREAKER), BREAKER | {"pause": "1h"}]
        + [BREAKER | {"count": n} for n in (0, 1001, True)]
        + [BREAKER | {name: w} for name in ("within", "open_for") for w in ("0s", "1d1s")],
    ),
]


def refused(key: PolicyKey, value: Any) -> bool:
    try:
        key.read(value)
    except (ValueError, TypeError):
        return True
    return False


@pytest.mark.parametrize(("table", "name", "least", "most"), NUMBERS)
def test_a_number_is_allowed_from_its_least_to_its_most(table, name, least, most):
    assert [table[name].read(n) for n in (least, most)] == [least, most]
    wrong = (least - 1, most + 1, float(least), str(least), True)
    assert [n for n in wrong if not refused(table[name], n)] == []


@pytest.mark.parametrize(("table", "name", "least", "most"), SPANS)
def test_a_duration_is_allowed_from_its_shortest_to_its_longest(table, name, least, most):
    key = table[name]
    assert not refused(key, f"{least}s")
    assert not refused(key, f"{most}s")
    wrong = [f"{max(least - 1, 0)}s"] * (least > 0) + [f"{most + 1}s", least, f"-{most}s"]
    assert [w for w in wrong if not refused(key, w)] == []


@pytest.mark.parametrize(("table", "name", "values"), ALLOWED)
def test_a_value_within_its_limits_is_allowed(table, name, values):
    assert [v for v in values if refused(table[name], v)] == []


@pytest.mark.parametrize(("table", "name", "values"), REFUSED)
def test_a_value_beyond_its_limits_or_of_another_kind_is_refused(table, name, values):
    assert [v for v in values if not refused(table[name], v)] == []


SWITCHED = [
    (ALERTS, "repeated_interruptions"),
    (ALERTS, "wait_budget_used"),
    (ALERTS, "waiting_for_capacity"),
    (RESUBMISSION, "circuit_breaker"),
]


@pytest.mark.parametrize(("table", "name"), SWITCHED)
def test_only_false_switches_a_key_off(table, name):
    assert table[name].read(False) is None
    assert [v for v in (True, 0, "", None) if not refused(table[name], v)] == []
