"""List prices of AWS in US dollars, us-east-1, as published in November 2026, and what a million jobs cost by them.

From the pages of DynamoDB on demand, Lambda on Arm, SQS, SNS, CloudWatch Logs and X-Ray; no free tier. Events of AWS services on
the default bus cost nothing, nor do reads of a table's stream by Lambda. Constant costs (alarms, metrics, empty
polls of a queue, storage) are left out: they do not grow with jobs.
"""

from collections.abc import Mapping
from typing import Any

from bench.both_designs import Used
from bench.lives import DESIGNS, LIVES, MIX, Life

MILLION = 1_000_000
WRITE_UNIT, READ_UNIT = 0.625 / MILLION, 0.125 / MILLION
INVOCATION, GIGABYTE_SECOND = 0.20 / MILLION, 0.0000133334
QUEUE_REQUEST, PUBLISH = 0.40 / MILLION, 0.50 / MILLION
LOG_BYTE = 0.50 / 10**9
TRACE, TRACED = 5.00 / MILLION, 0.05
"""X-Ray records one of twenty requests where neither function asks for more."""
MEMORY_MB, MB_OF_A_PROCESSOR = 256, 1769
"""Lambda gives a processor to 1,769 MB: https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html"""
CALL_SECONDS = 0.010
"""How long one call of AWS is waited for: assumed, not measured."""
PLATFORM_BYTES = {"Spotter": 0, "usual design": 350}
"""START, END and REPORT of an invocation: Spotter's log level of the platform leaves them out."""
QUEUE_REQUESTS = 3
"""Sending, receiving and deleting one message."""
A_TRANSITION, A_JOB = 2, 5
"""The goal for Spotter's write units, of a job that trains to its end: docs/bench.md says what they are for."""


def of_life(life: Life, design: str) -> dict[str, float]:
    """Dollars of one job, by service; its events found warm functions."""
    computed = sum(life.used.seconds.values())
    waited = CALL_SECONDS * sum(life.calls.values())
    billed = computed * MB_OF_A_PROCESSOR / MEMORY_MB + waited
    return {
        "DynamoDB": life.writes * WRITE_UNIT + life.reads * READ_UNIT,
        "Lambda": life.invocations * INVOCATION + billed * MEMORY_MB / 1024 * GIGABYTE_SECOND,
        "logs": (life.logged + life.invocations * PLATFORM_BYTES[design]) * LOG_BYTE,
        "SQS and SNS": life.transitions * QUEUE_REQUESTS * QUEUE_REQUEST + life.published * PUBLISH,
        "X-Ray": life.invocations * TRACED * TRACE,
    }


def of_a_million(lives: Mapping[str, Mapping[str, Life]], design: str) -> dict[str, float]:
    """Dollars of a million jobs in the mix of lives, by service."""
    total: dict[str, float] = {}
    for name in LIVES:
        for service, dollars in of_life(lives[name][design], design).items():
            total[service] = total.get(service, 0.0) + MILLION * MIX[name] * dollars
    return total


def dollars(found: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    """Of a million jobs, by design and service, from the lives as they were written down."""
    known = {name: {d: read(one) for d, one in by.items()} for name, by in found.items()}
    return {design: of_a_million(known, design) for design in DESIGNS}


def at_least(found: Mapping[str, Any]) -> tuple[float, float]:
    """Of a million jobs, for the goal of write units alone, and for one message of the queue a transition."""
    transitions = MILLION * sum(MIX[name] * found[name]["Spotter"]["transitions"] for name in LIVES)
    units = transitions * A_TRANSITION + MILLION * A_JOB
    return units * WRITE_UNIT, transitions * QUEUE_REQUESTS * QUEUE_REQUEST


def read(written: Mapping[str, Any]) -> Life:
    """A life from what was written down of it."""
    return Life(**{**written, "used": Used(**written["used"])})
