"""The training jobs of a tuning job: each of its definitions as the members of CreateTrainingJob.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_HyperParameterTrainingJobDefinition.html
"""

from collections.abc import Iterator, Mapping
from typing import Any

from spotter.core.check.request import Open, Unknown

CALLED = {
    "StaticHyperParameters": "HyperParameters",
    "HyperParameterTuningResourceConfig": "ResourceConfig",
}
"""Members of a definition that CreateTrainingJob has under another name."""
OF_TUNING = ("DefinitionName", "TuningObjective", "HyperParameterRanges")
"""What concerns the tuning job alone."""
DEFINITIONS = {"TrainingJobDefinition", "TrainingJobDefinitions"}


def definitions(request: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The members of each training job definition in a request for a tuning job.

    A request that may have some yields a definition of which nothing is known.
    """
    several = request.get("TrainingJobDefinitions")
    held = [request.get("TrainingJobDefinition"), *(several if isinstance(several, list) else ())]
    for one in [*held, several]:
        if isinstance(one, Mapping):
            yield _members(one)
        elif isinstance(one, Unknown):
            yield Open({}, one.why)
    if isinstance(request, Open) and not request.keys() & DEFINITIONS:
        yield Open({}, request.why)


def _members(definition: Mapping[str, Any]) -> dict[str, Any]:
    found = {CALLED.get(k, k): v for k, v in definition.items() if k not in OF_TUNING}
    return Open(found, definition.why) if isinstance(definition, Open) else found
