"""A policy that no person wrote is refused in one sentence, before anything heavy looks at it."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spotter.core.policy import parse
from spotter.core.policy.model import Policy
from spotter.core.policy.parse import MAX_SHOWN, PolicyMistakes, parse_policy, read_policy
from spotter.core.policy.size_limits import MAX_CHARACTERS, size_mistake
from tests.infra.policies import RESUBMITS, SHIPPED

DEEP = 1000
NUMBER = "9" * 20_000
PARTS = 20_000
RULE = '[[rule]]\nname = "n"\non = ["NeverLaunched"]\nmax_attempts = 2\n'
TOO_MUCH = {
    "lists in lists": (
        f"scope = {'[' * DEEP}{']' * DEEP}",
        "is nested more than 10 deep in line 1",
    ),
    "tables in tables": (
        f"\nscope = {'{a=' * DEEP}1{'}' * DEEP}",
        "nested more than 10 deep in line 2",
    ),
    "lists that nobody closes": ("scope = " + "[" * DEEP, "is nested more than 10 deep"),
    "a long number": (
        f"[resubmission]\nmax_spend = {NUMBER}",
        "a number of 20000 characters in line 2",
    ),
    "a long negative number": (f"scope = -{NUMBER}", "a number of 20001 characters"),
    "a long hexadecimal number": (f"scope = 0x{'f' * 20_000}", "a number of 20002 characters"),
    "a long number with marks": (f"scope = {'1_' * 9_999}1", "a number of 19999 characters"),
    "a long fraction": (f"scope = 1.{NUMBER}", "a number of 20000 characters"),
    "a key of many parts": (
        ".".join("a" * PARTS) + " = 1",
        "a key of more than 10 parts in line 1",
    ),
    "a table of many parts": (
        "\n\n[" + ".".join("a" * PARTS) + "]",
        "more than 10 parts in line 3",
    ),
    "parts in quotes": (".".join(['"a"'] * PARTS) + " = 1", "a key of more than 10 parts"),
    "parts that stand apart": (" . ".join(["'a'"] * PARTS) + " = 1", "a key of more than 10 parts"),
    "parts in a table": (
        "a = { " + ".".join("b" * PARTS) + " = 1 }",
        "a key of more than 10 parts",
    ),
    "very many rules": (RULE * 100_000, "has more than 256 KB"),
    "a long text": (f'scope = "{"x" * MAX_CHARACTERS}"', "has more than 256 KB"),
}


def refusal(content: str) -> str:
    with pytest.raises(PolicyMistakes) as caught:
        parse_policy("p", content)
    [mistake] = caught.value.mistakes
    return mistake


@pytest.fixture
def nothing_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The parser's time grows with the square of what these hold: it must not be called."""

    def loads(text: str) -> None:
        raise AssertionError("the parser was called")

    monkeypatch.setattr(parse.tomllib, "loads", loads)


@pytest.mark.usefixtures("nothing_is_parsed")
@pytest.mark.parametrize(("content", "message"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_what_is_too_much_is_one_sentence_before_it_is_parsed(content, message):
    found = refusal(content)
    assert message in found
    assert len(found) < 220


def test_more_rules_than_are_read_are_one_sentence_and_not_one_each():
    assert refusal("[[rule]]\n" * 20_000) == "rule: there are 20000; at most 200 are read"


def test_very_many_mistakes_are_counted_and_the_first_are_shown():
    with pytest.raises(PolicyMistakes) as caught:
        parse_policy("p", f"[resubmission]\ninstance_types = [{'1,' * 50_000}]")
    lines = str(caught.value).splitlines()
    assert len(lines) == MAX_SHOWN + 2
    assert (lines[0], lines[-1].strip()) == ("p has 50000 mistakes:", "and 49950 more")


def test_a_long_key_and_a_long_value_are_cut():
    found = refusal(f'"{"k" * 100_000}" = "{"v" * 100_000}"')
    assert len(found) < 260
    assert len(refusal(f'scope = "{"v" * 100_000}"')) < 200
    assert len(refusal("a.b.c = 1\n" * 2)) < 250


def test_a_large_file_is_read_no_further_than_a_policy_may_reach(tmp_path):
    """So that one without an end, such as a device, ends too."""
    file = tmp_path / "large.toml"
    file.write_bytes(b"#" * (MAX_CHARACTERS + 1) + b"\xff" * 100_000)
    with pytest.raises(PolicyMistakes, match="has more than 256 KB"):
        read_policy(file)


@pytest.mark.parametrize("content", [RESUBMITS, SHIPPED.read_text()])
def test_what_a_person_writes_is_within_all_bounds(content):
    assert size_mistake(content) is None


@pytest.mark.parametrize(
    "content",
    [
        'a = "[[[[[[[[[[[[[[[[["',
        "a = '{{{{{{{{{{{{{{{{{{'",
        'a = """\n[[[[[[[[[[[[[[[[[[[\n\\"""{{{{{{{{{{{{{{"""',
        "a = '''\n[[[[[[[[[[[[\"[[[[[[['''",
        "# [[[[[[[[[[[[[[[[[[[ 1.1.1.1.1.1.1.1.1.1.1.1.1 " + NUMBER,
        "a = [\n" + "[1, 2],\n" * 100 + "]",
        "a = [" + "1.5, " * 100 + "]",
        'a = "1.1.1.1.1.1.1.1.1.1.1.1.1"',
        "a = 1\nb = 1\n" * 50,
    ],
)
def test_what_stands_in_texts_and_remarks_and_one_after_another_is_not_counted(content):
    assert size_mistake(content) is None


@pytest.mark.parametrize(
    ("of_size", "most", "mistake"),
    [
        (lambda n: "#" * n, 262_144, "has more than 256 KB"),
        (lambda n: "a = " + "[" * n, 10, "is nested more than 10 deep in line 1"),
        (lambda n: "a = 1]\n" + "a = " + "{" * (n + 1), 10, "nested more than 10 deep in line 2"),
        (lambda n: "\n" + ".".join("a" * n), 10, "a key of more than 10 parts in line 2"),
        (lambda n: ".a" * n, 10, "a key of more than 10 parts"),
        (lambda n: "a = [" + ".1" * n, 10, "a key of more than 10 parts"),
        (lambda n: "9" * n, 128, "at most 128 are read"),
    ],
)
def test_what_reaches_a_limit_is_read_and_one_more_is_not(of_size, most, mistake):
    assert size_mistake(of_size(most)) is None
    found = size_mistake(of_size(most + 1))
    assert found is not None
    assert mistake in found


def test_as_many_rules_as_are_read_are_no_mistake():
    assert len(parse_policy("p", RULE * 200).rules) == 200
    assert refusal(RULE * 201) == "rule: there are 201; at most 200 are read"


@given(st.text("[]{}\"'\\.#=\n a1", max_size=200))
def test_no_text_is_anything_but_a_policy_or_its_mistakes(content):
    with suppress(PolicyMistakes):
        assert isinstance(parse_policy("p", content), Policy)
