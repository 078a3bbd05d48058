"""Bugs that are planted on purpose, one at a time, and the test that catches each: `python -m tests.planted_bugs`.

Each is a change of one text in one file, made in a copy of the repository. A bug is caught if its tests fail.
tests/test_planted_bugs.py holds that each text is still there.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.support.proof_page import record

REPOSITORY = Path(__file__).parents[1]
CORE, AWS = "lambdas/spotter/core", "lambdas/spotter/aws"
COPIED = (
    "lambdas",
    "infra",
    "laptop",
    "sagemaker_api",
    "spotter_cli",
    "bench",
    "smoke",
    "docs",
    "tests",
)
FILES = ("pyproject.toml", "app.py", "cdk.json", "spotter.toml", "README.md", "Makefile")


@dataclass(frozen=True)
class PlantedBug:
    """In this file `old` is replaced by `new`; what that breaks, and the tests that show it."""

    area: str
    what: str
    path: str
    old: str
    new: str
    tests: str

    def planted(self, text: str) -> str:
        """The file's text with the bug; `old` is there exactly once."""
        assert text.count(self.old) == 1, (
            f"{self.path} holds {self.old!r} {text.count(self.old)} times"
        )
        return text.replace(self.old, self.new)


DELTA, STORIES = "tests/core/record/test_delta.py", "tests/stories"
DECIDE, DEADLINE = "tests/core/resubmit/test_decide.py", "tests/core/deadline/test_hand_over.py"
RULES = f"{CORE}/resubmit/rules"
BUGS = (
    PlantedBug("record", "an older description replaces a newer head", f"{CORE}/record/delta.py",
        "if known and not head.supersedes(known):", "if known is head:", DELTA),
    PlantedBug("record", "a past that SageMaker changed is taken for recorded", f"{CORE}/record/delta.py",
        "unchanged = timeline_digest(vouched) == known.digest", "unchanged = bool(vouched)", DELTA),
    PlantedBug("record", "an ending wakes no alert", f"{CORE}/record/delta.py",
        "return head.interruptions > before or head.ending is not None", "return head.interruptions > before", DELTA),
    PlantedBug("record", "a foreign job under a claimed name is decided about", f"{CORE}/record/delta.py",
        "ended=_ending(head) if not foreign and _someone", "ended=_ending(head) if _someone", DELTA),
    PlantedBug("record", "any job under a claimed name is the attempt", f"{CORE}/record/delta.py",
        'if claimed.tags.items() <= tags.items() or state == "started":', "if claimed is not None:", DELTA),
    PlantedBug("record", "a hint about a name that the policy does not cover is described", f"{AWS}/record/recorder.py",
        "if not self.policy.covers(h.job)", "if self.policy is None", f"{STORIES}/test_job_name_prefix.py"),
    PlantedBug("record", "a job that was recorded since is described again", f"{AWS}/record/recorder.py",
        "if h.modified >= (dated[j].modified or FAR)", "if h.modified > FAR", f"{STORIES}/test_hints.py"),
    PlantedBug("record", "a missing job is an error for ever", f"{AWS}/record/describe.py",
        '"not found" in message.lower()', '"never was" in message.lower()', f"{STORIES}/test_sweep.py"),
    PlantedBug("dead letters", "an unreadable message is dropped", "lambdas/handlers/record.py",
        'if m["messageId"] not in well]', 'if m["messageId"] in hints and m["messageId"] not in well]',
        f"{STORIES}/test_malformed.py"),
    PlantedBug("keys", "transitions are in the order of their digits", f"{CORE}/model/timeline.py",
        'f"{ms(self.start):013d}#{self.rank:02d}', 'f"{ms(self.start)}#{self.rank}', DELTA),
    PlantedBug("keys", "long names lose what tells them apart", f"{CORE}/model/identity.py",
        'self.root.name[: NAME_LENGTH - len(suffix)].rstrip("-") + suffix',
        '(self.root.name + suffix)[:NAME_LENGTH].rstrip("-")', "tests/core/model/test_identity.py"),
    PlantedBug("outbox", "seven messages a minute", f"{AWS}/alerts/publisher.py",
        "rate_limit.recent(slots, now) >= rate_limit.MOST_A_MINUTE", "rate_limit.recent(slots, now) > rate_limit.MOST_A_MINUTE",
        f"{STORIES}/test_publishing.py"),
    PlantedBug("outbox", "a publish whose answer was lost gives its slot back", f"{AWS}/alerts/publisher.py",
        "if isinstance(refusal, ClientError):", "if refusal is not None:", f"{STORIES}/test_publishing.py"),
    PlantedBug("outbox", "two functions publish the same alert", f"{AWS}/alerts/publisher.py",
        "left_out = rate_limit.being_published(slots, now) | done.tried", "left_out = set(done.tried)",
        f"{STORIES}/test_publishing.py"),
    PlantedBug("outbox", "a published alert stays pending", f"{AWS}/alerts/publisher.py",
        "            self._mark(batch)\n", "", f"{STORIES}/test_publishing.py"),
    PlantedBug("outbox", "one alert that cannot be sent stops all others", f"{AWS}/alerts/publisher.py",
        "MOST_REFUSED = 3", "MOST_REFUSED = 1", f"{STORIES}/test_publishing.py"),
    PlantedBug("claims", "a row is replaced by whoever comes last", f"{AWS}/ledger/table.py",
        'return "turn = :turn", {":turn": old["turn"]}', 'return f"attribute_exists({PK})", None',
        "tests/aws/ledger/test_table.py tests/aws/ledger/test_engines.py tests/aws/sweep/test_lease.py"),
    PlantedBug("claims", "a claim is put row by row", f"{AWS}/ledger/rows.py",
        "self.client.transact_write_items(TransactItems=actions)", '[self.client.put_item(**one["Put"]) for one in actions]',
        f"{STORIES}/test_races.py {STORIES}/test_throttling.py"),
    PlantedBug("claims", "a job of the name is adopted whatever it runs", f"{AWS}/resubmit/creation.py",
        "equal = row.request == training_request.fingerprint(request)", "equal = bool(row.request)", f"{STORIES}/test_children.py {STORIES}/test_built_in_algorithms.py"),
    PlantedBug("claims", "a job without our tags is adopted", f"{AWS}/resubmit/creation.py",
        "            and attempt.tags.items() <= tags.items()\n", "", f"{STORIES}/test_resubmission.py {STORIES}/test_children.py"),
    PlantedBug("claims", "a creation whose answer was lost is not adopted", f"{AWS}/resubmit/creation.py",
        'if answered.code == "ResourceInUse":', 'if answered.code == "":', f"{STORIES}/test_resubmission.py {STORIES}/test_races.py"),
    PlantedBug("gate", "the switch is read too early only", f"{AWS}/resubmit/creation.py",
        "        if not switch.on:\n", "        if switch is None:\n", f"{STORIES}/test_pauses.py"),
    PlantedBug("gate", "the switch is not heeded", f"{RULES}/acting.py",
        "if not case.switch.on:", "if case.switch is None:", DECIDE),
    PlantedBug("gate", "advise creates jobs", f"{RULES}/acting.py",
        "if case.policy.resubmission.mode is not Mode.ADVISE:", "if case.policy.resubmission.mode is not None:", DECIDE),
    PlantedBug("gate", "one creation an hour too many", f"{RULES}/acting.py",
        "if case.recent_creations >= most:", "if case.recent_creations > most:", DECIDE),
    PlantedBug("gate", "one attempt too many", f"{RULES}/budgets.py",
        "counted >= rule.max_attempts", "counted > rule.max_attempts", DECIDE),
    PlantedBug("gate", "the worst case is not bounded", f"{RULES}/budgets.py",
        "if spend.instance_hours > bounds.max_instance_hours:", "if spend.instance_hours < 0:", DECIDE),
    PlantedBug("gate", "any role is passed", f"{RULES}/permission.py",
        "if not any(fits(case.job.role, pattern) for pattern in roles):", "if not roles:", DECIDE),
    PlantedBug("gate", "an ending of before the policy is resubmitted", f"{RULES}/permission.py",
        "case.job.ended < case.policy_since:", "case.job.ended > case.policy_since:", DECIDE),
    PlantedBug("gate", "what a user stopped is resubmitted", f"{RULES}/endings.py",
        "if case.ending in (Ending.STOPPED, Ending.DELETED):", "if case.ending is Ending.DELETED:", DECIDE),
    PlantedBug("gate", "a running attempt does not hold back the next", f"{RULES}/progress.py",
        "    if case.running_attempts:\n", "    if not case.running_attempts and case.claimed:\n", DECIDE),
    PlantedBug("gate", "a job on the same checkpoints does not hold back the next", f"{RULES}/progress.py",
        "    if case.sharing:\n", "    if case.sharing and case.pending:\n", DECIDE),
    PlantedBug("gate", "attempts without progress go on for ever", f"{RULES}/progress.py",
        "if case.progressed is False and past_attempts.the_last_one_stood_still(case.past):", "if case.progressed is None:", DECIDE),
    PlantedBug("sweep", "two sweeps run at once", f"{AWS}/sweep/lease.py",
        "    if _is_held(ledger, held, now):\n", "    if held is mine:\n", f"tests/aws/sweep/test_lease.py {STORIES}/test_malformed.py"),
    PlantedBug("sweep", "an ending is retriggered with the mode off", f"{AWS}/sweep/retriggering.py",
        "if self.policy.resubmission.mode is Mode.OFF:", "if self.policy is None:", f"{STORIES}/test_bounds.py"),
    PlantedBug("sweep", "what nobody decided is never retriggered", f"{AWS}/sweep/retriggering.py",
        "if claims.is_due(row, now))", "if claims.is_due(row, now) and row is None)", f"{STORIES}/test_hints.py"),
    PlantedBug("sweep", "a cut between two jobs of one instant loses one", f"{AWS}/sweep/listing.py",
        "here = created - OVERLAP", "here = created", f"{STORIES}/test_hints.py"),
    PlantedBug("sweep", "a sweep that was cut off begins anew", f"{AWS}/sweep/sweeper.py",
        "if swept.finished or reached:", "if swept.finished:", f"{STORIES}/test_sweep.py {STORIES}/test_long_listings.py"),
    PlantedBug("filters", "a new ending wakes nobody", f"{CORE}/ledger/wake_filters.py",
        '_changed((ENDINGS,), "INSERT"),', '_changed((ENDINGS,), "REMOVE"),', f"{STORIES}/test_pauses.py"),
    PlantedBug("filters", "a notable head wakes nobody", f"{CORE}/ledger/wake_filters.py",
        'notable={"BOOL": [True]}', 'notable={"BOOL": [False]}', f"{STORIES}/test_publishing.py"),
    PlantedBug("deadline", "the hand-over comes one look too late", f"{CORE}/deadline/hand_over.py",
        "if point is not None and now.slack <= point:", "if point is not None and now.slack < point:", DEADLINE),
    PlantedBug("deadline", "a wait may use up the time between two checkpoints", f"{CORE}/deadline/hand_over.py",
        "return times.hand_over + times.launch + times.checkpoint_gap", "return times.hand_over + times.launch", DEADLINE),
    PlantedBug("deadline", "a job that trains is stopped for another pool", f"{CORE}/deadline/hand_over.py",
        "if now.phase is Phase.WAITING and impatient", "if impatient", DEADLINE),
    PlantedBug("deadline", "a hand-over takes no stop", f"{CORE}/deadline/hand_over.py",
        "return self.start_on_demand + self.stop + self.look + self.margin", "return self.start_on_demand + self.look + self.margin", DEADLINE),
    PlantedBug("policy", "a tag asks for more attempts than the rule", f"{CORE}/policy/tag_overrides.py",
        "if int(value) > rule.max_attempts:", "if int(value) > 999:", "tests/core/policy/test_tag_overrides.py"),
    PlantedBug("policy", "a tag takes back that a checkpoint is required", f"{CORE}/policy/tag_overrides.py",
        '    if rule and rule.require_checkpoint:\n        return rule, "asks', '    if rule is None:\n        return rule, "asks',
        "tests/core/policy/test_tag_overrides.py"),
    PlantedBug("policy", "a hint of another account is taken", f"{CORE}/model/hints.py",
        'if (message.get("account"), message.get("region")) != (here.account, here.region):', "if here is None:",
        "tests/core/model/test_hints.py"),
    PlantedBug("IAM conditions", "an instance type may be left out", "infra/resubmit_permissions.py",
        '        when["Null"] = {"sagemaker:InstanceTypes": "false"}\n', "", "tests/infra/test_permissions.py"),
    PlantedBug("IAM conditions", "a role is passed to any service", "infra/resubmit_permissions.py",
        'when={"StringEquals": {"iam:PassedToService": "sagemaker.amazonaws.com"}},', "", "tests/infra/test_permissions.py"),
    PlantedBug("IAM conditions", "a job may run for as long as it likes", "infra/resubmit_permissions.py",
        '"NumericLessThanEquals": {"sagemaker:MaxRuntimeInSeconds": longest}', '"Bool": {"aws:SecureTransport": "true"}',
        "tests/infra/test_permissions.py"),
    PlantedBug("dead letters", "one bad row holds up its batch", "infra/ledger.py",
        "bisect_batch_on_error=True", "bisect_batch_on_error=False", "tests/infra/test_ledger.py"),
    PlantedBug("dead letters", "one bad hint fails its batch", "infra/intake.py",
        "report_batch_item_failures=True", "report_batch_item_failures=False", "tests/infra/test_intake.py"),
    PlantedBug("dead letters", "deleting the stack deletes the ledger", "infra/ledger.py",
        "removal_policy=RemovalPolicy.RETAIN", "removal_policy=RemovalPolicy.DESTROY", "tests/infra/test_ledger.py"),
)  # fmt: skip


def copy(folder: Path) -> None:
    """What the tests need of the repository."""
    ignored = shutil.ignore_patterns("__pycache__", "node_modules", ".chromium")
    for name in COPIED:
        shutil.copytree(REPOSITORY / name, folder / name, ignore=ignored)
    for name in FILES:
        shutil.copy(REPOSITORY / name, folder / name)


def caught(bug: PlantedBug, folder: Path) -> bool:
    """True if its tests fail with the bug in the copy of the repository."""
    file = folder / bug.path
    sound = file.read_text()
    file.write_text(bug.planted(sound))
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:xdist", "-p", "no:cacheprovider"]
    paths = {"PYTHONPATH": f"{folder}{os.pathsep}{folder / 'lambdas'}"}
    try:
        done = subprocess.run(
            [*words, *bug.tests.split()],
            cwd=folder,
            env=os.environ | paths,
            check=False,
            capture_output=True,
        )
    finally:
        file.write_text(sound)
    assert done.returncode in (0, 1), done.stdout[-2000:]
    return done.returncode == 1


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--area", help="only the bugs of one area")
    words.add_argument(
        "--record", action="store_true", help="note the run in docs/proof-records.json"
    )
    given = words.parse_args()
    chosen = [bug for bug in BUGS if given.area in (None, bug.area)]
    begun, missed = time.monotonic(), []
    with tempfile.TemporaryDirectory() as name:
        copy(Path(name))
        for bug in chosen:
            found = caught(bug, Path(name))
            missed += [] if found else [bug.what]
            print(f"{'caught' if found else 'MISSED'}  {bug.area}: {bug.what}", flush=True)
    print(f"{len(chosen) - len(missed)} of {len(chosen)} bugs were caught")
    if given.record and given.area is None:
        result = f"{len(chosen) - len(missed)} caught; missed: {', '.join(missed) or 'none'}"
        record("planted bugs", len(chosen), "none", time.monotonic() - begun, result)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
