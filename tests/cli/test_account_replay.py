"""`spotter replay` reads the account's own jobs and compares policies on them; what it cannot know it does not say."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bench.generated_accounts import BEGIN, SameLimits
from bench.recorded_accounts import OnDemandAtLimit
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.model.endings import Ending
from spotter.core.policy.capacity_options import ON_DEMAND, SPOT
from spotter.core.policy.model import Policy, Rule
from spotter.core.prices.table import PriceTable
from spotter.core.replay.policies import HandOver
from spotter.core.replay.replay_case import ReplayTimes
from spotter.core.reports.html.replay import replay_page
from spotter.core.reports.job_filter import JobFilter
from spotter_cli.errors import CommandError
from spotter_cli.main import app
from spotter_cli.views import account_replay
from spotter_cli.views.account_replay import ReplayRequest, print_report, replayed, write
from tests.support.generated_accounts import JOB, generated_account, put
from tests.support.jobs import REGION

ROOT = Path(__file__).parents[2]
NOW = BEGIN + timedelta(days=60)
PRICES = PriceTable(REGION, "USD", BEGIN, None, {"ml.p3.2xlarge": Decimal("3.825")})
ON = (Ending.OUT_OF_WAIT, Ending.NEVER_LAUNCHED)
LADDER = Policy(rules=(Rule(on=ON, max_attempts=3, name="*", capacity=(SPOT, ON_DEMAND)),))
ASKED = ReplayRequest(
    JobFilter(BEGIN, NOW), ReplayTimes(finish_by=1.5), NOW, "1.5x", PRICES, LADDER, None, 1, 20
)


@pytest.fixture
def spotter(new_world, deployed):
    """Thirty jobs on spot, as the recorder and the sweep would have put them."""
    world = new_world(Policy())
    put(world.ledger, generated_account(30, until=50 * 24 * 3600.0))
    return deployed(world)


def test_it_compares_the_policies_on_the_accounts_own_jobs(spotter):
    report = replayed(spotter, ASKED)
    found = {one.name: one for one in report.policies}
    assert [*found] == [
        "as it was",
        "deployed policy",
        "hand over in time",
        "spot only",
        "on demand only",
    ]
    assert (report.jobs, report.unit) == (30, "USD")
    assert found["on demand only"].figures.share.mean == pytest.approx(1.0)
    assert found["hand over in time"].figures.late.mean == 0
    assert found["spot only"].figures.cost.mean == pytest.approx(
        found["as it was"].figures.cost.mean, rel=0.01
    )


def test_a_deployed_deadline_is_answered_on_jobs_that_had_it_and_the_others_say_why_not(
    new_world, deployed, capsys, tmp_path
):
    rule = Rule(
        on=ON, max_attempts=3, name="*", capacity=(SPOT, ON_DEMAND),
        finish_by=FinishBy(after=timedelta(seconds=JOB.deadline)), needs=timedelta(hours=5),
    )  # fmt: skip
    world = new_world(Policy())
    put(world.ledger, generated_account(30, policy=HandOver(), enforced=rule))
    file = tmp_path / "later.toml"
    file.write_text(
        '[[rule]]\nname = "*"\ntags = { team = "vision" }\non = ["MaxWaitTimeExceeded"]\nmax_attempts = 3\n'
        'finish_by = "12h"\nneeds = "5h"\n'
    )
    asked = replace(ASKED, deployed=Policy(rules=(rule,)), file=file)
    report = replayed(deployed(world), asked)
    answered = [one.name for one in report.policies if one.figures]
    assert answered == ["as it was", "deployed policy", "hand over in time", "on demand only"]
    was, now = (one.figures.share.mean for one in report.policies[:2])
    assert now == pytest.approx(was, abs=0.002)
    print_report(report)
    screen = capsys.readouterr()
    assert re.search(r"later.toml +no figures", screen.out)
    assert screen.err.count("lineages on the same instance type without a deadline") == 2


def test_the_same_seed_gives_the_same_page_byte_for_byte(spotter):
    pages = [replay_page(replayed(spotter, ASKED)) for _ in range(2)]
    assert pages[0] == pages[1]
    assert "http" not in re.sub(r"http-equiv", "", pages[0])


def test_the_page_has_a_bar_of_cost_and_one_of_lateness_for_each_policy(spotter, tmp_path):
    file = tmp_path / "replay.html"
    note = write(replayed(spotter, ASKED), file)
    page = file.read_text()
    assert note == f"Written to {file}: 5 policies on 30 lineages."
    assert page.count('data-what="cost"') == page.count('data-what="late"') == 5


def test_people_get_a_table_that_says_how_much_was_seen(spotter, capsys):
    print_report(replayed(spotter, ASKED))
    screen = capsys.readouterr()
    assert re.search(r"spot only .* \d+ of 30 .* 100 %", screen.out)
    assert "30 lineages created from 2026-09-01" in screen.err
    assert (
        "each to be finished within 1.5x the training that it needed, counted from its creation"
        in screen.err
    )
    assert "No forecast" in screen.err


def test_the_table_in_the_readme_is_what_is_printed_for_forty_generated_jobs(
    new_world, deployed, capsys, monkeypatch
):
    """Its recipe: MaxWait of 24 h for jobs of 6 h, then on demand; 3.825 USD an hour, 80 columns, no policy with rules."""
    monkeypatch.setattr(account_replay, "window", lambda: 80)
    world = new_world(Policy())
    limits = SameLimits(4 * JOB.work)
    put(world.ledger, generated_account(40, policy=OnDemandAtLimit(), limits=limits))
    asked = replace(ASKED, deployed=None, draws=100)
    print_report(replayed(deployed(world), asked))
    assert capsys.readouterr().out in (ROOT / "README.md").read_text()


def test_too_few_jobs_are_an_error_that_says_what_is_missing(spotter):
    few = replace(ASKED, wanted=JobFilter(BEGIN, NOW, name="nightly-1*"))
    with pytest.raises(
        CommandError, match=r"needs 20 lineages .* there are 11 .* 9 more are needed"
    ):
        replayed(spotter, few)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (("--needs", "4h"), "needs --traces"),
        (("--traces", ".", "--since", "3d"), "cannot be used with --traces"),
        (("--finish-by", "0.5x"), "neither a duration"),
        (("--finish-by", "nonsense"), 'nor a factor above 1, up to 100, such as "1.25x"'),
        (("--tag", "team"), "KEY=VALUE"),
    ],
)
def test_bad_input_gets_one_sentence(given, sentence):
    done = CliRunner().invoke(app, ["replay", *given])
    assert done.exit_code == 2
    assert sentence in " ".join(done.output.replace("│", " ").split())


def test_json_has_every_figure_with_its_band(spotter):
    facts = json.loads(json.dumps(replayed(spotter, ASKED).facts))
    assert facts["schema"] == "spotter.replay/1"
    for one in facts["policies"]:
        figures = one["figures"]
        assert figures["cost_at_least"] <= figures["cost"] <= figures["cost_at_most"]
