"""The row of a month's digest has a key of its own."""

from spotter.core.ledger import monthly_digest


def test_the_row_of_a_months_digest_is_no_alert_of_a_job():
    where = monthly_digest.key("2026-10")
    assert monthly_digest.is_monthly_digest(where)
    assert not monthly_digest.is_monthly_digest(("JOB#a", where[1]))
