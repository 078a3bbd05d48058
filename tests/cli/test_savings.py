"""`spotter savings`: which attempts, in which unit, by what; for people, scripts and spreadsheets."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
import typer

from laptop.simulated_sagemaker.spot_market import INTERRUPTED_ONCE, NEVER_LAUNCHED
from spotter.core.money.groups import USER_TAG
from spotter.core.money.period import Period
from spotter.core.policy.model import Policy
from spotter.core.prices.file import written
from spotter.core.prices.table import PriceTable
from spotter_cli.errors import CommandError
from spotter_cli.stack.deployed import prices_of
from spotter_cli.views.savings import SavingsView, groups, period, savings
from tests.support.jobs import NOON, REGION

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
PRICES = PriceTable(REGION, "USD", NOON, None, {"ml.g5.xlarge": Decimal(3600)})
LIMITS = {"MaxRuntimeInSeconds": 100, "MaxWaitTimeInSeconds": 100}


@pytest.fixture
def world(new_world):
    """One that completed after an interruption, and one that never launched."""
    played = new_world(Policy())
    for name, script in (("once", INTERRUPTED_ONCE), ("never", NEVER_LAUNCHED)):
        played.script(name, script)
        played.create(name, StoppingCondition=LIMITS)
    played.pass_time(150, step=2)
    return played


def shown(world, deployed, by=(), prices=PRICES):
    ways = groups(by, None)
    return SavingsView(
        savings(deployed(world), Period.month(2026, 11), NOW, groups=ways, prices=prices)
    )


def test_figures_are_those_of_the_simulated_sagemaker(world, deployed):
    one = world.sagemaker.describe_training_job(TrainingJobName="once")
    total = shown(world, deployed).facts["total"]
    assert (total["attempts"], total["attempts_without_figures"]) == (2, 1)
    assert total["paid"] == one["BillableTimeInSeconds"]
    assert total["on_demand_at_most"] == one["TrainingTimeInSeconds"]


def test_jobs_that_were_on_demand_from_the_beginning_are_no_part_of_it(new_world, deployed):
    told = new_world(Policy(scope="all"))
    for name, spot in (("on-demand", False), ("spot", True)):
        limits = LIMITS if spot else {"MaxRuntimeInSeconds": 100}
        told.create(name, EnableManagedSpotTraining=spot, StoppingCondition=limits)
    told.pass_time(150, step=2)
    assert set(told.heads()) == {"on-demand", "spot"}
    facts = shown(told, deployed).facts
    assert (facts["total"]["attempts"], facts["running_jobs"]) == (1, 0)


def test_people_read_the_answer_first_and_scripts_get_the_same(world, deployed, capsys):
    view = shown(world, deployed)
    view.print()
    printed = capsys.readouterr()
    assert printed.out.startswith("Saved ")
    assert " USD in November so far (" in printed.out.splitlines()[0]
    assert "List prices of us-east-1" in printed.err
    facts = view.facts
    assert json.loads(json.dumps(facts)) == facts
    assert (facts["schema"], facts["currency"]) == ("spotter.savings/2", "USD")


def test_a_spreadsheet_gets_figures_empty_fields_and_no_formula(world, deployed):
    for name, team in (("once", "a,b"), ("never", '=HYPERLINK("x"),"')):
        head = world.heads()[name]
        later = head.modified + timedelta(seconds=1)
        world.ledger.put_head(replace(head, tags=(("team", team),), modified=later), notable=False)
    lines = list(shown(world, deployed, by=("tag:team",)).as_csv())
    first, second, third, whole = csv.reader(io.StringIO("\r\n".join(lines)))
    assert first[:4] == ["by", "group", "unit", "attempts"]
    assert (second[1], second[first.index("paid")]) == ('\'=HYPERLINK("x"),"', "")
    assert (third[1], third[2], float(third[first.index("paid")]) > 0) == ("a,b", "USD", True)
    assert whole[:2] == ["", "all"]


def test_where_no_user_is_recorded_that_is_said_with_what_to_do(world, deployed, capsys):
    shown(world, deployed, by=("user",)).print()
    assert USER_TAG in capsys.readouterr().err


def test_without_a_word_it_is_by_type_and_the_tags_that_the_policy_records():
    """In the policy's own order: its first tag is the one that charts and the monthly digest group by."""
    assert list(groups(None, Policy(recorded_tags=("team", "cost")))) == [
        "type",
        "tag:team",
        "tag:cost",
    ]
    assert list(groups((), None)) == ["type"]
    assert list(groups(("month", "user"), Policy(recorded_tags=("team",)))) == ["month", "user"]


@pytest.mark.parametrize("word", ["colour", "tag:", "", "Day"])
def test_a_word_that_groups_nothing_is_one_sentence(word):
    with pytest.raises(
        typer.BadParameter, match="is none of month, week, day, type, user, tag:KEY"
    ):
        groups([word], None)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (("", "", ""), ("2026-11-01", "2026-12-01")),
        (("2025-12", "", ""), ("2025-12-01", "2026-01-01")),
        (("", "2026-10-01", "2026-11-01"), ("2026-10-01", "2026-11-01")),
        (("", "", "2026-10-15"), ("2026-10-01", "2026-10-15")),
        (("", "24h", ""), ("2026-11-25T08:00", "2026-11-26T08:00")),
        (("", "2026-11-01", ""), ("2026-11-01", "2026-12-01")),
    ],
)
def test_the_period_is_a_month_or_a_span_in_utc(given, expected):
    found = period(*given, NOW)
    assert (found.since, found.until) == tuple(
        datetime.fromisoformat(text).replace(tzinfo=UTC) for text in expected
    )


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (("2026-13", "", ""), 'is no month such as "2026-11"'),
        (("November", "", ""), "is no month"),
        (("9999-12", "", ""), "is no month"),
        (("2026-11", "7d", ""), "cannot be used with since or until"),
        (("2026-11", "", "7d"), "cannot be used with since or until"),
        (("", "2026-11-02", "2026-11-01"), "is not after the beginning"),
        (("", "0s", ""), "is not in the past"),
    ],
)
def test_a_period_that_is_none_is_one_sentence(given, message):
    with pytest.raises(typer.BadParameter, match=message):
        period(*given, NOW)


def test_a_price_file_of_another_region_is_refused(world, deployed, tmp_path):
    spotter, file = deployed(world), tmp_path / "prices.json"
    file.write_text(written(PRICES))
    assert prices_of(spotter, file) == PRICES
    file.write_text(written(replace(PRICES, region="eu-west-1")))
    with pytest.raises(
        CommandError, match="holds the prices of eu-west-1, and jobs run in us-east-1"
    ):
        prices_of(spotter, file)
    with pytest.raises(CommandError, match="cannot be read"):
        prices_of(spotter, tmp_path / "absent.json")
