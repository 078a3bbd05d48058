"""The address of a Slack channel is a secret: anyone who has it can write there. No message shows it.

https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

import re
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urlsplit

HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
_PATH = re.compile(r"/[A-Za-z0-9/_-]{1,500}")
_WORD = re.compile(r"[a-z_]{1,40}")
AT_MOST = 3600.0


class NotAWebhook(ValueError):
    """What the secret holds is no address of Slack's; the sentence states what it must be."""


@dataclass(frozen=True)
class Webhook:
    """Where to post: a host from the list, and a path. The host is always one of the list."""

    host: str
    path: str

    def __repr__(self) -> str:
        return f"Webhook({self.host})"

    @classmethod
    def parse(cls, secret: str) -> "Webhook":
        """The address in a secret; NotAWebhook if it is none, or leads elsewhere."""
        try:
            url = urlsplit(secret.strip())
            host, port = (url.hostname or "").lower(), url.port
        except ValueError:
            host, port = "", None
        known = next((one for one in HOSTS if one == host), None)
        plain = not (known is None or url.username or url.password or url.query or url.fragment)
        if not plain or url.scheme != "https" or port not in (None, 443):
            raise NotAWebhook(_SENTENCE)
        if not _PATH.fullmatch(url.path):
            raise NotAWebhook(_SENTENCE)
        return cls(str(known), url.path)


_SENTENCE = (
    "The secret holds no address of an incoming webhook: it must begin with "
    f"{' or '.join(f'https://{host}/' for host in HOSTS)}, and be nothing but that address."
)


class SlackVerdict(Enum):
    """What Slack's answer means for a message."""

    TAKEN = "taken"
    LATER = "later"
    WEBHOOK = "webhook"
    MESSAGE = "message"


@dataclass(frozen=True)
class SlackAnswer:
    """Slack's answer, with its own error word; `after` are seconds to wait, where it named them."""

    verdict: SlackVerdict
    word: str
    after: float | None = None

    @classmethod
    def of(cls, status: int, body: str, retry_after: str | None = None) -> "SlackAnswer":
        """By the status; the body is a word, such as no_service.

        https://api.slack.com/changelog/2016-05-17-changes-to-errors-for-incoming-webhooks
        """
        first = body.strip()[:41]
        word = f"{status} {first}" if _WORD.fullmatch(first) else str(status)
        if status == 200:
            return cls(SlackVerdict.TAKEN, word)
        if status in (408, 429) or status >= 500:
            return cls(SlackVerdict.LATER, word, _seconds(retry_after))
        return cls(SlackVerdict.MESSAGE if status in (400, 413) else SlackVerdict.WEBHOOK, word)


def _seconds(retry_after: str | None) -> float | None:
    """Retry-After in seconds; None for a date, which Slack does not send."""
    digits = (retry_after or "").strip()
    known = digits.isascii() and digits.isdecimal() and len(digits) < 10
    return min(float(digits), AT_MOST) if known else None
