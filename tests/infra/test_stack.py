"""The stack as a whole: what others find it by, and what AWS may choose itself."""

import json
from pathlib import Path

from cfnlint.api import lint_file

from tests.infra.template import Template

OUTPUTS = {
    "LedgerName",
    "AlertsTopicArn",
    "OperationsTopicArn",
    "IntakeUrl",
    "IntakeDeadLettersUrl",
    "RecordFunctionName",
    "AlertFunctionName",
    "SweepFunctionName",
    "DashboardFunctionName",
    "DashboardUrl",
    "CheckpointQuietSeconds",
    "CheckpointsWatched",
    "HasDeadlines",
    "SpotterVersion",
}
SLACK = {"NotifySlackFunctionName", "SlackQueueUrl", "SlackSecretArn"}
RESUBMITS = {
    "PauseCommand",
    "PolicyParameter",
    "ResubmitFunctionName",
    "ResumeCommand",
    "SwitchParameter",
}
NAMES = {
    "DashboardName",
    "FunctionName",
    "LogGroupName",
    "Name",
    "QueueName",
    "RoleName",
    "TableName",
    "TopicName",
}
REFER_TO_ANOTHER = {"AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig"}


def test_the_command_line_finds_what_was_deployed(templates: dict[str, Template]) -> None:
    assert templates["shipped"].outputs.keys() == OUTPUTS
    assert templates["advise"].outputs.keys() == OUTPUTS | RESUBMITS
    assert templates["act"].outputs.keys() == OUTPUTS | RESUBMITS | SLACK


def test_only_parameters_and_the_dashboard_are_named_by_us(template: Template) -> None:
    """A name of one's own is in the way of a second stack, and of a replacement."""
    named = {
        resource["Type"]
        for resource in template.raw["Resources"].values()
        if NAMES & resource.get("Properties", {}).keys()
        and resource["Type"] not in REFER_TO_ANOTHER
    }
    assert named <= {"AWS::CloudWatch::Dashboard", "AWS::SSM::Parameter"}
    names = [parameter["Name"] for parameter in template.all("SSM::Parameter").values()]
    assert all(name.startswith("/Spotter/") for name in names)


def test_cfn_lint_finds_nothing(template: Template, tmp_path: Path) -> None:
    file = tmp_path / "template.json"
    file.write_text(json.dumps(template.raw))
    assert [str(finding) for finding in lint_file(file)] == []
