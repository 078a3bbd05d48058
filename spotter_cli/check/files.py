"""Requests in files: scripts, notebooks, JSON and YAML, folders of them, and standard input."""

import json
import re
import sys
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spotter.core.check.request import Request
from spotter_cli.check import documents, scripts, yaml_text
from spotter_cli.check.documents import NotARequest
from spotter_cli.check.python import cells
from spotter_cli.check.yaml_text import NotYaml
from spotter_cli.errors import CommandError
from spotter_cli.output.terminal import plain

LARGEST, LARGEST_NOTEBOOK = 1_000_000, 50_000_000
"""Bytes; a request that SageMaker takes is far smaller, and a notebook holds pictures beside its code."""

STANDARD_INPUT = "-"
SUFFIXES = (".py", ".ipynb", ".json", ".yaml", ".yml")
LEFT_OUT = frozenset({"node_modules", "__pycache__", "site-packages", "venv", "build", "dist"})
"""Folders that hold other people's code; those whose name begins with a dot are left out as well."""

MENTIONED = re.compile(rb"TrainingJob|AlgorithmSpecification|ResourceConfig|StoppingCondition")
"""What a document says that requests a training job."""

MOST_FILES = 10_000
WANTED = (
    "no Estimator or ModelTrainer of the SageMaker SDK, no @remote, no TrainingJob.create, no "
    "SageMakerTrainingOperator, and no create_training_job"
)


@dataclass
class Read:
    """What was read: the requests of each file, the parts that could not be, and how many files were read."""

    by_file: list[list[Request]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    files: int = 0

    @property
    def requests(self) -> list[Request]:
        return [request for of_one in self.by_file for request in of_one]


class NoJob(CommandError):
    """A file that can be read, and has no training job in it."""


def is_a_file(word: str) -> bool:
    """True if the word names a file or folder, or standard input; CommandError if it looks like one."""
    path = Path(word)
    try:
        if word == STANDARD_INPUT or path.exists():
            return True
        leads_nowhere = path.is_symlink()
    except (OSError, ValueError):
        leads_nowhere = False
    if leads_nowhere:
        raise CommandError(f"{plain(word)} is a symbolic link that leads to no file.")
    if "/" in word or "\\" in word or path.suffix:
        raise CommandError(f"There is no file named {plain(word)}.")
    return False


def read(word: str) -> Read:
    """All requests in a file, a folder or standard input; CommandError if a file has none."""
    if word == STANDARD_INPUT:
        return _file("standard input", sys.stdin.buffer.read(LARGEST_NOTEBOOK + 1), "")
    path = Path(word)
    if path.is_dir():
        return _folder(path)
    return _file(plain(str(path)), _content(path), path.suffix)


def _folder(folder: Path) -> Read:
    """The requests in every file of a folder; a file without a request is only counted.

    What cannot be read is named; a document only where it names training jobs.
    """
    found = Read()
    for path in _files(folder):
        found.files += 1
        content = b""
        try:
            content = _content(path)
            one = _file(plain(str(path)), content, path.suffix)
        except NoJob:
            continue
        except CommandError as reason:
            if (
                path.suffix in (".py", ".ipynb")
                or not content
                or MENTIONED.search(_in_utf_8(content))
            ):
                found.unread.append(str(reason).rstrip("."))
            continue
        found.by_file += one.by_file
        found.unread += one.unread
    if not found.files:
        kinds = ", ".join(SUFFIXES)
        raise CommandError(
            f"{plain(str(folder))} holds no file that may have training jobs ({kinds})."
        )
    return found


def _files(folder: Path) -> Iterator[Path]:
    """The files that may hold a request, in the order of their names."""
    rest, count = [folder], 0
    while rest:
        try:
            inside = sorted(rest.pop().iterdir())
        except OSError:
            continue
        for path in inside:
            if path.is_dir() and not path.is_symlink():
                if path.name not in LEFT_OUT and not path.name.startswith("."):
                    rest.append(path)
            elif path.suffix in SUFFIXES and path.is_file():
                count += 1
                if count > MOST_FILES:
                    raise CommandError(
                        f"{plain(str(folder))} holds more than {MOST_FILES:,} files that may have "
                        "training jobs: name a smaller folder."
                    )
                yield path


def _file(name: str, content: bytes, suffix: str) -> Read:
    """The requests in a file of this name and content; its kind follows from both."""
    content = _in_utf_8(content)
    start = content.lstrip(b"\xef\xbb\xbf \t\r\n")
    looks_like_json = suffix not in (".py", ".yaml", ".yml") and start[:1] in (b"{", b"[")
    if len(content) > LARGEST and suffix != ".ipynb" and b'"cells"' not in content:
        raise CommandError(f"{name} is larger than {LARGEST:,} bytes: no request is.")
    if not start:
        raise NoJob(f"{name} is empty.")
    if suffix in (".json", ".ipynb") or looks_like_json:
        return _document(_json(content, name), name, notebook=suffix == ".ipynb")
    if suffix in (".yaml", ".yml"):
        return _yaml_documents(content, name)
    try:
        found = scripts.in_script(content, name)
    except scripts.NotFollowed as mistake:
        raise CommandError(f"{name} cannot be followed: {plain(str(mistake))}.") from None
    except scripts.NotAScript as mistake:
        if suffix != ".py" and (read := _maybe_yaml(content, name)):
            return read
        kind = "no Python" if suffix == ".py" else "neither JSON, YAML nor Python"
        raise CommandError(f"{name} is {kind}: {plain(str(mistake))}.") from None
    if not found.requests and suffix != ".py" and (read := _maybe_yaml(content, name)):
        return read  # `Key: value` is Python, too
    if not found.requests:
        raise NoJob(f"{name} has no training job that can be recognised: {WANTED}.")
    return Read([found.requests], [plain(one) for one in found.unread], files=1)


def _in_utf_8(content: bytes) -> bytes:
    """The content; of a text in UTF-16 with a mark at its start, as Windows shells write it, in UTF-8."""
    if not content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)):
        return content
    try:
        return content.decode("utf-16").encode()
    except UnicodeError:
        return content


def _document(document: Any, name: str, *, notebook: bool = False) -> Read:
    if isinstance(document, dict) and ("cells" in document or notebook):
        return _notebook(document, name)
    try:
        return Read([documents.requests(document, name)], files=1)
    except NotARequest as sentence:
        raise NoJob(f"{name} {plain(str(sentence))}.") from None


def _notebook(notebook: dict[str, Any], name: str) -> Read:
    language = cells.language(notebook)
    if "python" not in language:
        raise CommandError(f"{name} is a notebook in {plain(language)}: Python is read.")
    try:
        found = scripts.in_notebook(notebook, name)
    except scripts.NotFollowed as mistake:
        raise CommandError(f"{name} cannot be followed: {plain(str(mistake))}.") from None
    unread = [plain(one) for one in found.unread]
    if not found.requests:
        more = f" ({'; '.join(unread)})" if unread else ""
        message = f"{name} has no training job that can be recognised: {WANTED}{more}."
        raise CommandError(message) if unread else NoJob(message)
    return Read([found.requests], unread, files=1)


def _yaml_documents(content: bytes, name: str) -> Read:
    """Each document of a YAML file; the message of the last one where none has a request."""
    found: list[Request] = []
    sentence = ""
    for number, document in enumerate(_yaml(content, name), 1):
        try:
            found += documents.requests(document, name if number == 1 else f"{name} ({number})")
        except NotARequest as mistake:
            sentence = plain(str(mistake))
    if not found:
        raise NoJob(f"{name} {sentence or 'is empty'}.")
    return Read([found], files=1)


def _maybe_yaml(content: bytes, name: str) -> Read | None:
    """What is not Python may be YAML, where it holds a mapping."""
    try:
        first = _yaml(content, name)[:1]
    except CommandError:
        return None
    return _yaml_documents(content, name) if first and isinstance(first[0], dict) else None


def _yaml(content: bytes, name: str) -> list[Any]:
    try:
        return yaml_text.loaded(content)
    except NotYaml as mistake:
        raise CommandError(f"{name} {plain(str(mistake))}.") from None


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST_NOTEBOOK + 1)
    except OSError as mistake:
        raise CommandError(f"{plain(str(path))} cannot be read: {mistake.strerror}.") from None
    if len(content) > LARGEST_NOTEBOOK:
        raise CommandError(f"{plain(str(path))} is larger than {LARGEST_NOTEBOOK:,} bytes.")
    return content


def _json(content: bytes, name: str) -> Any:
    try:
        return json.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except RecursionError:
        raise CommandError(f"{name} is nested too deep for a request.") from None
    except UnicodeDecodeError as mistake:
        where = f"byte {mistake.start + 1}"
        raise CommandError(f"{name} is not JSON: it is no text in UTF-8 ({where}).") from None
    except ValueError as mistake:
        raise CommandError(f"{name} is not JSON: {plain(str(mistake))}.") from None
