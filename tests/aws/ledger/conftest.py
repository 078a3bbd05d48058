"""MiniStack's DynamoDB, beside ours; moto's is in tests/conftest.py."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.ministack_dynamodb import ministack_dynamodb


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with ministack_dynamodb(tmp_path_factory.mktemp("ministack")) as client:
        yield client
