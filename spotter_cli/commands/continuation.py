"""`spotter continue`: resubmit a lineage of which nobody knows who stopped its last attempt."""

from datetime import UTC, datetime

from spotter_cli.options import Job, Json, StackOptions, with_stack_options
from spotter_cli.output.terminal import show
from spotter_cli.stack.deployed import connected


@with_stack_options
def continue_(job: Job, *, target: StackOptions, json: Json = False) -> None:
    """Continue a lineage after a stop of unknown origin: its last attempt is resubmitted within a minute.

    Spotter called StopTrainingJob for the job's deadline, the answer was lost or not recorded, and the job was
    stopped. If that was not you or a colleague, continue; otherwise do nothing.
    """
    from spotter_cli.stack import continuation

    with connected(*target) as spotter:
        done = continuation.continue_lineage(spotter, job, datetime.now(UTC))
    line = (
        f"{done.job} is decided about again, as stopped by Spotter. If the rules allow it, {done.next} follows; "
        f"spotter explain {done.job} shows the decision."
    )
    show(vars(done) if json else [line])
