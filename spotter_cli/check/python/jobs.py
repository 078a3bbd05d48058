"""The training jobs that a script creates: which calls create one, and with which request."""

import ast
import copy
from dataclasses import dataclass, field, replace
from typing import Any

from spotter.core.check.request import Open, Position, Request, Unknown
from spotter_cli.check import sdk_parameters, tuning_jobs
from spotter_cli.check.python import remote_functions, sdk_requests
from spotter_cli.check.python.context import Context, computed, position
from spotter_cli.check.python.flow import Flow
from spotter_cli.check.python.remote_functions import RemoteFunction
from spotter_cli.check.python.state import ScriptJob
from spotter_cli.check.python.values import (  # fmt: skip
    Arguments,
    Bound,
    Class,
    JobObject,
    Named,
    OperatorConfig,
    Outside,
    ScriptDict,
    ScriptFunction,
    Snapshot,
    Super,
    Value,
    named,
    shallow,
)
from spotter_cli.check.python.written_requests import PIPELINES, TUNING, WrittenRequests

TRAINER, BOTO3, CORE, REMOTE = (
    "ModelTrainer",
    "create_training_job",
    "TrainingJob.create",
    "@remote",
)
OPERATOR = "SageMakerTrainingOperator"
AIRFLOW = (".workflow.airflow.training_config", ".workflow.airflow.training_base_config")
STARTING = ("fit", "train")

TUNERS = ("HyperparameterTuner", "HyperparameterTuner.create")
TUNING_API = "create_hyper_parameter_tuning_job"
STEPS = {"sagemaker": PIPELINES, "stepfunctions": "Step Functions"}
"""Whose step a TrainingStep is, by the package that it is imported from."""

LOCAL = "it is local mode, which makes no job"


@dataclass
class Jobs:
    """Recognises what makes a job, keeps it in the state, and writes down each request once."""

    context: Context
    written: WrittenRequests
    flow: Flow = field(init=False)
    remotes: dict[ast.AST, RemoteFunction] = field(default_factory=dict)
    numbers: int = 0

    def requests(self) -> list[Request]:
        """All requests in the order of the script, those of objects that it never starts, too."""
        for job in list(self.context.state.jobs.values()):
            if not job.started:
                self._started(job, None)
        for remote in self.remotes.values():
            self._write_uncalled(remote)
        return self.written.in_order()

    def decorated(self, function: ast.AST, node: ast.expr, what: Value, given: Arguments) -> None:
        """`@remote(...)`: each call of the function is a job."""
        if isinstance(what, Named) and sdk_parameters.is_remote(what.dotted):
            self._write_uncalled(self.remotes.get(function))
            self.remotes[function] = RemoteFunction(position(node), given)

    def _write_uncalled(self, remote: RemoteFunction | None) -> None:
        """A remote function that nothing in the file calls is a job all the same."""
        if remote and not remote.called:
            self._remote_job(remote, Unknown(remote_functions.PASSED))

    def call(self, node: ast.Call, function: Value, given: Arguments) -> Value | None:
        """What a call that concerns a job returns; None for any other."""
        if isinstance(function, Bound) and isinstance(function.owner, JobObject):
            return self._on_the_job(node, function.owner, function.name, given)
        if isinstance(function, Class):
            return self._own_class(node, function, given)
        if isinstance(function, ScriptFunction) and (remote := self.remotes.get(function.node)):
            remote.called = True
            self._remote_job(remote, remote_functions.location(given))
        name = getattr(function, "name", "") or getattr(function, "dotted", "").rpartition(".")[2]
        if name == BOTO3 and _is_a_request(given):
            members = Snapshot().of(given.by_name, computed(node).why)
            self.written.write(BOTO3, position(node), members, given.positions, {}, whole=True)
            return computed(node)
        if name == TUNING_API and _is_a_request(given):
            return self._tuning(node, given)
        return self._imported(node, function.dotted, given) if isinstance(function, Named) else None

    def _imported(self, node: ast.Call, dotted: str, given: Arguments) -> Value | None:
        name = sdk_parameters.of_sdk(dotted)
        if _is_a_job(name):
            return self._made(
                node, name, given.named(sdk_parameters.positions(dotted)), given.positions
            )
        if name == "from_recipe" and dotted.endswith(f"{TRAINER}.from_recipe"):
            arguments = ScriptDict(given.by_name, given.by_name.why or "the recipe may set it")
            return self._made(node, TRAINER, arguments, given.positions)
        if name == "__init__" and given.by_position:
            return self._given_by_name_of_the_class(node, given)
        if dotted.endswith(TUNERS) and name:
            return self._owned(node, given, TUNING)
        if dotted.endswith(".TrainingStep") and dotted.startswith(tuple(STEPS)):
            return self._owned(node, given, STEPS[dotted.partition(".")[0]])
        if dotted.endswith(f".{CORE}") and name:
            self.written.write(
                CORE, position(node), self._core(node, given), _spelled(given), {}, whole=True
            )
        elif dotted.endswith(f".{OPERATOR}"):
            self._operator(node, given)
        elif dotted.endswith(AIRFLOW) and name:
            return self._airflow(node, given)
        elif sdk_parameters.is_remote(dotted) and given.by_name:
            remote = RemoteFunction(position(node), given)
            self._remote_job(remote, Unknown(remote_functions.PASSED))
        elif dotted.startswith("sagemaker.workflow.parameters.") and name:
            return Outside(f"a parameter of the pipeline sets it, in {position(node)}")
        elif name in ("PipelineSession", "LocalSession", "LocalPipelineSession"):
            return named(f"{name}()")
        else:
            return None
        return computed(node)

    def _own_class(self, node: ast.Call, made_by: Class, given: Arguments) -> Value | None:
        """An object of a class of the script that derives from one of the SDK's."""
        name = next(filter(_is_a_job, map(sdk_parameters.of_sdk, made_by.imported())), "")
        if not name:
            return None
        own = isinstance(made_by.find("__init__"), ScriptFunction)
        named = ScriptDict({} if own else given.by_name, _may_set(made_by))
        made = self._made(node, name, named, {} if own else given.positions)
        self.context.state.jobs[made.number].made_by = made_by
        return made

    def _given_by_name_of_the_class(self, node: ast.Call, given: Arguments) -> Value | None:
        """`PyTorch.__init__(self, ...)`, the older way of writing `super().__init__(...)`."""
        owner, *rest = given.by_position
        made_by = (
            self.context.state.jobs[owner.number].made_by if isinstance(owner, JobObject) else None
        )
        if made_by is None:
            return computed(node)
        self.given_to_the_sdk(
            Super(owner, made_by), Arguments(rest, given.by_name, given.positions, given.unseen)
        )
        return computed(node)

    def given_to_the_sdk(self, above: Super, given: Arguments) -> None:
        """`super().__init__(...)` of a job object whose class derives from one of the SDK's."""
        job = self.context.state.jobs[above.owner.number]
        job.given = given.named(sdk_parameters.POSITIONS.get(job.kind, ()))
        job.given.why = job.given.why or (
            None if job.made_by is above.made_by else _may_set(above.made_by)
        )
        job.positions = dict(given.positions)
        job.session = job.given.get("sagemaker_session")

    def _made(
        self, node: ast.Call, kind: str, given: ScriptDict, positions: dict[str, Position]
    ) -> JobObject:
        self.numbers += 1
        session = given.get("sagemaker_session")
        job = ScriptJob(kind, position(node), given, dict(positions), session=session)
        if isinstance(session, Named) and "Pipeline" in session.dotted:
            job.owner = PIPELINES
        self.context.state.jobs[self.numbers] = job
        return JobObject(self.numbers)

    def copied(self, node: ast.Call, owner: JobObject, *, deep: bool) -> JobObject:
        """A job object of its own, which stands where the copy is made."""
        self.numbers += 1
        job = self.context.state.jobs[owner.number]
        copied = copy.deepcopy if deep else shallow
        given, later = copied(job.given), copied(job.later)
        self.context.state.jobs[self.numbers] = replace(
            job, position=position(node), given=given, later=later, started=False
        )
        return JobObject(self.numbers)

    def _on_the_job(
        self, node: ast.Call, owner: JobObject, method: str, given: Arguments
    ) -> Value | None:
        job = self.context.state.jobs[owner.number]
        if method in sdk_requests.LATER:
            values = [*given.by_position, *given.by_name.values()]
            job.later[sdk_requests.LATER[method]] = values[0] if values else ScriptDict()
        elif method == "set_hyperparameters":
            held = job.later.get("hyperparameters", job.given.get("hyperparameters"))
            before = (
                held if isinstance(held, ScriptDict) else ScriptDict(why=getattr(held, "why", None))
            )
            job.later["hyperparameters"] = ScriptDict(
                before | given.by_name, before.why or given.by_name.why
            )
        elif method in STARTING:
            self._started(job, given)
        return owner if method.startswith("with_") else computed(node)

    def _owned(self, node: ast.Call, given: Arguments, owner: str) -> Value:
        """Something of another service that is made with a job object: that service makes its jobs."""
        for one in (*given.by_position, *given.by_name.values()):
            if isinstance(one, JobObject):
                self.context.state.jobs[one.number].owner = owner
        return computed(node)

    def _started(self, job: ScriptJob, given: Arguments | None) -> None:
        """The request as the object stands now; `given` is what the starting method was given."""
        job.started = True
        computed_there = f"it is computed in {job.position}"
        arguments = ScriptDict(job.given | job.later, job.given.why)
        plain = Snapshot().of(arguments, computed_there)
        name = given.by_name.get("job_name") if given else None
        paths = (
            sdk_parameters.FROM_TRAINER if job.kind == TRAINER else sdk_parameters.FROM_ESTIMATOR
        )
        members = (
            sdk_requests.of_trainer(plain)
            if job.kind == TRAINER
            else sdk_requests.of_estimator(plain, job.kind)
        )
        positions = job.positions
        if given and name is not None:
            members["TrainingJobName"] = Snapshot().of(name, computed_there)
            paths = paths | {"job_name": "TrainingJobName"}
            positions = positions | {n: at for n, at in given.positions.items() if n == "job_name"}
        local = isinstance(job.session, Named) and "Local" in job.session.dotted
        if local or sdk_requests.is_local(members):
            members = Open({}, LOCAL)
        self.written.write(job.kind, job.position, members, positions, paths, arguments=plain,
                    owner=job.owner)  # fmt: skip

    def _remote_job(self, remote: RemoteFunction, place: Value) -> None:
        """One call of a remote function, which saves its checkpoints at this place."""
        members = remote_functions.members(remote.given.by_name, place)
        members = Open({}, LOCAL) if sdk_requests.is_local(members) else members
        self.written.write(
            REMOTE, remote.position, members, remote.given.positions, sdk_parameters.FROM_REMOTE
        )

    def _core(self, node: ast.Call, given: Arguments) -> Any:
        arguments = Snapshot().of(given.by_name, computed(node).why)
        return sdk_parameters.members_of(arguments, "CreateTrainingJobRequest")

    def _tuning(self, node: ast.Call, given: Arguments) -> Value:
        """A request for a tuning job, which makes the training jobs of each of its definitions."""
        members = Snapshot().of(given.by_name, computed(node).why)
        for one in tuning_jobs.definitions(members):
            self.written.write(TUNING_API, position(node), one, {}, {}, owner=TUNING)
        return computed(node)

    def _airflow(self, node: ast.Call, given: Arguments) -> Value:
        """The SDK makes the request of an estimator for Airflow's operator.

        https://sagemaker.readthedocs.io/en/v2/workflows/airflow/sagemaker.workflow.airflow.html
        """
        made = given.named(("estimator",)).get("estimator")
        if not isinstance(made, JobObject):
            return computed(node)
        self._started(self.context.state.jobs[made.number], given)
        return OperatorConfig(computed(node).why)

    def _operator(self, node: ast.Call, given: Arguments) -> None:
        if isinstance(given.by_name.get("config"), OperatorConfig):
            return  # the job object's request is written already
        config = Snapshot().of(given.by_name.get("config"), computed(node).why)
        if isinstance(config, dict):
            held = config.get("TrainingJob", config)
            config = held if isinstance(held, dict) else config
        else:
            config = Open({}, getattr(config, "why", f"config is not seen in {position(node)}"))
        self.written.write(OPERATOR, position(node), config, {}, {}, whole=True)


def _is_a_request(given: Arguments) -> bool:
    """True unless it is another function of that name: members of the API begin with a capital."""
    if given.by_position:
        return False
    return not given.by_name or any(key[:1].isupper() for key in given.by_name)


def _spelled(given: Arguments) -> dict[str, Position]:
    """Where each member stands, by its name in the API."""
    spelled = sdk_parameters.spelling("CreateTrainingJobRequest")
    return {spelled.get(name.replace("_", ""), name): at for name, at in given.positions.items()}


def _is_a_job(name: str) -> bool:
    """True of the SDK's classes whose objects start training jobs."""
    return (
        name in sdk_parameters.ESTIMATORS or name in sdk_parameters.FIRST_PARTY or name == TRAINER
    )


def _may_set(made_by: Class) -> str:
    return f"the class {made_by.node.name} in {position(made_by.node)} may set it"
