"""What the stack's template declares, with the names that CloudFormation gave it.

Only as much of the template's functions is resolved as Spotter's own template uses; what cannot be
resolved is None, and is compared with nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

DIGITS = re.compile(r"[0-9A-F]{8}$")


@dataclass(frozen=True)
class Declared:
    """One resource: its logical id, its properties, and the physical id; None if CloudFormation shows none."""

    logical: str
    properties: Mapping[str, Any]
    physical: str | None

    @property
    def word(self) -> str:
        """The logical id without the CDK's digits: `IntakeDeadLetters`."""
        return DIGITS.sub("", self.logical)


@dataclass(frozen=True)
class DeclaredStack:
    """The resources of a deployed template. `ids` are physical ids by logical ids."""

    resources: Mapping[str, Any]
    ids: Mapping[str, str]
    partition: str
    region: str
    account: str

    def of(self, kind: str) -> Iterator[Declared]:
        """The resources of a type, such as `AWS::Lambda::Function`."""
        for logical, resource in self.resources.items():
            if resource["Type"] == kind:
                yield Declared(logical, resource.get("Properties", {}), self.ids.get(logical))

    def one(self, kind: str) -> Declared | None:
        """The only resource of a type; None if the template has none or several."""
        found = [*self.of(kind)]
        return found[0] if len(found) == 1 else None

    def resolved(self, value: Any) -> Any:
        """A value of the template as CloudFormation fills it in; None for what is not resolved here."""
        if isinstance(value, list):
            return [self.resolved(item) for item in value]
        if not isinstance(value, Mapping):
            return value
        match [*value.items()]:
            case [("Ref", name)]:
                return self._ref(name)
            case [("Fn::GetAtt", [name, attribute])]:
                return self._attribute(name, attribute)
            case [("Fn::Join", [between, parts])]:
                texts = self.resolved(parts)
                return None if None in texts else between.join(texts)
        return {key: self.resolved(item) for key, item in value.items()}

    def _ref(self, name: str) -> str | None:
        pseudo = {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
        }
        return pseudo.get(name) or self.ids.get(name)

    def _attribute(self, name: str, attribute: str) -> str | None:
        known, resource = self.ids.get(name), self.resources.get(name)
        if known is None or resource is None:
            return None
        if attribute == "Id":
            return known if known.startswith("arn:") else None
        form = ARNS.get(resource["Type"]) if attribute == "Arn" else None
        if form is None:
            return None
        where = {"p": self.partition, "r": self.region, "a": self.account}
        return form.format(**where, name=known.rpartition("/")[2])


ARNS = {
    "AWS::SQS::Queue": "arn:{p}:sqs:{r}:{a}:{name}",
    "AWS::Lambda::Function": "arn:{p}:lambda:{r}:{a}:function:{name}",
    "AWS::DynamoDB::Table": "arn:{p}:dynamodb:{r}:{a}:table/{name}",
    "AWS::IAM::Role": "arn:{p}:iam::{a}:role/{name}",
    "AWS::Events::Rule": "arn:{p}:events:{r}:{a}:rule/{name}",
}
"""The ARN of a resource, by its type and physical id."""
