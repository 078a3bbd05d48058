"""A document holds requests in one of the forms that people keep them in, or a message names what it is."""

import json
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from spotter.core.check.request import NotKnown, Request, Unknown
from spotter_cli.check import files
from spotter_cli.check.documents import NotARequest, requests
from spotter_cli.errors import CommandError
from tests.cli.check_requests import changed

WAIT = "StoppingCondition.MaxWaitTimeInSeconds"
LIMITS = {"MaxRuntimeInSeconds": 7200, "MaxWaitTimeInSeconds": 3600}


def state(**more: Any) -> dict[str, Any]:
    given = {"TrainingJobName.$": "$.name", "StoppingCondition": LIMITS, "RoleArn.$": "$.role"}
    resource = "arn:aws:states:::sagemaker:createTrainingJob.sync"
    return {"Type": "Task", "Resource": resource, "Parameters": given, "End": True} | more


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def one(document: Any) -> Request:
    [found] = requests(document, "file")
    return found


def why(request: Request, path: str) -> str:
    with pytest.raises(NotKnown) as reason:
        request.get(path)
    return str(reason.value)


def test_a_state_that_creates_a_training_job_is_a_request():
    found = one(machine(Train=state()))
    assert (found.named, found.owner, found.get(WAIT)) == (
        "file, state Train",
        "Step Functions",
        3600,
    )
    assert "Step Functions fills it in" in why(found, "TrainingJobName")
    assert "Step Functions fills it in" in why(found, "RoleArn")


def test_states_of_branches_and_maps_are_found():
    inner = machine(Inner=state())
    found = requests(
        machine(
            Both={"Type": "Parallel", "Branches": [inner, inner]},
            Each={"Type": "Map", "ItemProcessor": inner},
            Older={"Type": "Map", "Iterator": inner},
            Other={"Type": "Task", "Resource": "arn:aws:states:::sns:publish"},
            Query=state(
                Parameters=None, Arguments={"StoppingCondition": LIMITS, "RoleArn": "{% $role %}"}
            ),
        ),
        "file",
    )
    assert [request.get(WAIT) for request in found] == [3600] * 5
    assert "filled" in why(found[-1], "RoleArn") or "fills" in why(found[-1], "RoleArn")


@pytest.mark.parametrize(
    "properties",
    [
        {"Definition": machine(Train=state())},
        {"DefinitionString": json.dumps(machine(Train=state()))},
        {"DefinitionString": {"Fn::Sub": json.dumps(machine(Train=state()))}},
        {"DefinitionString": {"Fn::Sub": [json.dumps(machine(Train=state())), {"A": "b"}]}},
        {"DefinitionString": {"Fn::Join": ["", [json.dumps(machine(Train=state()))[:-1], "}"]]}},
    ],
)
def test_a_state_machine_in_a_template_is_read(properties):
    resource = {"Type": "AWS::StepFunctions::StateMachine", "Properties": properties}
    assert one({"Resources": {"Nightly": resource}}).get(WAIT) == 3600


def test_a_tuning_jobs_training_job_belongs_to_it():
    found = one(
        {"HyperParameterTuningJobName": "x", "TrainingJobDefinition": {"StoppingCondition": LIMITS}}
    )
    assert (found.owner, found.get(WAIT)) == ("hyperparameter tuning", 3600)


def test_a_pipelines_training_step_belongs_to_it():
    step = {"Name": "Train", "Type": "Training", "Arguments": {"StoppingCondition": LIMITS}}
    step["Arguments"]["RoleArn"] = {"Get": "Parameters.Role"}
    found = one({"Version": "2020-12-01", "Steps": [{"Name": "x", "Type": "Processing"}, step]})
    assert (found.owner, found.get(WAIT)) == ("SageMaker Pipelines", 3600)
    assert "the pipeline fills it in" in why(found, "RoleArn")


def test_a_state_that_creates_a_tuning_job_holds_the_tuning_jobs_training_jobs():
    tuning = state(
        Resource="arn:aws:states:::sagemaker:createHyperParameterTuningJob.sync",
        Parameters={
            "HyperParameterTuningJobName.$": "$.name",
            "TrainingJobDefinition": {"StoppingCondition": LIMITS, "RoleArn.$": "$.role"},
        },
    )
    found = one(machine(Tune=tuning))
    assert (found.named, found.owner, found.get(WAIT)) == (
        "file, state Tune, training job definition",
        "hyperparameter tuning",
        3600,
    )
    assert "Step Functions fills it in" in why(found, "RoleArn")
    filled = one(machine(Tune=tuning | {"Parameters": {"TrainingJobDefinition.$": "$.one"}}))
    assert "Step Functions fills it in" in why(filled, "RoleArn")
    assert "Step Functions fills it in" in why(
        one(machine(Tune=tuning | {"Parameters": None})), "RoleArn"
    )


def test_a_pipelines_tuning_step_holds_the_tuning_jobs_training_jobs():
    definition = {"StoppingCondition": LIMITS, "RoleArn": {"Get": "Parameters.Role"}}
    step = {"Name": "Tune", "Type": "Tuning", "Arguments": {"TrainingJobDefinition": definition}}
    found = one({"Version": "2020-12-01", "Steps": [step]})
    assert (found.named, found.owner, found.get(WAIT)) == (
        "file, step Tune, training job definition",
        "hyperparameter tuning",
        3600,
    )
    assert "the pipeline fills it in" in why(found, "RoleArn")


FILLED_WHOLE = [
    ("Training", {"Get": "Parameters.Whole"}, "the pipeline fills it in"),
    ("Tuning", {"Std:Join": {"On": "", "Values": [{"Get": "Parameters.Whole"}]}}, "the pipeline"),
    ("Tuning", {"Std:Join": {"On": "/", "Values": ["s3://ml"]}}, "fills it in"),
    ("Training", "a text", "fills it in"),
]


@pytest.mark.parametrize(("kind", "arguments", "reason"), FILLED_WHOLE)
def test_a_step_whose_arguments_are_filled_in_whole_is_not_known(kind, arguments, reason):
    step = {"Name": "x", "Type": kind, "Arguments": arguments}
    assert reason in why(one({"Version": "2020-12-01", "Steps": [step]}), "RoleArn")


@pytest.mark.parametrize("task", ["TrainingJob", "HyperParameterTuningJob"])
@pytest.mark.parametrize(
    "given", [{"Ref": "Whole"}, {"Fn::Sub": "${Whole}"}, "{% $states.input %}"]
)
def test_a_state_whose_parameters_are_filled_in_whole_is_not_known(task, given):
    one_state = state(Resource=f"arn:aws:states:::sagemaker:create{task}", Parameters=given)
    assert "fills it in" in why(one(machine(Train=one_state)), "RoleArn")


def test_steps_of_a_condition_are_found():
    inner = {"Conditions": [], "IfSteps": [STEP], "ElseSteps": []}
    outer = {"Conditions": [], "IfSteps": [], "ElseSteps": [condition(inner), STEP]}
    found = requests({"Version": "2020-12-01", "Steps": [condition(outer)]}, "file")
    assert [(one.named, one.get(WAIT)) for one in found] == [("file, step Train", 3600)] * 2
    broken = {"Version": "2020-12-01", "Steps": [condition("x"), condition({"IfSteps": 5}), 5]}
    with pytest.raises(NotARequest, match="a SageMaker pipeline without a training or tuning step"):
        requests(broken, "file")


def condition(arguments: Any) -> dict[str, Any]:
    return {"Name": "Good", "Type": "Condition", "Arguments": arguments}


STEP = {"Name": "Train", "Type": "Training", "Arguments": {"StoppingCondition": LIMITS}}
PIPELINE = json.dumps({"Version": "2020-12-01", "Steps": [STEP]})


@pytest.mark.parametrize("body", [PIPELINE, {"Fn::Sub": PIPELINE}, {"Fn::Join": ["", [PIPELINE]]}])
def test_a_pipeline_in_a_template_is_read(body):
    properties = {"PipelineName": "x", "PipelineDefinition": {"PipelineDefinitionBody": body}}
    resource = {"Type": "AWS::SageMaker::Pipeline", "Properties": properties}
    found = one({"Resources": {"Nightly": resource}})
    assert (found.named, found.owner) == ("file, Nightly, step Train", "SageMaker Pipelines")
    assert found.get(WAIT) == 3600


def test_a_pipeline_whose_definition_lies_elsewhere_is_not_read():
    place = {"PipelineDefinitionS3Location": {"Bucket": "b", "Key": "pipeline.json"}}
    properties = {"PipelineName": "x", "PipelineDefinition": place}
    resource = {"Type": "AWS::SageMaker::Pipeline", "Properties": properties}
    with pytest.raises(NotARequest, match="whose definition stands in it creates"):
        requests({"Resources": {"Nightly": resource}}, "file")


def test_several_requests_in_a_list_are_each_one():
    assert len(requests([changed(), changed()], "file")) == 2


def written(tmp_path: Path, name: str, content: str) -> str:
    path = tmp_path / name
    path.write_text(dedent(content))
    return str(path)


@pytest.mark.parametrize("name", ["request.yaml", "request.yml", "request"])
def test_a_request_in_yaml_is_read(tmp_path: Path, name):
    text = """
        TrainingJobName: nightly-7
        EnableManagedSpotTraining: true
        RoleArn: "arn:aws:iam::${Account}:role/x"
        StoppingCondition: {MaxRuntimeInSeconds: 7200, MaxWaitTimeInSeconds: 3600}
        """
    [found] = files.read(written(tmp_path, name, text)).requests
    assert (found.get(WAIT), found.spot) == (3600, True)
    assert "template" in why(found, "RoleArn") or "fills" in why(found, "RoleArn")


def test_a_training_job_of_the_kubernetes_controller_is_read(tmp_path: Path):
    text = """
        apiVersion: v1
        kind: ConfigMap
        ---
        apiVersion: sagemaker.services.k8s.aws/v1alpha1
        kind: TrainingJob
        metadata: {name: nightly}
        spec:
          trainingJobName: nightly
          roleARN: arn:aws:iam::111122223333:role/x
          enableManagedSpotTraining: true
          checkpointConfig: {s3URI: s3://b/x/}
          stoppingCondition: {maxRuntimeInSeconds: 7200, maxWaitTimeInSeconds: 3600}
        """
    [found] = files.read(written(tmp_path, "job.yaml", text)).requests
    assert (found.get(WAIT), found.get("CheckpointConfig.S3Uri")) == (3600, "s3://b/x/")
    assert found.get("RoleArn").endswith(":role/x")


def test_a_template_in_yaml_with_short_functions_is_read(tmp_path: Path):
    text = """
        Resources:
          Nightly:
            Type: AWS::StepFunctions::StateMachine
            Properties:
              RoleArn: !GetAtt Role.Arn
              Definition:
                StartAt: Train
                States:
                  Train:
                    Type: Task
                    Resource: arn:aws:states:::sagemaker:createTrainingJob.sync
                    Parameters:
                      RoleArn: !Ref Role
                      StoppingCondition: {MaxRuntimeInSeconds: 7200, MaxWaitTimeInSeconds: 3600}
        """
    [found] = files.read(written(tmp_path, "template.yaml", text)).requests
    assert found.get(WAIT) == 3600
    assert isinstance(found.members["RoleArn"], Unknown)


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        (machine(Wait={"Type": "Wait"}), "is a state machine of Step Functions, and none"),
        (
            {"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}},
            "is a CloudFormation template",
        ),
        ({"Resources": {"B": {"Type": "AWS::S3::Bucket"}}}, "is a CloudFormation template"),
        ({"detail-type": "x", "detail": {}, "source": "y"}, "is an event of EventBridge"),
        ({"TrainingJobSummaries": []}, "is an answer of ListTrainingJobs"),
        ({"apiVersion": "v1", "kind": "Pod"}, "is a Kubernetes Pod"),
        ({"Version": "2012-10-17", "Statement": []}, "is an IAM policy"),
        ({"a": 1}, "has none of CreateTrainingJob's members"),
        ({}, "has none of CreateTrainingJob's members"),
        ([], "is no request"),
        ("text", "is no request"),
        (machine(Train=5), "is a state machine"),
        (
            {"Resources": {"N": {"Type": "A::B", "Properties": {"DefinitionString": "{"}}}},
            "template",
        ),
    ],
)
def test_a_document_that_is_no_request_is_said_to_be_what_it_is(document, kind):
    with pytest.raises(NotARequest) as sentence:
        requests(document, "file")
    assert kind in str(sentence.value)


BOMB = "a: &a [x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("a: [", "is not YAML: line 1"),
        ("", "is empty"),
        ("just a text", "is no request"),
        ("!!python/object/apply:os.system ['true']", "is not YAML"),
        (BOMB, "has more than 100,000 values"),
        ("a: &a [*a]", "has more than 100,000 values"),
        ("a: " + "[" * 3000, "is not YAML"),
        ("TrainingJobName: " + "*x" * 3, "is not YAML"),
    ],
)
def test_yaml_that_cannot_be_a_request_is_one_sentence(tmp_path: Path, content, sentence):
    with pytest.raises(CommandError) as reason:
        files.read(written(tmp_path, "x.yaml", content))
    assert sentence in str(reason.value)


PLACE = "CheckpointConfig.S3Uri"


@pytest.mark.parametrize(
    ("member", "text", "shown"),
    [
        ("S3Uri.$", "States.Format('s3://ml/{}/ckpt/', $.name)", "s3://ml/{...}/ckpt/"),
        ("S3Uri.$", "States.Format('s3://ml/it\\'s/{}-{}', $.a, $.b)", "s3://ml/it's/{...}-{...}"),
        ("S3Uri", "{% 's3://ml/' & $states.input.name & '/' %}", "s3://ml/{...}/"),
        ("S3Uri", '{% "s3://" & $bucket & "/ckpt/" %}', "s3://{...}/ckpt/"),
        ("S3Uri", {"Fn::Sub": "s3://ml/${Name}/"}, "s3://ml/{...}/"),
        ("S3Uri", {"Fn::Sub": ["s3://ml/${Name}/", {"Name": "x"}]}, "s3://ml/{...}/"),
        ("S3Uri", {"Fn::Join": ["/", ["s3://ml", {"Ref": "Name"}, ""]]}, "s3://ml/{...}/"),
    ],
)
def test_a_text_that_is_filled_in_later_is_known_in_part(member, text, shown):
    given = {"CheckpointConfig": {member: text}}
    found = one(machine(Train=state(Parameters=given)))
    assert found.partly(PLACE).shown == shown


@pytest.mark.parametrize(
    ("member", "text"),
    [
        ("S3Uri.$", "$.place"),
        ("S3Uri.$", "States.Format($.template, 'x')"),
        ("S3Uri.$", "States.Format('{}', $.place)"),
        ("S3Uri.$", 5),
        ("S3Uri", "{% $exists($x) ? 's3://a/' : 's3://b/' %}"),
        ("S3Uri", "{% $place %}"),
        ("S3Uri", {"Ref": "Place"}),
        ("S3Uri", {"Fn::Join": ["/"]}),
        ("S3Uri", {"Fn::Sub": []}),
    ],
)
def test_a_text_of_which_nothing_is_known_stays_open(member, text):
    found = one(machine(Train=state(Parameters={"CheckpointConfig": {member: text}})))
    with pytest.raises(NotKnown):
        found.partly(PLACE)


def test_what_a_pipeline_joins_is_known_in_part():
    place = {"Std:Join": {"On": "/", "Values": ["s3://ml", {"Get": "Parameters.Name"}, "ckpt/"]}}
    step = {
        "Name": "Train",
        "Type": "Training",
        "Arguments": {"CheckpointConfig": {"S3Uri": place}},
    }
    found = one({"Version": "2020-12-01", "Steps": [step]})
    assert found.partly(PLACE).shown == "s3://ml/{...}/ckpt/"
