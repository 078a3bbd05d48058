"""Alerts about one lineage are seen together: one subject, one thread, and each names the first one."""

import json
from dataclasses import replace
from typing import Any

from spotter.core.policy.model import AlertsPolicy
from tests.support.jobs import minutes
from tests.support.nightly_lineage import ACT, out_of_wait
from tests.support.spotter_in_one_process import SpotterInOneProcess

TAGS = [{"Key": "team", "Value": "vision"}]
EARLY = replace(
    ACT,
    recorded_tags=("team",),
    alerts=AlertsPolicy(waiting_for_capacity=minutes(1 / 6)),
)


def bodies(world: SpotterInOneProcess, protocol: str) -> list[dict[str, Any]]:
    return [json.loads(json.loads(one["Message"])[protocol]) for one in world.published]


def test_the_alerts_about_a_lineage_have_one_subject_and_thread_and_name_the_first(new_world):
    world = new_world(EARLY)
    out_of_wait(world, Tags=TAGS)
    world.pass_time(600, step=10)
    alerts = bodies(world, "sqs")
    assert [one["kind"] for one in alerts] == ["attempt_ended", "recovered"]
    assert [one["attempt"] for one in alerts] == [1, 2]
    assert len({one["Subject"] for one in world.published}) == 1
    assert len({one["metadata"]["threadId"] for one in bodies(world, "https")}) == 1
    first, then = alerts
    assert first["follows"] is None
    assert then["follows"]["id"] == first["id"]
    assert (then["follows"]["job"], then["job"] != first["job"]) == (first["job"], True)
    assert then["follows"]["raised_at"] == first["raised_at"]
    assert [one["tags"] for one in alerts] == [{"team": "vision"}] * 2
    sent = [json.loads(o["MessageAttributes"]["tags"]["StringValue"]) for o in world.published]
    assert sent == [["team=vision"]] * 2


def test_alerts_about_another_job_belong_to_another_conversation(new_world):
    world = new_world(EARLY)
    out_of_wait(world)
    world.create("weekly-1", CheckpointConfig={"S3Uri": "s3://ml-checkpoints/weekly-1/"})
    world.pass_time(600, step=10)
    assert len({one["Subject"] for one in world.published}) == len(
        {one["lineage_id"] for one in bodies(world, "sqs")}
    )
