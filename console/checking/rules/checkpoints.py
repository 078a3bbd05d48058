"""Where a spot job's checkpoints are kept, and who else is there.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
"""

from collections.abc import Iterator
from posixpath import normpath

from console.checking.findings import Asked, Fault
from console.checking.request import NotKnown, Request, known
from spotter.core.checkpoints import own_prefix, touches

PLACE, FOLDER = "CheckpointConfig.S3Uri", "CheckpointConfig.LocalPath"
TAKEN = ("/opt/ml/model/", "/opt/ml/output/", "/opt/ml/input/", "/opt/ml/code/")
"""What SageMaker reads and writes itself:
https://docs.aws.amazon.com/sagemaker/latest/dg/amazon-sagemaker-toolkits.html"""


def a_spot_job_has_a_place_for_checkpoints(asked: Asked) -> Iterator[Fault]:
    """Without CheckpointConfig.S3Uri, every interruption costs all the work so far."""
    if asked.request.spot and not place(asked.request):
        yield Fault(
            PLACE,
            "it is absent, so that the job starts from nothing after every interruption",
            "name a prefix of the job's own, s3://<bucket>/<name of the job>/, and write checkpoints "
            "to /opt/ml/checkpoints",
        )


def a_place_for_checkpoints_ends_in_a_slash(asked: Asked) -> Iterator[Fault]:
    """SageMaker copies whatever begins with the same letters: run-1 fetches run-10 too."""
    where = place(asked.request)
    if where and _key(where) and not where.endswith("/"):
        yield Fault(
            PLACE,
            f"it has no slash at its end, so that it also means {where}0, {where}-old and the like",
            f"make it {where}/",
        )


def a_place_for_checkpoints_is_not_a_whole_bucket(asked: Asked) -> Iterator[Fault]:
    """All that lies at the place is copied to every instance at every start."""
    where = place(asked.request)
    if where and not _key(where):
        yield Fault(
            PLACE,
            "it is a whole bucket, and all of it would be copied to every instance at every start",
            f"make it {own_prefix(where)}<name of the job>/",
        )


def checkpoints_and_output_are_apart(asked: Asked) -> Iterator[Fault]:
    """What is written to OutputDataConfig must not come back as a checkpoint at the next start."""
    where, output = place(asked.request), asked.request.text("OutputDataConfig.S3OutputPath")
    if where and output and own_prefix(output).startswith(own_prefix(where)):
        yield Fault(
            "OutputDataConfig.S3OutputPath",
            "it lies at the checkpoints, so that every next start also copies the output",
            "give the output a prefix of its own",
        )


def checkpoints_have_a_folder_of_their_own(asked: Asked) -> Iterator[Fault]:
    """LocalPath is none of the folders that SageMaker itself reads and writes, and holds none of them."""
    said = asked.request.text(FOLDER)
    folder = own_prefix(normpath(said)) if said else None
    if folder and any(own.startswith(folder) or folder.startswith(own) for own in TAKEN):
        yield Fault(
            FOLDER,
            "SageMaker itself reads and writes there",
            "leave it out, for /opt/ml/checkpoints, or name another folder",
        )


def its_checkpoints_are_its_own(asked: Asked) -> Iterator[Fault]:
    """No living job in the ledger reads or writes what this one would."""
    request, where = asked.request, place(asked.request)
    if not where:
        return
    names = [
        head.id.name
        for head in known(asked.seen.living)
        if head.checkpoint and not _is(request, head.id.name) and meet(where, head.checkpoint)
    ]
    if names:
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        yield Fault(
            PLACE,
            f"{names[0]}{more} is alive, and its checkpoints meet these",
            "wait until it has ended, or name another prefix (with a slash at its end)",
        )


def jobs_of_a_script_keep_checkpoints_apart(asked: Asked) -> Iterator[Fault]:
    """Two jobs of one script at one place overwrite each other, unless one comes after the other."""
    where = place(asked.request)
    for other in asked.others if where else ():
        try:
            theirs = place(other)
        except NotKnown:
            continue
        if where and theirs and meet(where, theirs):
            yield Fault(
                PLACE,
                f"the checkpoints of the job in line {other.line} meet these",
                "give each a prefix of its own, with a slash at its end, unless the one carries the "
                "other on",
            )


def its_bucket_is_there(asked: Asked) -> Iterator[Fault]:
    """The bucket of the checkpoints exists."""
    where = place(asked.request)
    if where and known(asked.seen.bucket) == "":
        yield Fault(
            PLACE, f"there is no bucket named {_bucket(where)}", "create it, or name another"
        )


def its_bucket_is_in_the_region_of_the_job(asked: Asked) -> Iterator[Fault]:
    """SageMaker asks for a bucket in the Region of the job."""
    where = place(asked.request)
    if not where:
        return
    region, here = known(asked.seen.bucket), known(asked.seen.place).region
    if region and region != here:
        yield Fault(
            PLACE,
            f"the bucket {_bucket(where)} is in {region}, and the job in {here}",
            f"name a bucket in {here}",
        )


def place(request: Request) -> str | None:
    return request.text(PLACE)


def meet(one: str, other: str) -> bool:
    """True if a job at either place would read or write what a job at the other writes."""
    return touches(one, other) or touches(other, one)


def _is(request: Request, name: str) -> bool:
    """True of the job itself, which SageMaker has already taken."""
    return request.accepted and request.members.get("TrainingJobName") == name


def _bucket(where: str) -> str:
    return where.partition("://")[2].partition("/")[0]


def _key(where: str) -> str:
    return where.partition("://")[2].partition("/")[2]
