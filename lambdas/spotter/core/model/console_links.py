"""Links into the AWS console; its address depends on the partition, and for some none is known.

The console of CloudWatch expects the text in its fragment encoded twice, with `$` in place of the
first `%`: a slash is `$252F`, the question mark before a list's filter `$3F`.
https://docs.aws.amazon.com/general/latest/gr/mgmt-console.html
"""

import re
from urllib.parse import quote

from spotter.core.model.identity import JobId
from spotter.core.model.partitions import PARTITIONS, partition_of

TRAINING_LOGS = "/aws/sagemaker/TrainingJobs"


def job(job: JobId) -> str | None:
    """The training job's own page."""
    place = f"/sagemaker/home?region={job.region}#/jobs/{_quoted(job.name)}"
    return _in_console(job.region, place)


def logs(job: JobId) -> str | None:
    """The log streams of a training job: their names begin with its own, and a slash."""
    group, prefix = _twice(TRAINING_LOGS), _twice(f"{job.name}/")
    place = f"logsV2:log-groups/log-group/{group}$3FlogStreamNameFilter$3D{prefix}"
    return _in_console(job.region, f"/cloudwatch/home?region={job.region}#{place}")


def checkpoints(region: str, uri: str | None) -> str | None:
    """The objects under an S3 location; None where it is none."""
    scheme, _, rest = (uri or "").partition("://")
    bucket, _, prefix = rest.partition("/")
    if scheme != "s3" or not bucket:
        return None
    place = f"/s3/buckets/{_quoted(bucket)}?region={region}&prefix={_quoted(prefix)}"
    return _in_console(region, place)


def dashboard(region: str, stack: str) -> str | None:
    """The CloudWatch dashboard of a Spotter stack."""
    name = _quoted(dashboard_name(region, stack))
    return _in_console(region, f"/cloudwatch/home?region={region}#dashboards/dashboard/{name}")


def dashboard_name(region: str, stack: str) -> str:
    """A dashboard has one name in all Regions of an account, so the Region is part of it."""
    return f"{stack}-{region}"


def is_console_link(url: str) -> bool:
    """True of an address in the console of any partition without characters that markup could use."""
    return bool(_OURS.fullmatch(url))


_HOSTS = "|".join(re.escape(one.console) for one in PARTITIONS if one.console)
_OURS = re.compile(rf"https://([a-z0-9-]+\.)?({_HOSTS})/[A-Za-z0-9/?=&#:$%._-]*")


def _in_console(region: str, place: str) -> str | None:
    """The address of a place in a Region's console; None where no console is known."""
    partition = partition_of(region)
    if partition is None or partition.console is None:
        return None
    return f"https://{region}.{partition.console}{place}"


def _quoted(text: str) -> str:
    """Quoted, also the character that a URL may contain and a chat program interprets."""
    return quote(text, "").replace("~", "%7E")


def _twice(text: str) -> str:
    return _quoted(_quoted(text)).replace("%", "$")
