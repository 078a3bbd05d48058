"""The parts of README and docs that are made from the code: `python -m tests.tables` writes them."""

import re
from pathlib import Path
from typing import Any

from spotter.core.case import Case, Decision, Switch
from spotter.core.checkpoints import Checkpoint, Findings
from spotter.core.decisions import decide
from spotter.core.endings import MAY_BE_CARRIED_ON
from spotter.core.identity import Attempt
from spotter.core.job import Job
from spotter.core.policy import Mode, Policy, Resubmission, Rule
from spotter.core.rules import RULES, proposition
from tests.telling import BUCKET, NOON, ROLE, described, minutes

REPOSITORY = Path(__file__).parents[1]
README, DECISIONS = REPOSITORY / "README.md", REPOSITORY / "docs/decision-table.md"
BEGIN, END = "<!-- rules: made by `make docs` -->", "<!-- end of rules -->"

STATUSES = ("InProgress", "Stopping", "Stopped", "Completed", "Failed", "Deleting", "Quiesced")
FAILURES = ("AlgorithmError", "InternalServerError", "CapacityError", "ClientError", None)
AFTER, BEFORE = NOON + minutes(30), NOON - minutes(30)
CHECKPOINTS: dict[str, Findings | None] = {
    "never trained": None,
    "a newer one": Findings((Checkpoint("step-9.pt", AFTER),)),
    "half uploaded": Findings(settling=Checkpoint("step-9/", NOON + minutes(60))),
    "an older one": Findings((Checkpoint("step-1.pt", BEFORE),)),
    "none": Findings(),
    "not seen": Findings(refused="AccessDenied"),
    "too many": Findings(whole=False),
    "no place": Findings(),
}
OWNERS: dict[str, dict[str, Any]] = {
    "nobody else": {},
    "tuning": {"TuningJobArn": "arn"},
    "Autopilot": {"AutoMLJobArn": "arn"},
    "Ground Truth": {"LabelingJobArn": "arn"},
    "serverless": {"ServerlessJobConfig": {"JobType": "FineTuning"}},
    "a training plan": {"ResourceConfig": {"TrainingPlanArn": "arn"}},
    "Batch": {"TrainingJobName": "AWSBatch-7"},
    "Pipelines": {"tags": {"sagemaker:pipeline-execution-arn": "arn"}},
    "Step Functions": {"tags": {"MANAGED_BY_AWS": "STARTED_BY_STEP_FUNCTIONS"}},
    "CloudFormation": {"tags": {"aws:cloudformation:stack-name": "x"}},
}
EVERYTHING = Rule(name="*", on=MAY_BE_CARRIED_ON, attempts=4)
BOUNDS = Resubmission(mode=Mode.ACT, roles=(ROLE,), checkpoints=(f"{BUCKET}/*",))
POLICY = Policy(resubmission=BOUNDS, rules=(EVERYTHING,))
SHOWN = (
    ("InProgress", "Interrupted", None),
    ("Stopping", "Stopping", None),
    ("Completed", "Completed", None),
    ("Stopped", "Stopped", None),
    ("Deleting", "Stopped", None),
    ("Stopped", "MaxWaitTimeExceeded", None),
    ("Stopped", "MaxRuntimeExceeded", None),
    ("Failed", "Failed", "CapacityError"),
    ("Failed", "Failed", "InternalServerError"),
    ("Failed", "Failed", "AlgorithmError"),
    ("Failed", "Failed", "ClientError"),
    ("Stopped", "Quantised", None),
    ("Quiesced", "Quantised", None),
)


def decided(
    status: str, secondary: str, failure: str | None, checkpoint: str, owner: str
) -> tuple[Job, Decision]:
    """What is decided under a policy that allows whatever a policy can allow."""
    found, owned = CHECKPOINTS[checkpoint], dict(OWNERS[owner])
    tags = owned.pop("tags", {})
    lived = ("Starting",) if found is None else ("Starting", "Training")
    told = {
        "TrainingJobStatus": status,
        "SecondaryStatus": secondary,
        "FailureReason": f"{failure}: words" if failure else None,
        "TrainingEndTime": NOON + minutes(60),
        "CheckpointConfig": None if checkpoint == "no place" else {"S3Uri": f"{BUCKET}/x/"},
    }
    job = Job.described(described((*lived, secondary), **told | owned))
    case = Case(
        job=job,
        attempt=Attempt(job.id, 1),
        policy=POLICY,
        now=NOON + minutes(61),
        tags=tags,
        policy_since=BEFORE,
        switch=Switch(on=True),
        found=found or Findings(),
    )
    return job, decide(case)


def decision_table() -> str:
    """docs/decision-table.md."""
    lines = [
        "# What is decided about an attempt",
        "",
        "Made by a test from the rules themselves; `make docs` writes it anew. The policy behind it allows",
        "all that a policy can allow; every other one carries on less. The columns say what the attempt left",
        "at its checkpoint location. The test asks about every combination of 7 TrainingJobStatus, 18",
        "SecondaryStatus, 5 classes of FailureReason, 8 states of the checkpoints and 10 owners, known and",
        "unknown ones; none is undecided, and none is carried on that this table does not show.",
        "",
        "| TrainingJobStatus / SecondaryStatus | " + " | ".join(CHECKPOINTS) + " |",
        "|---" * (len(CHECKPOINTS) + 1) + "|",
    ]
    for status, secondary, failure in SHOWN:
        kinds = [decided(status, secondary, failure, c, "nobody else")[1] for c in CHECKPOINTS]
        said = f"{status} / {secondary}" + (f", {failure}" if failure else "")
        lines.append(f"| {said} | " + " | ".join(decision.kind.value for decision in kinds) + " |")
    lines += ["", "A job that belongs to another service is never carried on:", ""]
    for owner in list(OWNERS)[1:]:
        decision = decided("Stopped", "MaxWaitTimeExceeded", None, "a newer one", owner)[1]
        lines.append(f"- {owner}: {decision.kind.value}; {decision.reason}")
    return "\n".join(lines) + "\n"


def rules_table() -> str:
    """The rules, in the order in which they are asked, between the marks in README.md."""
    rows = [f"| {proposition(rule.__name__)} | {rule.__doc__} |" for rule in RULES]
    return "\n".join([BEGIN, "| rule | what it means |", "|---|---|", *rows, END])


def readme() -> str:
    """README.md with the table of rules as it is now."""
    marked = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    return marked.sub(lambda _: rules_table(), README.read_text())


if __name__ == "__main__":
    DECISIONS.write_text(decision_table())
    README.write_text(readme())
