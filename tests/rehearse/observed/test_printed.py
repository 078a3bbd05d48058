"""Steps and metrics are read from the lines that scripts print."""

import pytest

from spotter_cli.rehearse.observed.printed import (
    VALUES,
    PrintedLines,
    form_of,
    read_line,
)


@pytest.mark.parametrize(
    ("line", "position", "metrics"),
    [
        ("step 40: loss 0.31", (0, 40), {"loss": 0.31}),
        ("epoch=3 lr=1e-3 loss=0.31", (3, 0), {"lr": 0.001, "loss": 0.31}),
        ("Epoch 2, Step 5, Loss: 0.5.", (2, 5), {"loss": 0.5}),
        ("{'loss': 0.31, 'grad_norm': 2.0, 'epoch': 1.5}", (1.5, 0), {"loss": 0.31, "grad_norm": 2}),
        ('{"step": 5, "loss": 0.25, "elapsed_seconds": 3.1}', (0, 5), {"loss": 0.25}),
        ("[10/100] loss=0.3 time=3.0", (0, 10), {"loss": 0.3}),
        ("[0]\ttrain-rmse:0.5\teval-rmse:0.6", (0, 0), {"train-rmse": 0.5, "eval-rmse": 0.6}),
        ("   50 0.00942", (0, 50), {}),
        ("12: loss 0.3", (0, 12), {"loss": 0.3}),
        ("12:30:01 loss 0.3", None, {"loss": 0.3}),
        ("2026-11-26 12:30:01,123 loss 0.3", None, {"loss": 0.3}),
        ("10 files were read", None, {}),
        ("Episode 29 reward 3.2", (0, 29), {"reward": 3.2}),
        ("loss=0.5", None, {"loss": 0.5}),
    ],
)  # fmt: skip
def test_a_line_names_a_step_and_values(line, position, metrics):
    found, values = read_line(line)
    assert found == position
    assert dict(values) == metrics


def test_lines_of_one_kind_have_one_form():
    assert form_of("step 5: loss=0.1") == form_of(" step 17: loss=1e-7")
    assert form_of("step 5: loss=0.1") != form_of("resumed at step 5")


def test_a_line_counts_when_it_has_ended():
    lines = PrintedLines()
    lines.add(b"step 1 lo", 0.1)
    assert lines.steps == []
    lines.add(b"ss 0.5\rstep 2 loss 0.4\n\xff\n", 0.2)
    assert [one.position[1] for one in lines.steps] == [1, 2]
    assert [one.value for one in lines.metrics] == [0.5, 0.4]


def test_of_a_script_that_prints_gigabytes_the_rest_is_counted(monkeypatch):
    monkeypatch.setattr("spotter_cli.rehearse.observed.printed.READ", 1 << 20)
    lines = PrintedLines()
    block = b"step 1: " + b"a=1.5 " * 300 + b"\n"
    pieces, each = 6, 500
    for _ in range(pieces):
        lines.add(block * each, 1.0)
    lines.add(b"\nthe end\n", 2.0)
    assert lines.lines >= pieces * each
    assert lines.tail[-1] == "the end"
    assert len(lines.steps) * len(block) <= (1 << 20) + len(block)
    assert len(lines.metrics) <= VALUES * len(lines.steps)


@pytest.mark.parametrize(
    "line",
    ["a-" * 1000, "a" + " " * 1999, "step " + "1" * 1900 + "x", "step " + "1." * 900 + "x"],
    ids=["separators", "spaces", "digits", "dots"],
)
def test_a_line_that_is_no_text_is_read_in_a_moment(line):
    """Before, one such line took up to 18 seconds."""
    for _ in range(100):
        assert read_line(line) == (None, [])
