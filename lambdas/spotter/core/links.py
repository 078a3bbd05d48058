"""Links into the AWS console, which has another address in each partition.

The console of CloudWatch wants what stands in its fragment encoded twice, with `$` in place of the
first `%`: a slash is `$252F`, the question mark before a list's filter `$3F`.
https://docs.aws.amazon.com/general/latest/gr/console-login.html
"""

import re
from urllib.parse import quote

from spotter.core.identity import JobId

TRAINING_LOGS = "/aws/sagemaker/TrainingJobs"


def job(job: JobId) -> str:
    """The training job's own page."""
    return f"{_console(job.region)}/sagemaker/home?region={job.region}#/jobs/{_quoted(job.name)}"


def logs(job: JobId) -> str:
    """The log streams of a training job: their names begin with its own, and a slash."""
    group, prefix = _twice(TRAINING_LOGS), _twice(f"{job.name}/")
    place = f"logsV2:log-groups/log-group/{group}$3FlogStreamNameFilter$3D{prefix}"
    return f"{_console(job.region)}/cloudwatch/home?region={job.region}#{place}"


def checkpoints(region: str, uri: str | None) -> str | None:
    """The objects under an S3 location; None where it is none."""
    scheme, _, rest = (uri or "").partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket:
        return None
    place = f"/s3/buckets/{_quoted(bucket)}?region={region}&prefix={_quoted(prefix)}"
    return _console(region) + place


def dashboard(region: str, stack: str) -> str:
    """The CloudWatch dashboard of a stack of Spotter's."""
    name = _quoted(dashboard_name(region, stack))
    return f"{_console(region)}/cloudwatch/home?region={region}#dashboards/dashboard/{name}"


def dashboard_name(region: str, stack: str) -> str:
    """A dashboard has one name in all Regions of an account, so the Region is part of it."""
    return f"{stack}-{region}"


def is_one(url: str) -> bool:
    """True of an address in the console of any partition, made of nothing that mark-up could hold."""
    return bool(_OURS.fullmatch(url))


_OURS = re.compile(
    r"https://([a-z0-9-]+\.)?console\.(aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)"
    r"/[A-Za-z0-9/?=&#:$%._-]*"
)


def _console(region: str) -> str:
    if region.startswith("cn-"):
        return f"https://{region}.console.amazonaws.cn"
    if region.startswith("us-gov-"):
        return f"https://{region}.console.amazonaws-us-gov.com"
    return f"https://{region}.console.aws.amazon.com"


def _quoted(text: str) -> str:
    """Also what a URL may hold and a chat may act on."""
    return quote(text, "").replace("~", "%7E")


def _twice(text: str) -> str:
    return _quoted(_quoted(text)).replace("%", "$")
