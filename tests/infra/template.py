"""A synthesised template, read back: references are names, and the account is known."""

from collections.abc import Iterator
from typing import Any

HERE = {"AWS::Partition": "aws", "AWS::AccountId": "111122223333", "AWS::Region": "eu-west-1"}
HERE["AWS::URLSuffix"] = "amazonaws.com"
Properties = dict[str, Any]


def plain(value: Any) -> Any:
    """The value with a reference to X as `X`, and to its attribute Y as `X.Y`."""
    match value:
        case {"Ref": name}:
            return HERE.get(name, name)
        case {"Fn::GetAtt": [name, attribute]}:
            return f"{name}.{attribute}"
        case {"Fn::Join": [separator, parts]}:
            return separator.join(plain(part) for part in parts)
        case {"Fn::Sub": text}:
            return text
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
    return value


class Template:
    """What a stack would make."""

    def __init__(self, raw: dict[str, Any]):
        self.raw = raw
        self.outputs = {name: plain(output["Value"]) for name, output in raw["Outputs"].items()}

    def all(self, kind: str) -> dict[str, Properties]:
        """Every resource of a kind, such as `SQS::Queue`: its properties by its logical id."""
        return {
            name: plain(resource.get("Properties", {}))
            for name, resource in self.raw["Resources"].items()
            if resource["Type"] == f"AWS::{kind}"
        }

    def only(self, kind: str) -> tuple[str, Properties]:
        """The one resource of its kind."""
        [found] = self.all(kind).items()
        return found

    def function(self, verb: str) -> tuple[str, Properties]:
        """The function whose handler is named for this verb."""
        [found] = [
            (name, function)
            for name, function in self.all("Lambda::Function").items()
            if function["Handler"] == f"handlers.{verb}.handler"
        ]
        return found

    def role_of(self, verb: str) -> str:
        """The logical id of a function's role."""
        return str(self.function(verb)[1]["Role"]).removesuffix(".Arn")

    def may(self, role: str | None = None) -> Iterator[Properties]:
        """The statements of what a role may do; without one, those of every role."""
        for name, properties in self.all("IAM::Role").items():
            if role in (None, name):
                for policy in properties.get("Policies", []):
                    yield from statements(policy)
        for policy in self.all("IAM::Policy").values():
            if role is None or role in policy["Roles"]:
                yield from statements(policy)

    def policy_on(self, kind: str, member: str, name: str) -> list[Properties]:
        """The statements of the policies that hang on a queue or a topic."""
        policies = self.all(kind).values()
        return [s for policy in policies if name in policy[member] for s in statements(policy)]


def statements(policy: Properties) -> Iterator[Properties]:
    """The statements of a policy, with Action and Resource as lists."""
    for statement in policy["PolicyDocument"]["Statement"]:
        yield {
            **statement,
            "Action": listed(statement["Action"]),
            "Resource": listed(statement.get("Resource", [])),
        }


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
