"""Spotter records managed spot training jobs, raises alerts, and resubmits jobs.

`spotter.guard()` checks the training jobs that a notebook or a script creates. Nothing else is here, and
nothing is imported: the functions in AWS pay for no more than they use.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from spotter.request_guard import Guard


def guard(*, refuse: bool = False) -> "Guard":
    """Check every CreateTrainingJob of this process just before it is sent, whatever code makes it.

    What is refused by SageMaker or unwise on spot is a warning (`RequestWarning`). With `refuse` it is
    an error (`RequestRefused`), and nothing is sent. The request itself is never changed. Clients and
    sessions that exist already are watched as well as later ones; calling it again only changes
    `refuse`. The returned guard shows how many clients it watches, and `stop()` ends it.
    """
    from spotter.request_guard import start

    return start(refuse=refuse)
