"""Spotter records managed spot training jobs, raises alerts, and resubmits jobs.

`spotter.guard()` checks the training jobs that a notebook or a script creates, `spotter.connect()` reads the
ledger there. Nothing else is here, and nothing is imported: the functions in AWS pay for no more than they use.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from spotter.notebook import Connection
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


def connect(
    profile: str | None = None, region: str | None = None, stack: str = "Spotter"
) -> "Connection":
    """The Spotter that is deployed as this stack, to read its ledger: jobs, lineages, transitions.

    The credentials are those of the profile, or what boto3 finds. `region` is the profile's where none
    is given. StackError, in one sentence, where there is no such stack or no permission.
    """
    from spotter.notebook import connect

    return connect(profile=profile, region=region, stack=stack)
