"""DynamoDB of MiniStack, the laptop's embedded AWS, in a process of its own: an engine that is neither moto's nor ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from laptop import startup
from laptop.location import Laptop, free_ports


@contextmanager
def ministack_dynamodb(home: Path) -> Iterator[Any]:
    """A client of it. The process has this folder, and ends with the body."""
    (home / "tmp").mkdir()
    aws, unused = free_ports(2)
    place = Laptop(home, aws, unused, "AKIACOMPARED")
    try:
        place = startup.start_aws(place)
        client = startup.client(place, "dynamodb")
        yield client
        client.close()
    finally:
        startup.down(home)
