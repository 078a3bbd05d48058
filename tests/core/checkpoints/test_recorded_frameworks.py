"""What real frameworks left in a bucket when they were killed in a save, as a listing tells it.

The recordings and their truth (what the framework itself can load) are made by tests/frameworks.
"""

from functools import cache

import pytest

from spotter.core.checkpoints.content import resume_of
from spotter.core.checkpoints.layout import Resume
from tests.frameworks.figures import (
    FIRST_FILE,
    LOOKS,
    UPLOADERS,
    Figures,
    Recording,
    by_scenario,
    figures,
    recordings,
)

LIBRARIES, KILLS = 10, 20


@cache
def recorded() -> tuple[Recording, ...]:
    return tuple(recordings())


@cache
def made(uploader: str) -> Figures:
    return figures(recording for recording in recorded() if recording.uploader == uploader)


def refused_as_unfinished() -> list[tuple[Recording, str]]:
    """The recordings whose newest entry is unfinished and would be loaded, though an older one is complete."""
    found = []
    for one in recorded():
        seen = one.findings(LOOKS[-1])
        newest = seen.unfinished_newest
        if newest and seen.complete and resume_of(newest) is Resume.LOADS:
            found.append((one, one.recorded(newest)))
    return found


def test_what_is_refused_as_unfinished_is_what_the_framework_resumes_from_and_cannot_load():
    refused = refused_as_unfinished()
    assert len(refused) >= 40
    assert [one.id for one, name in refused if one.resume != name] == []
    loads = [one.id for one, name in refused if one.loads(name)]
    assert len(loads) <= 6, loads  # without its random states, or whole and said to lack a part


def test_ten_libraries_and_more_were_recorded():
    libraries = {next(iter(recording.versions)) for recording in recorded()}
    assert len(libraries) >= LIBRARIES, libraries


@pytest.mark.parametrize("scenario", by_scenario(recordings()))
def test_each_was_killed_twenty_times_in_a_save_and_came_once_to_its_end(scenario: str):
    of_it = by_scenario(recorded())[scenario]["closed"]
    assert sum(recording.during_a_save for recording in of_it) >= KILLS
    assert [recording.killed for recording in of_it].count(False) == 1


def test_what_is_called_complete_loads_where_files_are_taken_when_nobody_writes_them():
    assert made("closed").wrong_share <= 0.01, made("closed").wrong


def test_what_is_called_complete_loads_where_files_are_taken_at_once_but_for_first_files():
    assert made("at-once").without(FIRST_FILE) <= 0.01, made("at-once").wrong


@pytest.mark.parametrize("uploader", UPLOADERS)
def test_what_is_whole_is_found(uploader: str):
    assert made(uploader).found_share >= 0.99


@pytest.mark.parametrize("uploader", UPLOADERS)
def test_whatever_is_called_complete_and_does_not_load_has_an_explanation(uploader: str):
    assert [w for w in made(uploader).wrong if not w.why] == []
