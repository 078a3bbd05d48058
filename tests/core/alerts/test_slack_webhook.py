"""Only Slack's own hosts are posted to, and no sentence shows the address."""

import pytest

from spotter.core.alerts.slack_webhook import NotAWebhook, SlackAnswer, SlackVerdict, Webhook

SECRET = "T000/B000/xyzzy"


@pytest.mark.parametrize(
    ("text", "host"),
    [
        (f"https://hooks.slack.com/services/{SECRET}", "hooks.slack.com"),
        (f" https://HOOKS.slack.com:443/services/{SECRET}\n", "hooks.slack.com"),
        (f"https://hooks.slack-gov.com/services/{SECRET}", "hooks.slack-gov.com"),
    ],
)
def test_an_address_of_slacks_is_taken(text, host):
    assert Webhook.parse(text) == Webhook(host, f"/services/{SECRET}")


@pytest.mark.shows("webhooks", "addresses that are not Slack's")
@pytest.mark.parametrize(
    "text",
    [
        f"http://hooks.slack.com/services/{SECRET}",
        f"https://hooks.slack.com.evil.example/services/{SECRET}",
        f"https://evil-hooks.slack.com/services/{SECRET}",
        f"https://evil.example/hooks.slack.com/services/{SECRET}",
        f"https://hooks.slack.com@evil.example/services/{SECRET}",
        f"https://evil.example@hooks.slack.com/services/{SECRET}",
        f"https://evil.example\\@hooks.slack.com/{SECRET}",
        f"https://hooks.slack.com:8443/services/{SECRET}",
        f"https://hooks.slack.com:x/services/{SECRET}",
        f"https://hooks.slack.com/services/{SECRET}?next=evil",
        f"https://hooks.slack.com/services/{SECRET}#x",
        f"https://hooks.slack.com/services/../{SECRET}",
        f"https://hooks.slack.com/services/{SECRET}\r\nHost: evil.example",
        f"https://hooks.sl\u0430ck.com/services/{SECRET}",
        f"https://169.254.169.254/{SECRET}",
        f"https://[::1]/{SECRET}",
        f"https://[/{SECRET}",
        "https://hooks.slack.com",
        f'{{"url": "https://hooks.slack.com/services/{SECRET}"}}',
        SECRET,
        "",
    ],
)
def test_anything_else_is_refused_in_one_sentence_that_does_not_show_it(text):
    with pytest.raises(NotAWebhook) as refused:
        Webhook.parse(text)
    message = str(refused.value)
    assert message.count(".\n") == 0
    assert "https://hooks.slack.com/ or https://hooks.slack-gov.com/" in message
    assert SECRET not in message
    assert "evil" not in message


def test_an_address_does_not_show_itself():
    assert SECRET not in repr(Webhook.parse(f"https://hooks.slack.com/services/{SECRET}"))


@pytest.mark.parametrize(
    ("status", "body", "after", "expected"),
    [
        (200, "ok", None, SlackAnswer(SlackVerdict.TAKEN, "200 ok")),
        (429, "rate_limited", "3", SlackAnswer(SlackVerdict.LATER, "429 rate_limited", 3.0)),
        (429, "", "Wed, 21 Oct 2026 07:28:00 GMT", SlackAnswer(SlackVerdict.LATER, "429")),
        (429, "", "99999999", SlackAnswer(SlackVerdict.LATER, "429", 3600.0)),
        (429, "", "-1", SlackAnswer(SlackVerdict.LATER, "429")),
        (408, "", None, SlackAnswer(SlackVerdict.LATER, "408")),
        (500, "rollup_error", None, SlackAnswer(SlackVerdict.LATER, "500 rollup_error")),
        (503, "<html>secret</html>", None, SlackAnswer(SlackVerdict.LATER, "503")),
        (400, "invalid_payload", None, SlackAnswer(SlackVerdict.MESSAGE, "400 invalid_payload")),
        (403, "invalid_token", None, SlackAnswer(SlackVerdict.WEBHOOK, "403 invalid_token")),
        (404, "no_service", None, SlackAnswer(SlackVerdict.WEBHOOK, "404 no_service")),
        (
            410,
            "channel_is_archived",
            None,
            SlackAnswer(SlackVerdict.WEBHOOK, "410 channel_is_archived"),
        ),
        (302, "", None, SlackAnswer(SlackVerdict.WEBHOOK, "302")),
    ],
)
def test_each_answer_of_slacks_means_one_thing(status, body, after, expected):
    assert SlackAnswer.of(status, body, after) == expected
