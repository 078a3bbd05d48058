"""After a restore another table is the ledger, for everybody, and the stack makes none."""

import re

import pytest

from infra.context import WrongContext
from tests.infra.conftest import ACCOUNT, Synthesise
from tests.infra.policies import POLICIES

TABLE = "arn:aws:dynamodb:eu-west-1:111122223333:table/ledger-restored"
STREAM = f"{TABLE}/stream/2026-11-24T12:00:00.000"


def test_a_restored_table_takes_the_place_of_the_stacks_own(synthesise: Synthesise) -> None:
    template = synthesise(POLICIES["act"], env=ACCOUNT, ledger_stream=STREAM)
    assert template.all("DynamoDB::Table") == {}
    environments = [
        f["Environment"]["Variables"] for f in template.all("Lambda::Function").values()
    ]
    ledgers = {one["SPOTTER_LEDGER"] for one in environments if "SPOTTER_LEDGER" in one}
    assert ledgers == {"ledger-restored"} == {template.outputs["LedgerName"]}
    woken = template.all("Lambda::EventSourceMapping").values()
    streams = [one["EventSourceArn"] for one in woken if "StartingPosition" in one]
    assert streams == [STREAM] * 2
    policies = str(template.all("IAM::Policy"))
    assert f"'{TABLE}/index/calendar'" in policies


@pytest.mark.parametrize(
    "stream", ["ledger-restored", TABLE, STREAM.replace("dynamodb", "kinesis")]
)
def test_anything_but_a_tables_stream_is_one_sentence(synthesise: Synthesise, stream: str) -> None:
    message = re.escape(f'ledger_stream is "{stream}": it must be the ARN of a DynamoDB table')
    with pytest.raises(WrongContext, match=message):
        synthesise(POLICIES["shipped"], ledger_stream=stream)
