"""What is shipped has a bill of materials, and only licences that let anybody use it."""

import re

import pytest

from infra.bill_of_materials import REPOSITORY, SHIPPED, bill

PERMITTED = ("Apache", "MIT", "BSD", "ISC", "PSF", "Python Software Foundation")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_package_of_a_lock_file_is_in_its_bill_with_hashes_and_a_licence(name: str) -> None:
    locked = (REPOSITORY / f"requirements/{name}.txt").read_text()
    components = bill(name)["components"]
    assert len(components) == len(re.findall(r"(?m)^\S+==", locked))
    assert sum(len(one["hashes"]) for one in components) == locked.count("--hash=sha256:")
    licences = {one["name"]: one["licenses"][0]["license"]["name"] for one in components}
    assert {n: text for n, text in licences.items() if not any(p in text for p in PERMITTED)} == {}
