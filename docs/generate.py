"""The parts of docs/ that are made from the code: `python -m docs.generate` writes them."""

import re
from pathlib import Path
from types import ModuleType
from typing import Any

from docs.outlook_page import outlook_page
from docs.verified_formats import VERIFIED
from spotter.core.check import findings
from spotter.core.check.rules import RULES as CHECKS
from spotter.core.checkpoints import QUIET, Checkpoint, Findings
from spotter.core.checkpoints.found import Torn
from spotter.core.checkpoints.layout import Layout, Level
from spotter.core.checkpoints.layouts import OTHER, TABLE
from spotter.core.model.endings import RESUBMITTABLE
from spotter.core.model.identity import Attempt
from spotter.core.model.job import Job
from spotter.core.model.rule_text import meaning, title
from spotter.core.policy import deadline_tags, tag_overrides
from spotter.core.policy.model import Mode, Policy, ResubmissionPolicy, Rule
from spotter.core.record import metrics
from spotter.core.resubmit.case import Case, Decision, Switch
from spotter.core.resubmit.decide import decide
from spotter.core.resubmit.describe_to_create import TABLE as MEMBERS
from spotter.core.resubmit.rules import RULES
from spotter_cli.policy import keys
from tests.frameworks.page import measured
from tests.support.jobs import BUCKET, NOON, ROLE, described, minutes
from tests.test_imports import FLOORS, ROOMS

REPOSITORY = Path(__file__).parents[1]
OPERATING = REPOSITORY / "docs/operating.md"
ARCHITECTURE = REPOSITORY / "docs/architecture.md"
ROOMS_BEGIN, ROOMS_END = "<!-- rooms: made by `make docs` -->", "<!-- end of rooms -->"
FLOOR_PATHS = {
    "spotter.core": "lambdas/spotter/core",
    "spotter.aws": "lambdas/spotter/aws",
    "spotter.request_guard": "lambdas/spotter/request_guard.py",
    "spotter.notebook": "lambdas/spotter/notebook",
    "handlers": "lambdas/handlers",
    "spotter_cli": "spotter_cli",
}
FIGURES_BEGIN, FIGURES_END = "<!-- figures: made by `make docs` -->", "<!-- end of figures -->"
REQUEST_PAGE = REPOSITORY / "docs/decisions/5-made-from-the-first-attempt.md"
REQUEST_BEGIN, REQUEST_END = "<!-- request: made by `make docs` -->", "<!-- end of request -->"
POLICY_PAGE = REPOSITORY / "docs/policy.md"
DECISIONS, RULES_PAGE = REPOSITORY / "docs/decision-table.md", REPOSITORY / "docs/rules.md"
CHECKS_PAGE = REPOSITORY / "docs/checks.md"
CHECKPOINTS_PAGE = REPOSITORY / "docs/checkpoints.md"
OUTLOOK_PAGE = REPOSITORY / "docs/outlook.md"

TRAINER = "Hugging Face Trainer (plain, DeepSpeed, FSDP)"
STATUSES = ("InProgress", "Stopping", "Stopped", "Completed", "Failed", "Deleting", "Quiesced")
FAILURES = ("AlgorithmError", "InternalServerError", "CapacityError", "ClientError", None)
AFTER, BEFORE = NOON + minutes(30), NOON - minutes(30)
CHECKPOINTS: dict[str, Findings | None] = {
    "never trained": None,
    "a newer one": Findings((Checkpoint("step-9.pt", AFTER),)),
    "a newer one, a torn newest": Findings(
        (Checkpoint("step-9.pt", AFTER),),
        torn=(Torn(Checkpoint("step-10.pt", AFTER), "step-10.pt: it is empty", skipped=False),),
    ),
    "a newer one, an unfinished newest": Findings(
        (Checkpoint("checkpoint-9/", AFTER),),
        unfinished=(
            Checkpoint(
                "checkpoint-10/", AFTER, layout=TRAINER, lacks="it lacks trainer_state.json"
            ),
        ),
    ),
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
EVERYTHING = Rule(name="*", on=RESUBMITTABLE, max_attempts=4)
BOUNDS = ResubmissionPolicy(mode=Mode.ACT, roles=(ROLE,))
POLICY = Policy(checkpoint_locations=(f"{BUCKET}/*",), resubmission=BOUNDS, rules=(EVERYTHING,))
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
    before = ("Starting",) if found is None else ("Starting", "Training")
    answer = {
        "TrainingJobStatus": status,
        "SecondaryStatus": secondary,
        "FailureReason": f"{failure}: words" if failure else None,
        "TrainingEndTime": NOON + minutes(60),
        "CheckpointConfig": None if checkpoint == "no place" else {"S3Uri": f"{BUCKET}/x/"},
    }
    job = Job.described(described((*before, secondary), **answer | owned))
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
        "Made from the rules by `make docs`. The policy behind this table allows all that a policy can allow;",
        "any other policy resubmits less. Each column is what the attempt left at its checkpoint location.",
        "tests/core/resubmit/test_decision_table.py decides every combination of 7 TrainingJobStatus, 18",
        f"SecondaryStatus, 5 classes of FailureReason, {len(CHECKPOINTS)} states of the checkpoints and 10 owners, known and",
        "unknown ones: each gets a decision, and none is resubmitted that this table does not show.",
        "",
        "| TrainingJobStatus / SecondaryStatus | " + " | ".join(CHECKPOINTS) + " |",
        "|---" * (len(CHECKPOINTS) + 1) + "|",
    ]
    for status, secondary, failure in SHOWN:
        kinds = [decided(status, secondary, failure, c, "nobody else")[1] for c in CHECKPOINTS]
        row = f"{status} / {secondary}" + (f", {failure}" if failure else "")
        lines.append(f"| {row} | " + " | ".join(decision.kind.value for decision in kinds) + " |")
    lines += ["", "A job that belongs to another service is never resubmitted:", ""]
    for owner in list(OWNERS)[1:]:
        decision = decided("Stopped", "MaxWaitTimeExceeded", None, "a newer one", owner)[1]
        lines.append(f"- {owner}: {decision.kind.value}; {decision.reason}")
    return "\n".join(lines) + "\n"


def checks_page() -> str:
    """docs/checks.md."""
    lines = [CHECKS_HEAD]
    for severity, heading in CHECKS_MEAN.items():
        lines += [
            f"## {severity.capitalize()}",
            "",
            heading,
            "",
            "| what should be so | why |",
            "|---|---|",
        ]
        rules = (rule for its, rule in CHECKS if its is severity)
        lines += [f"| {title(rule)} | {meaning(rule)} |" for rule in rules]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


CHECKS_MEAN = {
    findings.FindingLevel.REFUSED: "SageMaker refuses such a request.",
    findings.FindingLevel.UNWISE: "SageMaker accepts it, and it is likely to cost time, money or work.",
    findings.FindingLevel.NOTE: "Worth knowing; no reason for the exit code 3.",
}
CHECKS_HEAD = """# What `spotter check` looks for

Made from the rules by `make docs`. `spotter check` takes Python scripts, notebooks, requests in JSON or YAML
(as `aws sagemaker create-training-job --cli-input-json` takes them, or what `describe-training-job`
answered), and the names of jobs that exist; any number of them, folders, and `-` for standard input. It also
reads states of Step Functions that create training or tuning jobs (in a CloudFormation template, too), definitions of
SageMaker pipelines and tuning jobs, and TrainingJobs of the Kubernetes controller. For any other
document a message names what it is.

A script is followed statement by statement and never executed: Estimators of the SageMaker SDK 2, ModelTrainers
of 3, `@remote`, sagemaker-core's `TrainingJob.create`, Airflow's `SageMakerTrainingOperator`, and boto3's
`create_training_job` and `create_hyper_parameter_tuning_job`. A notebook is read cell by cell, and a broken cell
loses only itself. What a script computes is unknown, and never treated as absent: a rule that depends on it is listed as
not checked, with the reason, and so is a rule for which AWS was not called, or returned an error. A condition that the
command line or the environment decides (`if args.spot`) is followed both ways, up to eight of them; what is refused or
unwise only then names it: `max_wait (if args.spot is true)`. Where something else chooses the class
(`{"torch": PyTorch, "tf": TensorFlow}[kind]`), each one makes a job. Values from a defaults file of the SDK are not seen.
Code outside the file may change what a script hands to it: the values of such an Estimator, mapping or object are unknown from
then on. What a branch changed before `return`, `break` or `raise` counts where the script goes on.

In a folder, files without a training job are passed over. One that cannot be read is named (`not read`) where it is a
script or a notebook, or names training jobs; it does not change the exit code.

```console
$ spotter check request.json                # calls AWS, too: is the name free, who uses the checkpoints
$ spotter check train.py train.ipynb jobs/ --offline     # calls no AWS API
$ spotter check nightly-7 --policy team.toml --json
```

In a notebook or script, without a file: `spotter.guard()` checks every CreateTrainingJob of the process
just before it is sent, whatever SDK or operator makes it, and warns; with `refuse=True` it raises
`RequestRefused`, and nothing is sent. It calls no AWS API and does not change the request.

```python
import spotter

spotter.guard(refuse=True)
```

The exit code is 0 where nothing is refused or unwise, 3 where something is, 1 where the check could not be
made, and 2 for a mistake in the command itself. `--json` prints the same with the schema `spotter.check/1`:
for each request its `findings` (severity, rule, where, problem, remedy), `not_checked` (rule, reason), and in
`unknown` why nothing of it is known (null where something is).
"""


CHECKPOINTS_HEAD = f"""# What Spotter takes for a checkpoint

Made from the table in `lambdas/spotter/core/checkpoints/layouts.py` by `make docs`. Before it resubmits a
job, and while a job trains, Spotter lists names, sizes and times at the job's checkpoint location. A
checkpoint is what is positively known to hold weights or optimizer state; logs, configurations, tokenizers,
data sets and pictures are none, whatever their age. A format that is in no row is named in the policy:
`checkpoint_files = ["*.mystate"]`.

A checkpoint is complete if

- no name, and no marker beside it, marks it as unfinished;
- each of its parts has what completes it, and its layout's commit is there (the table);
- it holds what at least a third of its siblings hold: the entries beside it whose names differ in their
  numbers only;
- no file of a fixed-size format is more than 0.5 % smaller than the smallest whole one of its siblings, and
  no file of a growing format (trees) is smaller than one of a lower number;
- and, unless it is committed or is a single file, a later one has begun, or nothing in it has changed for
  {QUIET.seconds // 60} minutes.

Uploads run side by side and SageMaker flushes nothing when it ends a job, so a listing cannot show
everything: the first save of all, of files that nothing commits, looks complete where it was cut between two
files.

**Skips a torn one** says whether the framework's own resume passes over a newest checkpoint that is torn or
not complete. Spotter cannot choose which checkpoint a script loads: SageMaker copies all that lies at the
location. So a newest checkpoint that is not complete refuses the ending where the column says "no", also if
an older one is complete, unless the rule says `on_torn_checkpoint = "resubmit"`. Where it says "yes", "the
script chooses" or "unknown", the next attempt is made from the older one, and decision, alert and
`spotter explain` name the one that is not complete. What its name or a marker marks as unfinished is left
out: no framework resumes from that.
"""


def checkpoints_page() -> str:
    """docs/checkpoints.md."""
    lines = [
        CHECKPOINTS_HEAD,
        "| framework | how learnt state looks | what commits it | staging | skips a torn one |",
        "|---|---|---|---|---|",
        *map(_layout_row, (*TABLE, OTHER)),
        "",
        measured(),
    ]
    return "\n".join(lines).rstrip() + "\n" + VERIFIED


def _layout_row(row: Layout) -> str:
    commits = "; ".join(f"{_names(name, level)}: {level}" for level, name in row.commits)
    cells = (
        f"[{row.framework}]({row.docs})",
        row.looks,
        commits or "nothing; complete once it is quiet",
        ", ".join(f"`{name}`" for name in row.staging),
        row.resume + (f": {row.resume_means}" if row.resume_means else ""),
    )
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _names(name: str, level: Level) -> str:
    return name if level is Level.FILE else " or ".join(f"`{each}`" for each in name.split("|"))


def policy_page() -> str:
    """docs/policy.md: the tables of the file, each key in a row."""
    lines = [
        "# The policy: `spotter.toml`",
        "",
        "`make docs` generates this page from the model that reads the file; `spotter policy keys` prints the",
        "same in a terminal. `spotter policy check` lists every mistake in a file; `spotter policy try JOB --policy FILE`",
        "shows what a file would decide about a job, and without `--policy` what the deployed policy decides. Durations look like `90s`, `5m`, `2h`, `1h30m` or `5d`.",
    ]
    for table in keys.TABLES:
        lines += [
            "",
            f"## `[{table.name}]`" if table.name else "## At the top",
            "",
            table.means,
            "",
        ]
        lines += ["| key | means | takes | default |", "|---|---|---|---|"]
        for key in keys.described(table):
            cells = (f"`{key.name}`", key.means, key.allowed, key.default)
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    lines += [
        "",
        "## Tags of a job",
        "",
        "A job's own tags may restrict what its rule allows, never extend it:",
    ]
    lines += ["", "| tag | effect |", "|---|---|", *_tags(tag_overrides)]
    lines += ["", "Of lineages with a deadline ([deadlines.md](deadlines.md)):"]
    lines += ["", "| tag | effect |", "|---|---|", *_tags(deadline_tags)]
    return "\n".join(lines) + "\n"


def _tags(module: ModuleType) -> list[str]:
    """The rows of the table in which the module that reads the tags says what each asks."""
    return [line for line in (module.__doc__ or "").splitlines() if line.startswith("| `")]


RULES_HEAD = """# The rules that decide about a resubmission

Made from the code by `make docs`. When an attempt has ended, Spotter evaluates these rules in this order. The first
one that refuses, or that has to wait, decides; the last one resubmits. `spotter explain JOB` shows what each rule
answered, and `spotter policy try JOB` what it would answer under another policy file. What follows for every
combination of status and checkpoint is in [decision-table.md](decision-table.md), the keys of the policy are in
[policy.md](policy.md).
"""


def rules_page() -> str:
    """docs/rules.md: every rule, in the order in which the rules are evaluated."""
    rows = [f"| {n} | {title(r)} | {meaning(r)} | `{r.__name__}` |" for n, r in enumerate(RULES, 1)]
    head = "| | rule | what it means | its name in logs, figures and JSON |"
    return "\n".join([RULES_HEAD, head, "|---|---|---|---|", *rows]) + "\n"


def rooms_table() -> str:
    """The rooms of each floor, as the contract of imports has them."""
    rows = []
    for floor in FLOORS:
        path = FLOOR_PATHS[floor]
        rooms = ", ".join(f"`{room}`" for room in ROOMS.get(floor, ()))
        rows.append(f"| `{path}` | {rooms} |")
    head = ["| floor, from the ground up | rooms, from the ground up |", "|---|---|"]
    return "\n".join([ROOMS_BEGIN, *head, *rows, ROOMS_END])


def architecture() -> str:
    """docs/architecture.md with the table of rooms as it is now."""
    marked = re.compile(re.escape(ROOMS_BEGIN) + ".*?" + re.escape(ROOMS_END), re.DOTALL)
    return marked.sub(lambda _: rooms_table(), ARCHITECTURE.read_text())


def figures_table() -> str:
    """The figures that the functions send, between the marks in docs/operating.md."""
    rows = [f"| `{m.name}` | {m.service} | {m.unit} | {m.meaning} |" for m in metrics.ALL]
    head = ["| figure | sent by | unit | what it counts |", "|---|---|---|---|"]
    return "\n".join([FIGURES_BEGIN, *head, *rows, FIGURES_END])


def operating() -> str:
    """docs/operating.md with the table of figures as it is now."""
    marked = re.compile(re.escape(FIGURES_BEGIN) + ".*?" + re.escape(FIGURES_END), re.DOTALL)
    return marked.sub(lambda _: figures_table(), OPERATING.read_text())


def request_table() -> str:
    """What a next attempt's request does with what Describe shows, between the marks in decision 5."""
    rows = [f"| {m.name} | {m.shown} | {m.done} | {m.why} | {m.evidence} |" for m in MEMBERS]
    head = ["| member | Describe shows | the request | why | evidence |", "|---|---|---|---|---|"]
    return "\n".join([REQUEST_BEGIN, *head, *rows, REQUEST_END])


def request_page() -> str:
    """Decision 5 with that table as it is now."""
    marked = re.compile(re.escape(REQUEST_BEGIN) + ".*?" + re.escape(REQUEST_END), re.DOTALL)
    return marked.sub(lambda _: request_table(), REQUEST_PAGE.read_text())


if __name__ == "__main__":
    POLICY_PAGE.write_text(policy_page())
    OPERATING.write_text(operating())
    ARCHITECTURE.write_text(architecture())
    DECISIONS.write_text(decision_table())
    CHECKS_PAGE.write_text(checks_page())
    CHECKPOINTS_PAGE.write_text(checkpoints_page())
    REQUEST_PAGE.write_text(request_page())
    RULES_PAGE.write_text(rules_page())
    OUTLOOK_PAGE.write_text(outlook_page())
