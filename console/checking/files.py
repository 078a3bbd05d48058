"""A request in a file: CreateTrainingJob's JSON, Describe's answer, or a Python script."""

import json
from pathlib import Path
from typing import Any

from console.checking import scripts
from console.checking.request import Request
from console.deployed import CannotBeDone
from console.output import plain
from sagemaker_api import model

LARGEST = 1_000_000
"""Bytes; a request that SageMaker takes is far smaller."""


def is_a_file(word: str) -> bool:
    """True if the word names a file; CannotBeDone if it looks like one and there is none."""
    path = Path(word)
    try:
        if path.is_file():
            return True
    except (OSError, ValueError):
        pass
    if "/" in word or "\\" in word or path.suffix:
        raise CannotBeDone(f"There is no file named {plain(word)}.")
    return False


def requests(path: Path) -> list[Request]:
    """What is asked for in a file; CannotBeDone with one sentence if that cannot be told."""
    content = _content(path)
    said = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    if path.suffix == ".ipynb":
        raise CannotBeDone(f"{_name(path)} is a notebook: export it as a script first.")
    if path.suffix != ".py" and (path.suffix == ".json" or said[:1] in (b"{", b"[")):
        return [described_or_asked(_json(content, path), _name(path))]
    try:
        found = scripts.requests(content, _name(path))
    except scripts.NotAScript as mistake:
        kind = "no Python" if path.suffix == ".py" else "neither JSON nor Python"
        raise CannotBeDone(f"{_name(path)} is {kind}: {plain(str(mistake))}.") from None
    if not found:
        raise CannotBeDone(
            f"{_name(path)} asks for no training job that can be seen: no Estimator or ModelTrainer "
            "of the SageMaker SDK, and no create_training_job."
        )
    return found


def described_or_asked(said: dict[str, Any], named: str) -> Request:
    """A request for CreateTrainingJob, or what DescribeTrainingJob answered about one."""
    if not {"TrainingJobArn", "TrainingJobStatus"} <= said.keys():
        return Request(named, said)
    shared = (*model.members_of_request_and_answer(), "Tags", *OWNERS)
    members = {name: said[name] for name in shared if name in said}
    return Request(named, members, accepted=True)


OWNERS = ("TuningJobArn", "AutoMLJobArn", "LabelingJobArn")
"""Members of Describe's answer that tell which other service a job belongs to."""


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as mistake:
        raise CannotBeDone(f"{_name(path)} cannot be read: {mistake.strerror}.") from None
    if len(content) > LARGEST:
        raise CannotBeDone(f"{_name(path)} is larger than {LARGEST:,} bytes: no request is.")
    return content


def _json(content: bytes, path: Path) -> dict[str, Any]:
    try:
        said = json.loads(content)
    except RecursionError:
        raise CannotBeDone(f"{_name(path)} is nested too deep for a request.") from None
    except ValueError as mistake:
        raise CannotBeDone(f"{_name(path)} is not JSON: {plain(str(mistake))}.") from None
    if not isinstance(said, dict):
        raise CannotBeDone(f"{_name(path)} is no request: a JSON object is wanted.")
    return said


def _name(path: Path) -> str:
    return plain(str(path))
