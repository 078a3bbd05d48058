"""Tries what is unverified and costs next to nothing to try: a sentence about what was seen, by the assumption's name.

A request that SageMaker may refuse is sent as it is, past botocore's own validation. If SageMaker takes it, the
job is stopped at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from spotter_cli.errors import CommandError

Described = dict[str, Any]


@dataclass(frozen=True)
class ProbedAccount:
    """`sagemaker` validates no request; `request` is one that is known to be taken; `described` are the
    trial's jobs by name as they ended, and `starved` names the one that ran out of wait.
    """

    sagemaker: Any
    request: Described
    described: dict[str, Described]
    starved: str
    prices: Callable[[], int]


def zero_numbers(here: ProbedAccount) -> str:
    shown = sum("RetryStrategy" in job for job in here.described.values())
    return f"Describe shows a RetryStrategy of {shown} of {len(here.described)} jobs that asked for none"


def keep_alive_zero(here: ProbedAccount) -> str:
    resources = here.request["ResourceConfig"] | {"KeepAlivePeriodInSeconds": 0}
    return _tried(here, "pool-0", ResourceConfig=resources)


def disabled_profiler(here: ProbedAccount) -> str:
    place = f"{here.request['OutputDataConfig']['S3OutputPath']}/profiles"
    config = {"DisableProfiler": True, "S3OutputPath": place}
    return f"an S3OutputPath beside DisableProfiler: {_tried(here, 'profiler-off', ProfilerConfig=config)}"


def downloading_in_max_runtime(here: ProbedAccount) -> str:
    """Only a job that had an instance and was stopped by a limit shows it."""
    job = here.described[here.starved]
    spent = {
        stay["Status"]: round((stay["EndTime"] - stay["StartTime"]).total_seconds())
        for stay in job.get("SecondaryStatusTransitions", ())
        if stay.get("EndTime")
    }
    limit = job["StoppingCondition"]["MaxRuntimeInSeconds"]
    if "Training" not in spent:
        return f"nothing to tell from: the job ended as {job['SecondaryStatus']} before it trained"
    return f"{job['SecondaryStatus']} at a limit of {limit} s, after these seconds: {spent}"


def search_freshness(here: ProbedAccount) -> str:
    """Search, right after the trial's jobs have ended."""
    names = {"Name": "TrainingJobName", "Operator": "Contains", "Value": here.starved}
    answer = here.sagemaker.search(Resource="TrainingJob", SearchExpression={"Filters": [names]})
    jobs = [one["TrainingJob"] for one in answer["Results"]]
    found = {job["TrainingJobName"]: job["SecondaryStatus"] for job in jobs}
    wanted = here.described[here.starved]["SecondaryStatus"]
    return f"Search shows {found.get(here.starved, 'no such job')}, Describe {wanted}"


def price_list(here: ProbedAccount) -> str:
    return f"{here.prices()} training prices, each in the form that is known"


PROBES: dict[str, Callable[[ProbedAccount], str]] = {
    "zero-numbers": zero_numbers,
    "keep-alive-zero": keep_alive_zero,
    "disabled-profiler": disabled_profiler,
    "downloading-in-max-runtime": downloading_in_max_runtime,
    "search-freshness": search_freshness,
    "price-list": price_list,
}
"""By the name of the assumption in smoke/unverified.py."""


def answers(here: ProbedAccount) -> dict[str, str]:
    """What each probe saw; AWS's refusal where it answers with one."""
    return {name: _answer(probe, here) for name, probe in PROBES.items()}


def _answer(probe: Callable[[ProbedAccount], str], here: ProbedAccount) -> str:
    try:
        return probe(here)
    except ClientError as error:
        return f"AWS refused with {error.response['Error']['Code']}"
    except (BotoCoreError, CommandError) as error:
        return f"not to be tried: {' '.join(str(error).split())}"


def _tried(here: ProbedAccount, name: str, **changes: Any) -> str:
    request = here.request | changes
    request |= {"TrainingJobName": f"{here.request['TrainingJobName']}-{name}"}
    try:
        here.sagemaker.create_training_job(**request)
    except ClientError as error:
        found = error.response["Error"]
        return f"refused with {found['Code']}: {found['Message']}"
    here.sagemaker.stop_training_job(TrainingJobName=request["TrainingJobName"])
    return "accepted, and stopped at once"
