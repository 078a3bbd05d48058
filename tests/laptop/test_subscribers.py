"""A team's queue and an https subscriber, as docs/routing-alerts.md describes them, on the embedded AWS.

The subscriber is a server on loopback that speaks TLS. It confirms as a pager's service does, by the token in SNS's
first message, and only then gets alerts. It calls ConfirmSubscription with that token: the embedded AWS looks for the
topic of an unsigned request, as that to SubscribeURL is, in another Region. It signs no message.
"""

import json
import os
import re
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from laptop import startup
from laptop.location import POLICY, REPOSITORY, Laptop
from laptop.tls import LOOPBACK, certificate
from tests.laptop.conftest import COMMAND, taken_down
from tests.laptop.test_startup import in_time, named, output_in_time, training_request
from tests.support import subprocesses

pytestmark = [pytest.mark.laptop, pytest.mark.xdist_group("subscribers")]
LIMITS = {"MaxRuntimeInSeconds": 1, "MaxWaitTimeInSeconds": 1}
PAGE = (REPOSITORY / "docs/routing-alerts.md").read_text()
FILTER = re.findall(r"(?s)```json\n(.*?)```", PAGE)[0]
"""The filter policy of the documentation, for the team `vision`."""


@dataclass
class Subscriber:
    """An https server. `raw` and enveloped messages come to paths of their own; `unconfirmed` never confirms."""

    port: int = 0
    messages: list[tuple[str, str, str]] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)

    def address(self, path: str) -> str:
        return f"https://{LOOPBACK}:{self.port}/{path}"

    def take(self, path: str, kind: str, body: str) -> None:
        self.messages.append((path, kind, body))
        if kind == "SubscriptionConfirmation" and path != "/unconfirmed":
            self.tokens[path] = json.loads(body)["Token"]

    def notifications(self, path: str) -> list[str]:
        return [body for at, kind, body in self.messages if (at, kind) == (path, "Notification")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("subscribers")


@pytest.fixture(scope="module")
def subscriber(folder: Path) -> Iterator[Subscriber]:
    trusted, one = certificate(folder / "tls"), Subscriber()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            one.take(self.path, self.headers["x-amz-sns-message-type"], body)
            self.send_response(202)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None: ...

    listening = ThreadingHTTPServer((LOOPBACK, 0), Answering)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(trusted, trusted.with_name("server.key"))
    listening.socket = tls.wrap_socket(listening.socket, server_side=True)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    one.port = listening.server_address[1]
    yield one
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture(scope="module")
def place(folder: Path, subscriber: Subscriber) -> Iterator[Laptop]:
    """A laptop whose embedded AWS trusts the subscriber's certificate."""
    home = folder / "home"
    environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
    environment |= {"SPOTTER_LAPTOP": str(home), "SSL_CERT_FILE": str(folder / "tls/server.crt")}
    with taken_down(home):
        up = [str(COMMAND), "laptop", "up", "--policy", str(POLICY)]
        came_up = subprocesses.run(up, env=environment)
        assert came_up.returncode == 0, came_up.stderr
        yield Laptop.read(home / "up")


def subscribed(place: Laptop, protocol: str, endpoint: str, **attributes: str) -> str:
    answer = startup.client(place, "sns").subscribe(
        TopicArn=place.outputs["AlertsTopicArn"],
        Protocol=protocol,
        Endpoint=endpoint,
        Attributes=attributes,
        ReturnSubscriptionArn=True,
    )
    return str(answer["SubscriptionArn"])


@pytest.fixture(scope="module")
def queue(place: Laptop) -> str:
    """The team's own queue, to which SNS may send from this topic alone."""
    sqs = startup.client(place, "sqs")
    url = sqs.create_queue(QueueName="spotter-vision")["QueueUrl"]
    (arn,) = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])[
        "Attributes"
    ].values()
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": place.outputs["AlertsTopicArn"]}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    subscribed(place, "sqs", arn, RawMessageDelivery="true", FilterPolicy=FILTER)
    return str(url)


@pytest.fixture(scope="module")
def alerts(place: Laptop, queue: str, subscriber: Subscriber) -> list[dict[str, Any]]:
    """What the team's queue got, once two teams and a job of no team have had their alerts."""
    for path, more in (
        ("raw", {"RawMessageDelivery": "true"}),
        ("enveloped", {}),
        ("unconfirmed", {}),
    ):
        critical = json.dumps(json.loads(FILTER) | {"severity": ["critical"]})
        subscribed(place, "https", subscriber.address(path), FilterPolicy=critical, **more)
    assert in_time(lambda: len(subscriber.messages) == 3)
    for token in subscriber.tokens.values():
        startup.client(place, "sns").confirm_subscription(
            TopicArn=place.outputs["AlertsTopicArn"], Token=token
        )
    sagemaker = startup.client(place, "sagemaker")
    for name, team in (("audio-1", "audio"), ("nobodys-1", None), ("vision-1", "vision")):
        tags = [{"Key": "team", "Value": team}] if team else []
        sagemaker.create_training_job(**training_request(name, StoppingCondition=LIMITS, Tags=tags))
    got: list[dict[str, Any]] = []

    def vision_ended() -> bool:
        more = startup.client(place, "sqs").receive_message(
            QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        got.extend(json.loads(one["Body"]) for one in more.get("Messages", ()))
        about = [(one["job"], one["kind"]) for message in got for one in named(message)]
        return ("vision-1", "attempt_ended") in about

    assert output_in_time(place, vision_ended)
    return got


def test_a_teams_queue_gets_its_own_alerts_and_digests_that_hold_one_of_them(alerts):
    """The other teams' alerts are in no message of their own."""
    for message in alerts:
        teams = [(one["tags"] or {}).get("team") for one in named(message)]
        assert "vision" in teams
        if message["schema"] == "spotter.alert/1":
            assert teams == ["vision"]


def in_a_notification(place: Laptop, found: Any) -> dict[str, Any]:
    (body, *_) = output_in_time(place, found)
    return dict(json.loads(body))


def about_vision(notification: dict[str, Any]) -> bool:
    context = notification["metadata"]["additionalContext"]
    return bool(context.get("tags") == "team=vision")


def test_an_https_subscriber_gets_raw_notifications_once_it_has_confirmed(
    place, alerts, subscriber
):
    notification = in_a_notification(place, lambda: subscriber.notifications("/raw"))
    assert (notification["version"], notification["source"]) == ("1.0", "custom")
    context = notification["metadata"]["additionalContext"]
    assert context["severity"] == "critical"
    if context["kind"] != "digest":
        assert about_vision(notification)
        assert notification["metadata"]["threadId"].startswith(
            "111122223333/eu-central-2/vision-1#"
        )


def test_another_gets_the_same_in_sns_envelope(place, alerts, subscriber):
    envelope = in_a_notification(place, lambda: subscriber.notifications("/enveloped"))
    assert envelope["Type"] == "Notification"
    assert envelope["TopicArn"] == place.outputs["AlertsTopicArn"]
    assert envelope["Subject"].startswith("Spotter")
    assert output_in_time(place, lambda: envelope["Message"] in subscriber.notifications("/raw"))


def test_who_does_not_confirm_gets_nothing(alerts, subscriber):
    kinds = {kind for path, kind, _ in subscriber.messages if path == "/unconfirmed"}
    assert kinds == {"SubscriptionConfirmation"}
