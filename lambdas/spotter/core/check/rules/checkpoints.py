"""Where a spot job's checkpoints are stored, and whether other jobs use the same location.

https://docs.aws.amazon.com/sagemaker/latest/dg/model-checkpoints.html
"""

from collections.abc import Iterator, Mapping
from posixpath import normpath

from spotter.core.check.findings import MOST_RUNNING, CheckInput, RuleViolation
from spotter.core.check.request import (
    NotKnown,
    PartlyKnown,
    Request,
    Text,
    known,
    member,
    shown,
    symbolic,
)
from spotter.core.model.built_in_algorithms import DO_NOT_CHECKPOINT
from spotter.core.model.checkpoint_locations import own_prefix, touches

PLACE, FOLDER = "CheckpointConfig.S3Uri", "CheckpointConfig.LocalPath"
OUTPUT = "OutputDataConfig.S3OutputPath"
_MARKED = "\ue000\ue0010123456789/"
"""What stands for an unknown part, and slashes: no letter of a key that is known."""

DEFAULT_FOLDER = "/opt/ml/checkpoints"
TAKEN = ("/opt/ml/model/", "/opt/ml/output/", "/opt/ml/input/", "/opt/ml/code/")
"""What SageMaker reads and writes itself:
https://docs.aws.amazon.com/sagemaker/latest/dg/amazon-sagemaker-toolkits.html"""


def a_spot_job_has_a_place_for_checkpoints(inputs: CheckInput) -> Iterator[RuleViolation]:
    """A spot job has a place for checkpoints. Without CheckpointConfig.S3Uri, every interruption costs all the work so far. A built-in algorithm that does not checkpoint needs none."""
    if inputs.request.spot and not partly(inputs.request) and not _saves_nothing(inputs.request):
        yield RuleViolation(
            PLACE,
            "it is absent, so the job starts over after every interruption",
            "name a prefix of the job's own, s3://<bucket>/<name of the job>/, and write checkpoints "
            "to /opt/ml/checkpoints",
        )


def _saves_nothing(request: Request) -> bool:
    """True of a built-in algorithm that would write nothing there."""
    try:
        return request.built_in in DO_NOT_CHECKPOINT
    except NotKnown:
        return False


def a_place_for_checkpoints_ends_in_a_slash(inputs: CheckInput) -> Iterator[RuleViolation]:
    """A place for checkpoints ends in a slash. SageMaker copies whatever begins with the same letters: run-1 fetches run-10 too."""
    where = partly(inputs.request)
    if where and _key(where) and not _end(where).endswith("/"):
        named = shown(where)
        yield RuleViolation(
            PLACE,
            f"it has no slash at its end, so SageMaker also copies {named}0, {named}-old and the like",
            f"make it {named}/",
        )


def a_place_for_checkpoints_is_not_a_whole_bucket(inputs: CheckInput) -> Iterator[RuleViolation]:
    """A place for checkpoints is not a whole bucket. All that lies at the place is copied to every instance at every start."""
    where = partly(inputs.request)
    if where and not _key(where):
        yield RuleViolation(
            PLACE,
            "it is a whole bucket, and all of it would be copied to every instance at every start",
            f"make it {own_prefix(shown(where))}<name of the job>/",
        )


def checkpoints_and_output_are_apart(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Checkpoints and output are apart. What is written to OutputDataConfig, below it at the job's own name, must not come back as a checkpoint at the next start."""
    where, output = partly(inputs.request), inputs.request.partly(OUTPUT)
    if not where or not output:
        return
    checkpoints, written = own_prefix(symbolic(where)), own_prefix(symbolic(output))
    named = _name(inputs.request)
    if written.startswith(checkpoints):
        yield RuleViolation(
            OUTPUT,
            "it lies at the checkpoints, so every later start also copies the output",
            "give the output a prefix of its own",
        )
    elif named and f"{written}{symbolic(named)}/output/".startswith(checkpoints):
        yield RuleViolation(
            OUTPUT,
            f"SageMaker writes to {own_prefix(shown(output))}{shown(named)}/output/, which lies at the checkpoints, so every "
            "later start also copies the output",
            "give the checkpoints or the output a prefix of their own",
        )
    elif isinstance(where, PartlyKnown) or isinstance(output, PartlyKnown):
        _must_differ(inputs.request, where, output)


def _name(request: Request) -> Text | None:
    """The job's name as far as it is known; None for one that an SDK or AWS makes."""
    try:
        return request.partly("TrainingJobName")
    except NotKnown:
        return None


def checkpoints_have_a_folder_of_their_own(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Checkpoints have a folder of their own. LocalPath is none of the folders that SageMaker itself reads and writes, and holds none of them."""
    local = inputs.request.text(FOLDER)
    folder = own_prefix(normpath(local)) if local else None
    if folder and any(own.startswith(folder) or folder.startswith(own) for own in TAKEN):
        yield RuleViolation(
            FOLDER,
            "SageMaker itself reads and writes there",
            "leave it out, for /opt/ml/checkpoints, or name another folder",
        )


SAVED_AT = ("output_dir", "output-dir", "checkpoint_dir", "checkpoint-dir", "checkpoint_path",
            "checkpoint-path", "save_dir", "save-dir", "default_root_dir")  # fmt: skip
"""Hyperparameters that set where training scripts save: `output_dir` is what every script
around Hugging Face's Trainer takes, and its checkpoints lie there."""
RESUMED_FROM = ("resume_from_checkpoint", "resume-from-checkpoint")
"""Hyperparameters that set where training scripts load a checkpoint; none is saved there."""
CHANNELS = "/opt/ml/input/"
"""What is there was not saved by the script, or lies on a file system that outlives the instance."""
UPLOADED_AT_THE_END = ("/opt/ml/model/", "/opt/ml/output/")
"""What SageMaker uploads when the job ends; after an interruption it does not come back."""


def what_the_script_saves_is_copied(inputs: CheckInput) -> Iterator[RuleViolation]:
    """What the script saves is copied. Only what lies at LocalPath is copied to S3Uri while the job trains, and back at a restart: `output_dir` belongs there."""
    request = inputs.request
    where = partly(request) if request.spot else None
    given = request.get("HyperParameters") if where else None
    if not isinstance(given, Mapping):
        return
    local = own_prefix(normpath(request.text(FOLDER) or DEFAULT_FOLDER))
    make = f"make it {local.rstrip('/')}, so that a restart finds the script's checkpoints"
    for name, path in _folders(given, SAVED_AT):
        if not path.startswith((local, CHANNELS)):
            yield RuleViolation(
                f"HyperParameters.{name}",
                f"the script saves at {path.rstrip('/')}, and only {local} is copied to the checkpoints in S3",
                make,
            )
    for name, path in _folders(given, RESUMED_FROM):
        if path.startswith(UPLOADED_AT_THE_END) and not path.startswith(local):
            yield RuleViolation(
                f"HyperParameters.{name}",
                f"the script resumes from {path.rstrip('/')}, and a restart finds only {local} as it was",
                make,
            )


def _folders(given: Mapping[str, object], names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """The absolute paths among hyperparameters of these names, with a slash at their end."""
    for name in names:
        value = member(given, name) if name in given else None
        path = value.strip('"') if isinstance(value, str) else ""
        if path.startswith("/"):
            yield name, own_prefix(normpath(path))


def its_checkpoints_are_its_own(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its checkpoints are its own. No running job in the ledger reads or writes what this one would."""
    request, where = inputs.request, place(inputs.request)
    if not where:
        return
    running = known(inputs.seen.running)
    names = [
        head.id.name
        for head in running
        if head.checkpoint and not _is(request, head.id.name) and meet(where, head.checkpoint)
    ]
    if names:
        at_least = "at least " if len(running) >= MOST_RUNNING else ""
        more = f" and {at_least}{len(names) - 1} more" if len(names) > 1 else ""
        yield RuleViolation(
            PLACE,
            f"{names[0]}{more} is running, and its checkpoints overlap with these",
            "wait until it has finished, or name another prefix (with a slash at its end)",
        )


def jobs_of_a_script_keep_checkpoints_apart(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Jobs of a script keep checkpoints apart. Two jobs of one script at one place overwrite each other, unless one comes after the other."""
    where = partly(inputs.request) if inputs.others else None
    others = [other for other in inputs.others if where and _meets(where, other)]
    if others:
        more = f" and of {len(others) - 1} more" if len(others) > 1 else ""
        yield RuleViolation(
            PLACE,
            f"the checkpoints of {_called(inputs.request, others[0])}{more} overlap with these",
            "give each a prefix of its own, with a slash at its end, unless the one resumes from the other",
        )


def _meets(where: Text, other: Request) -> bool:
    """True if the other job's place is known to overlap with this one."""
    try:
        theirs = partly(other)
    except NotKnown:
        return False
    return bool(theirs) and meet(symbolic(where), symbolic(theirs or ""))


def its_bucket_is_there(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its bucket is there. The bucket of the checkpoints exists."""
    where = place(inputs.request)
    if where and known(inputs.seen.bucket) == "":
        yield RuleViolation(
            PLACE, f"there is no bucket named {_bucket(where)}", "create it, or name another"
        )


def its_bucket_is_in_the_region_of_the_job(inputs: CheckInput) -> Iterator[RuleViolation]:
    """Its bucket is in the Region of the job. SageMaker requires a bucket in the Region of the job."""
    where = place(inputs.request)
    if not where:
        return
    region, here = known(inputs.seen.bucket), known(inputs.seen.place).region
    if region and region != here:
        yield RuleViolation(
            PLACE,
            f"the bucket {_bucket(where)} is in {region}, and the job in {here}",
            f"name a bucket in {here}",
        )


def place(request: Request) -> str | None:
    return request.text(PLACE)


def partly(request: Request) -> Text | None:
    """The place, of which a part may be unknown."""
    return request.partly(PLACE)


def meet(one: str, other: str) -> bool:
    """True if a job at either place would read or write what a job at the other writes."""
    return touches(one, other) or touches(other, one)


def _is(request: Request, name: str) -> bool:
    """True of the job itself, which SageMaker has already taken."""
    return request.accepted and request.members.get("TrainingJobName") == name


def _bucket(where: str) -> str:
    return where.partition("://")[2].partition("/")[0]


def _called(request: Request, other: Request) -> str:
    """How a reader finds the other job."""
    same = request.position == other.position or other.position is None
    return f"another job of {other.named}" if same else f"the job in {other.position}"


def _key(where: Text) -> str:
    """What follows the bucket; NotKnown if an unknown part may be all of it."""
    if isinstance(where, PartlyKnown):
        rest = where.symbolic.partition("://")[2].partition("/")[2]
        if not rest.strip(_MARKED) or "://" not in where.symbolic:
            known_after = "".join(p for p in where.parts[1:] if isinstance(p, str))
            if not known_after.strip("/"):
                raise NotKnown(PLACE, where.why)
            return known_after
        return rest
    return where.partition("://")[2].partition("/")[2]


def _end(where: Text) -> str:
    """The end of the place as far as it is known; NotKnown if none of it is."""
    last = where.parts[-1] if isinstance(where, PartlyKnown) else where
    if not isinstance(last, str):
        raise NotKnown(PLACE, last.why)
    return last


def _must_differ(request: Request, where: Text, output: Text) -> None:
    """NotKnown unless the known beginnings of two places differ."""
    one, other = (symbolic(text).partition("\ue000")[0] for text in (where, output))
    short = min(len(one), len(other))
    if one[:short] == other[:short]:
        unknown = where if isinstance(where, PartlyKnown) else output
        raise NotKnown(
            request.place(PLACE), unknown.why if isinstance(unknown, PartlyKnown) else ""
        )
