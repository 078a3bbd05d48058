"""What several stories use."""

import logging
from collections.abc import Iterator

import pytest

from handlers import resubmit as handler


@pytest.fixture
def quiet() -> Iterator[None]:
    """Thousands of runs log millions of lines."""
    before = handler.logger.log_level
    handler.logger.setLevel(logging.CRITICAL)
    yield
    handler.logger.setLevel(before)
