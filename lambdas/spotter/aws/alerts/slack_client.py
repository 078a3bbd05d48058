"""Posting to an incoming webhook of Slack, whose address lies in a secret.

The address is read once and kept. When Slack refuses it the secret is read again, once, because it may
have been replaced. No redirect is followed, and no sentence shows the address.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import urllib3
from botocore.exceptions import ClientError
from botocore.httpsession import get_cert_path
from urllib3.exceptions import HTTPError

from spotter.core.alerts.slack_webhook import NotAWebhook, SlackAnswer, SlackVerdict, Webhook

APART = 2.0
"""Pause in seconds after each message that Slack accepted: two workers then send at most sixty messages a minute."""
SHORT = 10.0
"""The longest pause in seconds that the function waits for; if Slack asks for more, the messages go back to the queue."""
PAUSE = 1.0
"""Seconds until the next try where Slack sends no Retry-After."""
MOST_READ = 500


def connect(host: str, port: int = 443, trusted: str | None = None) -> urllib3.HTTPSConnectionPool:
    """One connection to a host over verified TLS, with bounded waits and without retries.

    `trusted` is a file of certificates; without one, those that botocore trusts.
    """
    return urllib3.HTTPSConnectionPool(
        host,
        port,
        timeout=urllib3.Timeout(connect=3, read=7),
        retries=False,
        maxsize=1,
        cert_reqs="CERT_REQUIRED",
        ca_certs=trusted or get_cert_path(True),
    )


class NoWebhook(Exception):
    """The secret is empty."""


@dataclass
class Secret:
    """A secret's value, kept once it was read."""

    client: Any
    name: str
    kept: str | None = None

    def read(self) -> Webhook:
        """The address; NoWebhook while the secret is empty, NotAWebhook if it holds something else."""
        if self.kept is None:
            self.kept = self._now()
        return Webhook.parse(self.kept)

    def has_changed(self) -> bool:
        """Read it again: True if it holds something else now."""
        before, self.kept = self.kept, None
        self.kept = self._now()
        return self.kept != before

    def _now(self) -> str:
        """A secret that was created empty has no version, so reading it is an error."""
        try:
            value = self.client.get_secret_value(SecretId=self.name).get("SecretString") or ""
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            value = ""
        if not value.strip():
            raise NoWebhook
        return str(value)


@dataclass(frozen=True)
class SlackClient:
    """`connect` makes a connection to a host of Slack's; `wait` waits so many seconds."""

    secret: Secret
    connect: Callable[[str], Any]
    wait: Callable[[float], None]

    def post(self, message: Mapping[str, Any]) -> SlackAnswer:
        """Slack's last answer; NoWebhook while the secret is empty."""
        answer = self._send(message)
        if answer.verdict is SlackVerdict.WEBHOOK and self.secret.has_changed():
            answer = self._send(message)
        pause = PAUSE if answer.after is None else answer.after
        if answer.verdict is SlackVerdict.LATER and pause <= SHORT:
            self.wait(pause)
            answer = self._send(message)
        if answer.verdict is SlackVerdict.TAKEN:
            self.wait(APART)
        return answer

    def _send(self, message: Mapping[str, Any]) -> SlackAnswer:
        """One request. Without an answer the verdict is to try again later."""
        try:
            webhook = self.secret.read()
        except NotAWebhook as sentence:
            return SlackAnswer(SlackVerdict.WEBHOOK, str(sentence))
        try:
            with self.connect(webhook.host) as slack:
                answer = slack.urlopen(
                    "POST",
                    webhook.path,
                    body=json.dumps(message).encode(),
                    headers={"Content-Type": "application/json"},
                    redirect=False,
                    preload_content=False,
                )
                body = answer.read(MOST_READ).decode("utf-8", "replace")
        except HTTPError as error:
            return SlackAnswer(SlackVerdict.LATER, type(error).__name__)
        return SlackAnswer.of(answer.status, body, answer.headers.get("Retry-After"))
