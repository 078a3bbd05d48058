"""Which changes of rows wake which function: the filters of the ledger's stream, from which the stack is made.

Lambda takes five filters a source:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
"""

from typing import Any

from spotter.core.deadline.hand_over import NextStep
from spotter.core.ledger.row_keys import (
    ALERTS,
    ATTEMPTS,
    DEADLINES,
    ENDINGS,
    EVALUATIONS,
    HEADS,
    NOTICES,
    OPEN_PK,
    SK,
)

Filter = dict[str, Any]
_EXISTS = [{"exists": True}]


def _changed(prefixes: tuple[str, ...], *events: str, **image: Any) -> Filter:
    """Rows whose sort key begins so, and whose new image has these attributes."""
    dynamodb: Filter = {"Keys": {SK: {"S": [{"prefix": prefix} for prefix in prefixes]}}}
    if image:
        dynamodb["NewImage"] = image
    return {"eventName": list(events), "dynamodb": dynamodb}


WAKES_ALERT = (
    _changed((HEADS,), "INSERT", "MODIFY", notable={"BOOL": [True]}),
    _changed((NOTICES,), "INSERT"),
    _changed((ENDINGS, ATTEMPTS), "MODIFY", news={"S": _EXISTS}),
    _changed((ALERTS, EVALUATIONS), "MODIFY", retriggered_at={"S": _EXISTS}),
)
"""What the function alert receives; of ALERT and EVALUATION only what the sweep retriggered."""
WAKES_RESUBMIT = (
    _changed((ENDINGS,), "INSERT"),
    _changed((ENDINGS, ATTEMPTS), "MODIFY", retriggered_at={"S": _EXISTS}),
)
"""What the function resubmit receives: a new ending, and what the sweep retriggered."""
WAKES_RESUBMIT_FOR_DEADLINES = (
    _changed(
        (HEADS,),
        "INSERT",
        "MODIFY",
        spot={"BOOL": [True]},
        no_deadline={"S": [""]},
        **{OPEN_PK: {"S": _EXISTS}},
    ),
    _changed(
        (DEADLINES,),
        "MODIFY",
        figures={
            "M": {"step": {"S": [step.value for step in NextStep if step is not NextStep.STAY]}}
        },
    ),
)
"""And where a rule sets deadlines: each change of a running spot job that may have one, and what a sweep saw to be due."""


def wakes_resubmit(*, deadlines: bool) -> tuple[Filter, ...]:
    """What resubmit receives, with or without a rule that sets deadlines."""
    return (*WAKES_RESUBMIT, *WAKES_RESUBMIT_FOR_DEADLINES) if deadlines else WAKES_RESUBMIT
