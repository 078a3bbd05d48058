"""Calls of SageMaker are throttled or lost on the wire, for one job and as often as a test wants."""

import json
import urllib.request
from datetime import timedelta
from email.utils import parsedate_to_datetime

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError

from tests.laptop.simulated_sagemaker.test_server import KEYS, client, post, server

__all__ = ["client", "server"]


def put(server, **fault):
    wanted = {"operation": "StopTrainingJob", "name": "jo*"} | fault
    assert post(server, "/_market/faults", json.dumps([wanted]).encode())[0] == 200


def stops(server):
    with urllib.request.urlopen(f"{server.endpoint}/_market/truth", timeout=60) as answer:
        return [truth["stops"] for truth in json.load(answer)]


def status(client):
    return client.describe_training_job(TrainingJobName="job")["TrainingJobStatus"]


def test_a_call_is_throttled_so_many_times(server, client, spot):
    client.create_training_job(**spot())
    put(server, kind="throttled", times=2)
    for _ in range(2):
        with pytest.raises(ClientError, match="ThrottlingException"):
            client.stop_training_job(TrainingJobName="job")
    assert status(client) == "InProgress"
    client.stop_training_job(TrainingJobName="job")
    with pytest.raises(ClientError, match="ValidationException"):
        client.stop_training_job(TrainingJobName="job")
    assert stops(server) == [["accepted", "ValidationException"]]


@pytest.mark.parametrize(
    ("kind", "became", "seen"),
    [("answer lost", "Stopping", ["accepted"]), ("request lost", "InProgress", [])],
)
def test_an_answer_or_a_request_is_lost_and_the_connection_ends(
    server, client, spot, kind, became, seen
):
    client.create_training_job(**spot())
    put(server, kind=kind)
    with pytest.raises((ConnectionClosedError, HTTPClientError)):
        client.stop_training_job(TrainingJobName="job")
    assert status(client) == became
    assert stops(server) == [seen]


def test_a_fault_ends_with_one_of_no_times_in_its_place(server, client, spot):
    client.create_training_job(**spot())
    put(server, kind="throttled", times=100)
    put(server, kind="throttled", times=0)
    client.stop_training_job(TrainingJobName="job")


def test_other_jobs_other_operations_and_a_spared_caller_are_not_met(server, client, spot):
    client.create_training_job(**spot())
    put(server, kind="throttled", name="other")
    put(server, kind="throttled", spares=[KEYS["AWS_ACCESS_KEY_ID"]])
    assert status(client) == "InProgress"
    client.stop_training_job(TrainingJobName="job")


def test_the_date_of_answers_about_a_job_can_be_ahead(server, client, spot):
    client.create_training_job(**spot())

    def date():
        answer = client.describe_training_job(TrainingJobName="job")
        return parsedate_to_datetime(answer["ResponseMetadata"]["HTTPHeaders"]["date"])

    before = date()
    assert post(server, "/_market/dates", b'{"job": 1800}')[0] == 200
    assert timedelta(minutes=29) < date() - before < timedelta(minutes=35)


def test_a_fault_of_no_known_kind_is_refused(server):
    wanted = [{"operation": "StopTrainingJob", "name": "job", "kind": "rain"}]
    answered, message = post(server, "/_market/faults", json.dumps(wanted).encode())
    assert answered == 400
    assert "rain" in message["message"]
