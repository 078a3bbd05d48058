"""What is shipped has a bill of materials, and only licences that let anybody use it."""

import re

import pytest

from infra.bill_of_materials import REPOSITORY, SHIPPED, bill, permitted


@pytest.mark.parametrize("name", SHIPPED)
def test_every_package_of_a_lock_file_is_in_its_bill_with_hashes_and_a_licence(name: str) -> None:
    locked = (REPOSITORY / f"requirements/{name}.txt").read_text()
    components = bill(name)["components"]
    assert len(components) == len(re.findall(r"(?m)^\S+==", locked))
    assert sum(len(one["hashes"]) for one in components) == locked.count("--hash=sha256:")
    licences = {one["name"]: one["licenses"][0]["license"]["name"] for one in components}
    assert {n: text for n, text in licences.items() if not permitted(text)} == {}


@pytest.mark.parametrize(
    ("licences", "may"),
    [
        ("MIT", True),
        ("BSD License; Apache Software License", True),
        ("GPL-3.0-only OR MIT", True),
        ("(MIT OR Apache-2.0) AND BSD-3-Clause", True),
        ("GPL-3.0-only", False),
        ("MIT; GNU Affero General Public License v3", False),
        ("MIT AND GPL-3.0-only", False),
        ("LIMITED", False),
        ("Business Source License 1.1", False),
        ("unknown", False),
        ("unknown: the package is not installed here", False),
    ],
)
def test_a_licence_that_is_not_permissive_or_not_known_is_refused(licences: str, may: bool) -> None:
    assert permitted(licences) is may
