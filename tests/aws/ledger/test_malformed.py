"""A malformed row is counted each time, in the figure that its alarm watches, and logged once."""

import json

from spotter.aws.ledger.malformed import reporter
from spotter.core.ledger.validation import Malformed
from spotter.core.record.metrics import MALFORMED


def test_a_malformed_row_is_counted_each_time_and_logged_once(capsys, caplog):
    report = reporter("Spotter")
    row = Malformed(("CREATIONS", "SLOT#7"), "`claimed` is missing")
    report(row)
    report(row)
    printed = capsys.readouterr().out
    figures = [json.loads(line) for line in printed.splitlines() if "_aws" in line]
    assert [one[MALFORMED.name] for one in figures] == [[1.0], [1.0]]
    for one in figures:
        assert {name: one[name] for name in MALFORMED.dimensions("Spotter")} == (
            MALFORMED.dimensions("Spotter")
        )
    (logged,) = caplog.records
    assert (logged.sk, logged.reason) == ("SLOT#7", "`claimed` is missing")
