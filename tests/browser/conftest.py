"""One Chromium for all tests of pages, on one of the processes that run tests."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import chromium
from tests.browser.opening import Opened, opened


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    if chromium.found() is None:
        pytest.skip(chromium.NONE)
    with chromium.running() as found:
        yield found


@pytest.fixture
def look(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """Opens a page of HTML; every page that a test opened is closed after it."""
    pages: list[Opened] = []

    def at(html: str, **how: Any) -> Opened:
        pages.append(opened(browser, html, tmp_path, **how))
        return pages[-1]

    yield at
    for one in pages:
        one.page.context.close()
