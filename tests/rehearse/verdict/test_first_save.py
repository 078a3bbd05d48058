"""A machine that is lost during the very first save finds nothing to continue from, and that is no fault."""

from spotter_cli.rehearse.observed.printed import PrintedStep
from spotter_cli.rehearse.verdict.evidence import (
    AttemptEvidence,
    EndedBy,
    RehearsalEvidence,
    RestartEvidence,
    UploadedFile,
)
from spotter_cli.rehearse.verdict.judgement import RestartOutcome, judge_restarts

CONTINUED, OVER = RestartOutcome.CONTINUED, RestartOutcome.STARTED_OVER
FILE = UploadedFile(10.0, "step_10/weights.pt", 1, "a")


def attempt(begin: int) -> AttemptEvidence:
    steps = [PrintedStep(float(n), (0.0, float(begin + n)), "step #") for n in range(1, 41)]
    return AttemptEvidence(41.0, EndedBy.ITSELF, 0, steps=steps, uploads=[FILE])


def outcomes(*begins: int) -> list[RestartOutcome]:
    """Of machines that were lost at changes of the folder, and whose script then began after so many steps."""
    whole = attempt(0)
    restarts = [RestartEvidence([whole], attempt(begin), whole=FILE, at_change=True) for begin in begins]  # fmt: skip
    return [one.outcome for one in judge_restarts(RehearsalEvidence([whole, whole], restarts))]


def test_files_that_are_whole_before_their_pointer_is_written_are_nothing_to_resume():
    assert outcomes(0, 0, 10, 10) == [RestartOutcome.NOTHING_TO_RESUME] * 2 + [CONTINUED] * 2


def test_a_script_that_once_continued_and_then_begins_again_has_started_over():
    assert outcomes(0, 10, 0)[1:] == [CONTINUED, OVER]


def test_a_script_that_never_continues_has_started_over():
    assert outcomes(0, 0) == [OVER, OVER]


def test_a_line_that_is_printed_again_is_no_start_from_the_beginning_if_no_other_one_was_saved():
    """The checkpoint was written just after the first line: the script may do that step again, or begin anew."""
    whole = attempt(0)
    for at, expected in ((1.5, RestartOutcome.UNKNOWN), (2.5, OVER)):
        restart = RestartEvidence([whole], attempt(0), whole=FILE._replace(at=at))
        (found,) = judge_restarts(RehearsalEvidence([whole, whole], [restart]))
        assert found.outcome is expected
