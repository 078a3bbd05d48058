"""Everything that code and docs take for granted and nobody could verify without an AWS account: the one list.

Each entry says what the code does, so that either answer is right or the fault is bounded, and how somebody
with an account finds out. docs/unverified.md is made from it: `make docs`.
"""

from dataclasses import dataclass
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/unverified.md"


@dataclass(frozen=True)
class Assumption:
    """`where` are files that depend on it. `how` is what to do in an account to find out."""

    name: str
    question: str
    either_way: str
    how: str
    where: tuple[str, ...]


ASSUMPTIONS = (
    Assumption(
        "interrupted-event",
        "Whether SageMaker sends an event for each secondary status, `Interrupted` above all.",
        "Interruptions are derived from DescribeTrainingJob, and the sweep describes what no event named.",
        "Compare the rule's `Invocations` in CloudWatch with a job's transitions in `spotter timeline`.",
        ("infra/intake.py",),
    ),
    Assumption(
        "downloading-in-max-runtime",
        "Whether SageMaker counts Downloading in MaxRuntimeInSeconds.",
        "Only Training is counted. If Downloading counts too, SageMaker stops the job earlier than shown, by as long as the downloads took.",
        "A job with a large image and a short MaxRuntimeInSeconds: `spotter timeline` shows when it was stopped.",
        ("lambdas/spotter/core/record/limits.py", "docs/outlook_page.py"),
    ),
    Assumption(
        "zero-numbers",
        "Whether DescribeTrainingJob shows 0 for an optional number that the request did not have.",
        "A 0 is left out where CreateTrainingJob asks for more.",
        "Create a job without RetryStrategy and describe it.",
        ("lambdas/spotter/core/resubmit/describe_to_create.py",),
    ),
    Assumption(
        "instance-type-beside-preferences",
        "Whether Describe shows InstanceType beside InstancePreferences.",
        "InstanceType is left out; on spot the type that was selected is requested, else the first.",
        "Describe a job that was created with InstancePreferences.",
        ("lambdas/spotter/core/resubmit/describe_to_create.py",),
    ),
    Assumption(
        "keep-alive-zero",
        "Whether CreateTrainingJob takes a KeepAlivePeriodInSeconds of 0 on spot.",
        "A 0 is left out, any other number is kept.",
        "Create a spot job with KeepAlivePeriodInSeconds 0.",
        ("lambdas/spotter/core/resubmit/describe_to_create.py",),
    ),
    Assumption(
        "disabled-profiler",
        "Whether other members of ProfilerConfig may stand beside DisableProfiler.",
        "DisableProfiler is sent alone.",
        "Turn profiling off with UpdateTrainingJob, describe the job, and create one with what Describe shows.",
        ("lambdas/spotter/core/resubmit/describe_to_create.py",),
    ),
    Assumption(
        "rule-volume-zero",
        "Whether a debugger rule's VolumeSizeInGB of 0 is accepted without an InstanceType.",
        "A 0 is left out.",
        "Create a job with a debugger rule that has VolumeSizeInGB 0.",
        ("lambdas/spotter/core/resubmit/describe_to_create.py",),
    ),
    Assumption(
        "types-of-preferences",
        "Whether the condition key sagemaker:InstanceTypes is filled from InstancePreferences.",
        "The permission requires the key: if it is not filled, such a request is denied, and the refusal is recorded.",
        "Resubmit a job with InstancePreferences under a policy with `instance_types`.",
        ("infra/resubmit_permissions.py",),
    ),
    Assumption(
        "grant-for-volumes",
        "Whether a job with a VolumeKmsKeyId needs kms:CreateGrant of who creates it.",
        "The permission is given for the policy's `kms_keys`, for AWS resources through SageMaker only.",
        "Resubmit a job with a VolumeKmsKeyId, and look for CreateGrant in CloudTrail.",
        ("infra/resubmit_permissions.py",),
    ),
    Assumption(
        "second-stop",
        "Whether SageMaker refuses StopTrainingJob for a job that is Stopping already, as it does for one that has ended.",
        "A refusal counts as somebody else's stop. If such a call is accepted, a stop by a user in the moment between the "
        "last Describe and the call counts as Spotter's own, and the lineage is resubmitted.",
        "Call StopTrainingJob twice within a second for one job.",
        ("lambdas/spotter/core/deadline/stop_order.py", "docs/decisions/16-a-lineage-leaves-spot-at-its-safety-point.md"),
    ),
    Assumption(
        "search-freshness",
        "How fresh SageMaker's Search is.",
        "It is not used: the sweep lists with ListTrainingJobs.",
        "Change a job, and search for it every second.",
        ("docs/decisions/4-the-sweep-lists.md",),
    ),
    Assumption(
        "event-in-dead-letter",
        "Whether a dead letter of the rule's target is SageMaker's whole event, as the documentation says.",
        "The queue is encrypted, no function may read it, and `spotter doctor` shows a name and a code only.",
        "Deny the rule in the intake's queue policy, change a job, receive the message.",
        ("docs/operating.md", "spotter_cli/doctor/gather/letters.py"),
    ),
    Assumption(
        "price-list",
        "What the Price List API answers for SageMaker training in each Region.",
        "An entry of an unknown form is an error that names it, and no file is written.",
        "`spotter prices` in the Region.",
        ("docs/figures.md",),
    ),
    Assumption(
        "checkpoint-uploader",
        "When SageMaker uploads a checkpoint's file: at once, or when its writer has closed it; and in which order.",
        "`spotter rehearse` takes a file when it is closed; with `--at writes` it tries halves of files, too.",
        "Let a job write a large file slowly into the checkpoint folder, and list the location every second.",
        ("docs/rehearsing.md", "spotter_cli/rehearse/uploads/bucket.py"),
    ),
    Assumption(
        "routing-by-tags",
        "Whether SNS applies filter policies by attribute to a message with MessageStructure json.",
        "A filter that matches nothing delivers nothing; the alert stays in the ledger and with other subscribers.",
        "Follow a recipe of docs/routing-alerts.md with a queue.",
        ("docs/routing-alerts.md",),
    ),
    Assumption(
        "event-figures",
        "Whether CloudWatch has the figure Invocations of a rule soon enough for `spotter doctor`.",
        "Without a figure the last event is not checked, or named after the recording was compared with SageMaker.",
        "`spotter doctor` some minutes after a job changed: the line `events`.",
        ("spotter_cli/doctor/gather/intake.py",),
    ),
    Assumption(
        "versions-of-an-empty-secret",
        "Whether DescribeSecret shows no current version of a secret that CloudFormation made without a value.",
        "With a version, `spotter doctor` takes the secret for filled; notify_slack's log names the empty value.",
        "Deploy with `slack = true` and run `spotter doctor` before the secret has a value.",
        ("spotter_cli/doctor/gather/messages.py",),
    ),
)  # fmt: skip


def page() -> str:
    """docs/unverified.md."""
    rows = (
        f"| `{one.name}` | {one.question} | {one.either_way} | {one.how} |" for one in ASSUMPTIONS
    )
    return "\n".join(
        (
            "# What could not be verified without an AWS account",
            "",
            "Spotter was never run against AWS itself. This is the whole list of what it assumes about AWS that neither",
            "documentation nor public answers settle. If you have an account, each row says how to find out: please report",
            "what you saw in an issue. Made by `make docs` from smoke/unverified.py, which also names the files that depend",
            "on each row.",
            "",
            "| name | what is not known | what the code does, either way | how to find out |",
            "|---|---|---|---|",
            *rows,
            "",
        )
    )


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
