"""A deadline at a time of day, in a function whose system has no time zones: the bundle's are read, and only then."""

import shutil
from pathlib import Path

import pytest

from bench import functions
from bench.both_designs import SpotterDesign, messages
from bench.functions import deploy_spotter, running
from bench.lives import training_request
from laptop.simulated_sagemaker.spot_market import LAUNCH, Script, Step
from spotter.aws.ledger import codec
from spotter.core.deadline.finish_by import FinishBy
from spotter.core.ledger.deadline import DeadlineRecord

RULE = """
[[rule]]
name         = "dated-*"
on           = ["MaxWaitTimeExceeded"]
max_attempts = 3
finish_by    = "{}"
"""


@pytest.fixture(autouse=True)
def no_time_zones_on_the_system(monkeypatch):
    """Python looks in no folder: https://docs.python.org/3/library/zoneinfo.html#configuring-the-data-sources."""
    monkeypatch.setitem(functions.NAMES, "PYTHONTZPATH", "")


def recorded(folder: Path, finish_by: str, *, bundled: bool = True) -> tuple[DeadlineRecord, int]:
    """What record put of a new job's deadline, and how many files of the bundle it opened for it."""
    folder.mkdir()
    policy = folder / "spotter.toml"
    policy.write_text(RULE.format(finish_by))
    made = deploy_spotter(folder, policy)
    if not bundled:
        shutil.rmtree(made.spotter / "tzdata")
    with SpotterDesign(made, folder, policy) as design:
        design.market.put([("dated-*", Script(steps=(*LAUNCH, Step("Training"))))])
        design.sagemaker.create_training_job(**training_request("dated-7"))
        with running(made, "record", design.aws, folder, count=True) as process:
            found = process.invoke(messages([design.queue.popleft()]))
        assert not found.answer["batchItemFailures"]
        rows = map(codec.read, design.aws.dynamodb.tables["ledger"].items.values())
        [row] = [row for row in rows if row["sk"].startswith("DEADLINE#")]
    return DeadlineRecord.read(row), found.opened


def test_a_time_of_day_is_known_by_the_zones_in_the_bundle(tmp_path):
    found, _ = recorded(tmp_path / "zone", "07:00 Europe/Berlin")
    assert found.ignored == ()
    expected = FinishBy.parse("07:00 Europe/Berlin").instant(found.job.created)
    assert found.terms.finish_by == expected


def test_without_them_the_lineage_has_no_deadline_and_the_reason_is_kept(tmp_path):
    found, _ = recorded(tmp_path / "none", "07:00 Europe/Berlin", bundled=False)
    assert found.terms is None
    assert "no time zone database" in found.ignored[0]


def test_where_no_rule_names_a_zone_a_cold_start_opens_none_of_them(tmp_path):
    (with_zones, opened), (without, as_many) = (
        recorded(tmp_path / f"{bundled}", "12h", bundled=bundled) for bundled in (True, False)
    )
    assert with_zones.terms.finish_by - with_zones.job.created == FinishBy.parse("12h").after
    assert without.terms is not None
    assert opened == as_many
