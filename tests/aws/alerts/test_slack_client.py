"""Posting to Slack, against a server on loopback with TLS that answers as a test sets it.

The address in the secret is one of Slack's: the list of hosts holds. Only the connection is another
one, to this server, whose certificate is checked as Slack's would be.
"""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import urllib3
from botocore.exceptions import ClientError

from handlers import notify_slack
from handlers.notify_slack import NOWHERE, notify
from laptop.tls import LOOPBACK, certificate
from spotter.aws.alerts.dead_letters import DeadLetterSender
from spotter.aws.alerts.slack_client import APART, Secret, SlackClient, connect
from spotter.core.alerts import payload
from tests.core.alerts.test_sns_message import MONTHLY, alert, many

ADDRESS = "https://hooks.slack.com/services/T000/B000/first"
ANOTHER = "https://hooks.slack.com/services/T000/B000/second"
BODIES = [
    json.dumps(payload.alert_payload(alert(), "Spotter")),
    json.dumps(payload.digest_payload(many(), "Spotter")),
]


@dataclass
class Stub:
    """A server; its answers in turn are (status, body, headers), and after the last one it says ok."""

    port: int = 0
    trusted: str = ""
    answers: list[tuple[int, str, dict[str, str]]] = field(default_factory=list)
    got: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    silent: bool = False
    silence: threading.Event = field(default_factory=threading.Event)

    def connect(self, host: str) -> urllib3.HTTPSConnectionPool:
        assert host == "hooks.slack.com"
        return connect(LOOPBACK, self.port, self.trusted)


@dataclass
class Secrets:
    """As much of Secrets Manager as is called; a value of None is a secret that was created empty."""

    values: list[str | None]
    reads: int = 0

    def get_secret_value(self, SecretId: str) -> dict[str, str]:  # noqa: N803 (AWS's words)
        assert SecretId == "secret"
        self.reads += 1
        value = self.values.pop(0) if len(self.values) > 1 else self.values[0]
        if value is None:
            raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, "GetSecretValue")
        return {"SecretString": value}


@dataclass
class Queue:
    """The dead letters; where there is no `room` it takes nothing."""

    taken: list[str] = field(default_factory=list)
    room: bool = True

    def send_message(self, QueueUrl: str, MessageBody: str) -> None:  # noqa: N803
        assert QueueUrl == "dead letters"
        if not self.room:
            raise ClientError({"Error": {"Code": "ServiceUnavailable"}}, "SendMessage")
        self.taken.append(MessageBody)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, str, list[Stub]]]:
    folder, now = tmp_path_factory.mktemp("tls"), []
    trusted = certificate(folder)

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            stub, size = now[-1], int(self.headers["Content-Length"])
            assert self.headers["Content-Type"] == "application/json"
            stub.got.append((self.path, json.loads(self.rfile.read(size))))
            if stub.silent:
                stub.silence.wait()
                return
            status, body, headers = stub.answers.pop(0) if stub.answers else (200, "ok", {})
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None: ...

    listening = ThreadingHTTPServer((LOOPBACK, 0), Answering)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(trusted, trusted.with_name("server.key"))
    listening.socket = tls.wrap_socket(listening.socket, server_side=True)
    thread = threading.Thread(target=listening.serve_forever)
    thread.start()
    yield listening.server_address[1], str(trusted), now
    listening.shutdown()
    thread.join()
    listening.server_close()


@pytest.fixture
def stub(server: tuple[int, str, list[Stub]]) -> Stub:
    port, trusted, now = server
    now.append(Stub(port, trusted))
    return now[-1]


@dataclass
class Slack:
    """The function's tools around a stub, and what came of it."""

    stub: Stub
    secrets: Secrets
    queue: Queue = field(default_factory=Queue)
    waits: list[float] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    connect: Callable[[str], Any] | None = None
    poster: SlackClient | None = None

    def __call__(self, *bodies: str) -> list[int]:
        """The numbers of the messages that are to be delivered again."""
        connect = self.connect or self.stub.connect
        self.poster = self.poster or SlackClient(
            Secret(self.secrets, "secret"), connect, self.waits.append
        )
        messages = [{"messageId": str(n), "body": body} for n, body in enumerate(bodies)]
        letters = DeadLetterSender(self.queue, "dead letters")
        return [int(m["messageId"]) for m in notify(messages, self.poster, letters, self._warn)]

    def _warn(self, sentence: str) -> None:
        self.warnings += [sentence] if sentence not in self.warnings else []


@pytest.fixture
def slack(stub: Stub) -> Slack:
    return Slack(stub, Secrets([ADDRESS]))


def test_one_alert_is_one_message(slack):
    assert slack(BODIES[0]) == []
    ((path, message),) = slack.stub.got
    assert path == "/services/T000/B000/first"
    assert message["blocks"][0]["text"]["text"].startswith("CRITICAL: nightly-7")


def test_several_alerts_are_one_message_and_the_next_comes_two_seconds_later(slack):
    assert slack(*BODIES, BODIES[0]) == []
    ((_, message),) = slack.stub.got
    assert message["blocks"][0]["text"]["text"] == "CRITICAL: 23 alerts in 3 messages"
    assert slack.waits == [APART]
    assert 2 * 60 / APART <= 60, "of two workers"


def test_a_monthly_digest_is_a_message_of_its_own_beside_alerts(slack):
    assert slack(BODIES[0], json.dumps(MONTHLY), BODIES[0]) == []
    first, second = (message["blocks"][0]["text"]["text"] for _, message in slack.stub.got)
    assert first == "CRITICAL: 2 alerts in 2 messages"
    assert second == "INFO: Spot savings in November 2026"


def test_the_secret_is_read_once(slack):
    for _ in range(3):
        slack(BODIES[0])
    assert (slack.secrets.reads, len(slack.stub.got)) == (1, 3)


def test_a_short_wait_is_waited_for(slack):
    slack.stub.answers = [(429, "rate_limited", {"Retry-After": "7"})]
    assert slack(BODIES[0]) == []
    assert (slack.waits, len(slack.stub.got)) == ([7.0, APART], 2)


def test_a_long_wait_gives_the_messages_back(slack):
    slack.stub.answers = [(429, "rate_limited", {"Retry-After": "60"})]
    assert slack(*BODIES) == [0, 1]
    assert (slack.waits, slack.queue.taken) == ([], [])
    assert slack(*BODIES) == []


@pytest.mark.shows("Slack", "it answers with errors")
@pytest.mark.parametrize("status", [500, 503, 408])
def test_while_slack_is_unwell_messages_come_back_and_none_is_lost(slack, status):
    slack.stub.answers = [(status, "", {})] * 4
    assert slack(*BODIES) == [0, 1]
    assert slack(*BODIES) == [0, 1]
    assert slack(*BODIES) == []
    assert slack.queue.taken == []


@pytest.mark.shows("Slack", "it does not answer")
def test_a_slack_that_does_not_answer_is_not_waited_for_long(slack):
    def impatient(host: str) -> urllib3.HTTPSConnectionPool:
        pool = slack.stub.connect(host)
        pool.timeout = urllib3.Timeout(0.2)
        return pool

    slack.stub.silent, slack.connect = True, impatient
    try:
        assert slack(BODIES[0]) == [0]
    finally:
        slack.stub.silence.set()


@pytest.mark.shows("Slack", "it cannot be reached")
def test_a_slack_that_is_not_there_is_asked_again_later(slack):
    slack.stub.port = 1
    assert slack(BODIES[0]) == [0]


def test_no_request_is_sent_to_a_server_whose_certificate_is_not_trusted(slack):
    slack.connect = lambda host: connect(LOOPBACK, slack.stub.port)
    assert slack(BODIES[0]) == [0]
    assert slack.stub.got == []


@pytest.mark.shows("Slack", "its address was rotated")
def test_an_address_that_was_exchanged_is_read_again(slack):
    slack.secrets.values = [ADDRESS, ANOTHER]
    slack.stub.answers = [(404, "no_service", {})]
    assert slack(*BODIES) == []
    assert [path[-6:] for path, _ in slack.stub.got] == ["/first", "second"]
    slack(BODIES[0])
    assert slack.secrets.reads == 2


@pytest.mark.parametrize(
    ("status", "word"), [(404, "no_service"), (403, "invalid_token"), (410, "channel_is_archived")]
)
def test_an_address_that_slack_refuses_is_logged_once_and_the_messages_are_kept(
    slack, status, word
):
    slack.stub.answers = [(status, word, {})] * 2
    assert (slack(*BODIES), slack(*BODIES)) == ([], [])
    assert slack.queue.taken == BODIES * 2
    (sentence,) = slack.warnings
    assert "put a new address into the secret" in sentence
    assert f"{status} {word}" in sentence
    assert len(slack.stub.got) == 2, "an address that did not change is not tried again"


def test_a_message_that_slack_cannot_read_is_kept_and_blocks_nothing(slack):
    slack.stub.answers = [(400, "invalid_payload", {})]
    assert slack(BODIES[0]) == []
    assert slack.queue.taken == [BODIES[0]]
    assert slack(BODIES[1]) == []
    assert (len(slack.stub.got), slack.secrets.reads) == (2, 1)


@pytest.mark.parametrize("bodies", [BODIES, ["{odd", BODIES[0]]])
def test_what_the_dead_letters_do_not_take_comes_back(slack, bodies):
    slack.stub.answers = [(404, "no_service", {})]
    slack.queue.room = False
    with pytest.raises(ClientError):
        slack(*bodies)


def test_a_message_is_a_dead_letter_once_while_the_secret_cannot_be_read(slack):
    read = slack.secrets.get_secret_value

    def throttled(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetSecretValue")

    slack.secrets.get_secret_value = throttled
    assert slack("{odd", *BODIES) == [1, 2]
    with pytest.raises(ClientError):
        slack(*BODIES)
    slack.secrets.get_secret_value = read
    assert slack(*BODIES) == []
    assert (slack.queue.taken, len(slack.stub.got)) == (["{odd"], 1)


def test_what_slack_took_is_not_posted_again_where_the_dead_letters_refuse_another(slack):
    slack.stub.answers = [(200, "ok", {}), (400, "invalid_payload", {})]
    slack.queue.room = False
    assert slack(*BODIES, json.dumps(MONTHLY)) == [2]
    slack.queue.room = True
    slack.stub.answers = [(400, "invalid_payload", {})]
    assert slack(json.dumps(MONTHLY)) == []
    assert slack.queue.taken == [json.dumps(MONTHLY)]


@pytest.mark.parametrize("value", [None, "", "  \n"])
def test_with_no_address_it_warns_once_and_takes_the_messages(slack, value):
    slack.secrets.values = [value]
    assert (slack(*BODIES), slack(*BODIES)) == ([], [])
    assert slack.warnings == [NOWHERE]
    assert (slack.stub.got, slack.queue.taken) == ([], [])


def test_an_address_that_was_taken_away_is_not_posted_to_again(slack):
    slack.secrets.values = [ADDRESS, None, ANOTHER]
    slack.stub.answers = [(404, "no_service", {})]
    assert (slack(BODIES[0]), slack(BODIES[0])) == ([], [])
    assert [path[-6:] for path, _ in slack.stub.got] == ["/first", "second"]


def test_an_address_that_is_put_in_later_is_found(slack):
    slack.secrets.values = [None, ADDRESS]
    slack(BODIES[0])
    slack(BODIES[1])
    assert len(slack.stub.got) == 1


@pytest.mark.parametrize("place", range(3))
def test_what_is_no_alert_is_kept_and_hinders_no_other(slack, place):
    bodies = [*BODIES[:place], "{odd", *BODIES[place:]]
    assert slack(*bodies) == []
    assert slack.queue.taken == ["{odd"]
    assert len(slack.stub.got) == 1


@pytest.mark.shows("webhooks", "a redirect")
@pytest.mark.parametrize("status", [301, 302, 307])
def test_no_redirect_is_followed(slack, status):
    slack.stub.answers = [(status, "", {"Location": f"https://{LOOPBACK}:{slack.stub.port}/evil"})]
    assert slack(BODIES[0]) == []
    assert [path for path, _ in slack.stub.got] == ["/services/T000/B000/first"]
    assert slack.queue.taken == [BODIES[0]]


@pytest.mark.shows("webhooks", "another host")
def test_another_host_is_refused_and_nothing_shows_the_address(slack, caplog, capsys):
    slack.secrets.values = ["https://evil.example/services/T000/B000/first"]
    slack.connect = lambda host: pytest.fail(host)
    assert slack(BODIES[0]) == []
    (sentence,) = slack.warnings
    assert "it must begin with https://hooks.slack.com/" in sentence
    shown = sentence + caplog.text + capsys.readouterr().out
    assert "evil.example" not in shown
    assert "T000" not in shown


def test_nothing_that_goes_wrong_shows_the_address(slack, caplog, capsys):
    for answer in [
        (404, ADDRESS, {}),
        (500, ADDRESS, {}),
        (429, ADDRESS, {"Retry-After": ADDRESS}),
    ]:
        slack.stub.answers = [answer]
        slack(BODIES[0])
    slack.stub.port = 1
    slack(BODIES[0])
    assert "B000" not in " ".join(slack.warnings) + caplog.text + capsys.readouterr().out


def test_a_secret_that_may_not_be_read_is_an_error_of_the_function(slack):
    def denied(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetSecretValue")

    slack.secrets.get_secret_value = denied
    with pytest.raises(ClientError):
        slack(BODIES[0])


def test_an_environment_warns_of_each_thing_once(monkeypatch, caplog):
    settings = {"SPOTTER_SECRET": "s", "SPOTTER_DEAD_LETTERS": "queue", "SPOTTER_STACK": "Gym"}
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    *_, say = notify_slack.tools.__wrapped__()
    notify_slack.metrics.clear_default_dimensions()
    for _ in range(3):
        say(NOWHERE)
    assert caplog.text.count(NOWHERE) == 1


def test_the_function_trusts_what_botocore_trusts():
    pool = connect("hooks.slack.com")
    assert Path(pool.ca_certs).exists()
    assert (pool.host, pool.port, pool.cert_reqs) == ("hooks.slack.com", 443, "CERT_REQUIRED")
    pool.close()
