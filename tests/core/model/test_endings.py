"""Every ended attempt is in exactly one class."""

import pytest

from spotter.core.model.endings import FINISHED, MEANING, Ending, ending, failure_class
from spotter.core.model.timeline import ORDER

TABLE = [
    ("Completed", "Completed", None, True, Ending.COMPLETED),
    ("Stopped", "Stopped", None, True, Ending.STOPPED),
    ("Stopped", "MaxWaitTimeExceeded", None, True, Ending.OUT_OF_WAIT),
    ("Stopped", "MaxWaitTimeExceeded", None, False, Ending.NEVER_LAUNCHED),
    ("Stopped", "MaxRuntimeExceeded", None, True, Ending.OUT_OF_RUNTIME),
    ("Failed", "Failed", "CapacityError", False, Ending.CAPACITY),
    ("Failed", "Failed", "InternalServerError", True, Ending.INTERNAL),
    ("Failed", "Failed", "AlgorithmError", True, Ending.ALGORITHM),
    ("Failed", "Failed", "ClientError", True, Ending.UNKNOWN),
    ("Failed", "Failed", None, True, Ending.UNKNOWN),
    ("Deleting", "Stopped", None, True, Ending.DELETED),
    ("Stopped", "Teleported", None, True, Ending.UNKNOWN),
    ("Queued", "Queued", None, True, None),
    ("InProgress", "Interrupted", None, True, None),
    ("Stopping", "Stopping", None, True, None),
]


@pytest.mark.parametrize(("status", "secondary", "failure", "trained", "expected"), TABLE)
def test_an_ending_is_told_from_what_sagemaker_says(status, secondary, failure, trained, expected):
    assert ending(status, secondary, reached_training=trained, failure=failure) is expected


@pytest.mark.parametrize("status", ["InProgress", "Completed", "Failed", "Stopping", "Stopped"])
@pytest.mark.parametrize("secondary", [*ORDER, "Teleporting"])
@pytest.mark.parametrize("failure", [None, "CapacityError", "Nonsense"])
def test_no_combination_is_without_a_class(status, secondary, failure):
    found = ending(status, secondary, reached_training=False, failure=failure)
    assert (found is None) == (status not in FINISHED)


def test_every_class_can_be_said_in_words():
    assert set(MEANING) == set(Ending)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("CapacityError: Unable to provision requested ML compute capacity.", "CapacityError"),
        ('AlgorithmError: Command "train.py --api-key hunter2", exit code: 1', "AlgorithmError"),
        ("something went wrong: no class", None),
        ("", None),
        (None, None),
    ],
)
def test_only_the_word_before_the_colon_of_a_failure_is_kept(reason, expected):
    assert failure_class(reason) == expected
