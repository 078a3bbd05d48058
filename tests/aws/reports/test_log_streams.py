"""A job's log is read from all its streams, page by page, in the order of time, in both directions."""

from itertools import islice

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from spotter.aws.reports.log_streams import JobLog, LogNotReadable, no_lines
from spotter.core.ledger.job_record import JobRecord
from spotter.core.model.identity import Attempt
from spotter.core.model.times import ms
from tests.support.fake_logs import FakeLogs
from tests.support.jobs import NEVER_LAUNCHED, NOON, OUT_OF_TIME, job

BEGIN = ms(NOON)
instants = st.lists(st.integers(0, 60), max_size=20)


def head(statuses=OUT_OF_TIME, **more) -> JobRecord:
    one = job(statuses, **more)
    return JobRecord.of(one, Attempt(one.id, 1), in_scope=True)


def written(streams) -> FakeLogs:
    logs = FakeLogs()
    for number, found in enumerate(streams):
        name = f"nightly-7/algo-{number}-1"
        logs.put(name, {})
        for count, at in enumerate(sorted(found)):
            logs.put(name, {BEGIN + at: f"{number}.{count}"})
    logs.put("nightly-70/algo-1-1", {BEGIN: "of another job"})
    logs.put("nightly-7/algo-0-0", {BEGIN - 60_000: "of an earlier job of the same name"})
    return logs


@given(st.lists(instants, max_size=5))
def test_all_lines_of_all_streams_are_read_once_and_in_order(streams):
    logs = written(streams)
    found = [*JobLog(logs, head()).since(NOON)]
    assert [line.at for line in found] == sorted(line.at for line in found)
    expected = {f"{n}.{count}" for n, one in enumerate(streams) for count in range(len(one))}
    assert sorted(line.message for line in found) == sorted(expected)
    for number in range(len(streams)):
        of_stream = [line.message for line in found if line.instance == f"algo-{number}"]
        assert of_stream == [f"{number}.{count}" for count in range(len(streams[number]))]
    backward = [*JobLog(logs, head()).newest_first(100)]
    assert sorted(line.message for line in backward) == sorted(expected)
    assert [line.at for line in reversed(backward)] == [line.at for line in found]


@given(st.lists(instants, min_size=1, max_size=3), st.lists(instants, max_size=4), st.booleans())
def test_what_comes_later_is_read_on_from_where_reading_ended(before, after, backward):
    logs = written(before)
    log = JobLog(logs, head())
    first = [*(log.newest_first(1000) if backward else log.since(NOON))]
    for number, found in enumerate(after):
        for count, at in enumerate(sorted(found)):
            logs.put(f"nightly-7/algo-{number}-1", {BEGIN + 100 + at: f"later {number}.{count}"})
    more = log.more()
    assert len(more) == sum(map(len, after))
    assert all(line.message.startswith("later") for line in more)
    assert log.more() == []
    assert len(first) == sum(map(len, before))


def test_the_last_lines_of_a_long_log_cost_few_calls():
    logs = FakeLogs(page=10_000)
    logs.put("nightly-7/algo-1-1", {BEGIN + n: str(n) for n in range(50_000)})
    found = [*islice(JobLog(logs, head()).newest_first(5), 5)]
    assert [line.message for line in found] == ["49999", "49998", "49997", "49996", "49995"]
    assert logs.calls == 2


def test_a_log_group_that_is_not_there_has_no_lines():
    log = JobLog(FakeLogs(), head())
    assert (log.streams(), log.more(), [*log.newest_first(5)]) == ([], [], [])


@pytest.mark.parametrize("code", ["AccessDeniedException", "AccessDenied"])
def test_a_missing_permission_is_named(code):
    logs = written([[1]])
    logs.refusal = code
    with pytest.raises(LogNotReadable, match=r"logs:DescribeLogStreams and logs:GetLogEvents"):
        JobLog(logs, head()).streams()


def test_another_error_of_aws_stays_what_it_is():
    logs = written([[1]])
    logs.refusal = "ThrottlingException"
    with pytest.raises(ClientError, match="Throttling"):
        JobLog(logs, head()).streams()


@pytest.mark.parametrize(
    ("statuses", "streams", "reason"),
    [
        (NEVER_LAUNCHED, False, "was never started"),
        (("Starting",), False, "has not started yet"),
        (("Starting", "Downloading", "Training"), True, "has no lines yet"),
        (OUT_OF_TIME, False, "somebody deleted it, or the job's role has no permission"),
        (OUT_OF_TIME, True, "after the retention time"),
    ],
)
def test_an_empty_log_has_a_reason(statuses, streams, reason):
    assert reason in no_lines(head(statuses), streams=streams)
