"""Curves over steps, with the marks of restarts."""

import re

from spotter.core.reports.html.curves import WIDTH, CurveLine, StepMark, curves_picture
from spotter.core.reports.html.elements import html


def test_a_restart_at_the_very_beginning_has_its_line_within_the_picture():
    line = CurveLine("run", "plain", [(float(n), 1 / n) for n in range(1, 41)])
    marks = [StepMark(0.0, "Restart 1", 12.0), StepMark(40.0, "Restart 2"), StepMark(41.0, "late")]
    drawn = html(curves_picture("Loss", [line], marks))
    places = [float(x) for x in re.findall(r'<line[^>]* x1="([-0-9.]+)"', drawn)]
    assert len(places) == len(marks)
    assert all(1 < x < WIDTH - 1 for x in places)
    [(left, width)] = re.findall(r'<rect[^>]* x="([-0-9.]+)" width="([-0-9.]+)"', drawn)
    assert float(left) == 0
    assert 200 < float(width) < 400
