"""The folders of a rehearsal: what a fresh machine of SageMaker holds when the script starts.

All of it lies in one folder. Each attempt gets a machine of its own, with a copy of the script's folder, so
that nothing but the bucket's contents survives an attempt.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from spotter_cli.errors import CommandError
from spotter_cli.rehearse.observed.observations import FOLDERS_VARIABLE, LOG_VARIABLE
from spotter_cli.rehearse.stage import namespace
from spotter_cli.rehearse.stage.container import ML, ScriptContainer, names_the_container
from spotter_cli.rehearse.uploads.bucket import Contents, restore

LARGEST, MOST = 20 << 20, 500 << 20
"""Bytes of a file that is copied with the script, and of all of them."""
NO_CODE = ("__pycache__", "node_modules", "site-packages")
HOOK = Path(__file__).parents[1] / "hook"
MARK = "SPOTTER_REHEARSAL"
"""In the environment of all processes of an attempt: by it they are found, wherever they went."""


@dataclass(frozen=True)
class TrainingScript:
    """A script to rehearse, its interpreter, and what its training job gives it.

    `folder` is copied with it. `in_namespace` is True where it names `/opt/ml` itself and this machine can
    put a folder there.
    """

    path: Path
    python: str
    folder: Path | None = None
    channels: Mapping[str, Path] = field(default_factory=dict)
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    checkpoints: str = "/opt/ml/checkpoints"
    instance: str = "ml.m5.large"
    in_namespace: bool = False

    @property
    def names_the_container(self) -> bool:
        """True if it, or a module beside it, holds a path below `/opt/ml`."""
        files = [self.path, *(f for f in _code(self.folder) if f.suffix == ".py")] if self.folder else [self.path]  # fmt: skip
        return any(names_the_container(file.read_text(errors="replace")) for file in files)

    def staged(self) -> "TrainingScript":
        """With the namespace if that is needed and possible."""
        return replace(self, in_namespace=self.names_the_container and namespace.is_possible())


@dataclass(frozen=True)
class StagedMachine:
    """One attempt's machine. `ml` stands for `/opt/ml`, `checkpoints` is what the uploader copies."""

    root: Path
    script: TrainingScript
    cpus: int = field(default_factory=lambda: os.cpu_count() or 1)

    @property
    def ml(self) -> Path:
        return self.root / "ml"

    @property
    def code(self) -> Path:
        return self.ml / "code"

    @property
    def model(self) -> Path:
        return self.ml / "model"

    @property
    def log(self) -> Path:
        """What the hook writes."""
        return self.root / "observations.jsonl"

    @property
    def checkpoints(self) -> Path:
        local = PurePosixPath(self.script.checkpoints)
        return self.ml / (local.relative_to(ML) if local.is_absolute() else "code" / local)

    @property
    def checkpoints_in_script(self) -> str:
        """The same folder as the script sees it."""
        if self.script.in_namespace:
            return str(ML / self.checkpoints.relative_to(self.ml))
        return str(self.checkpoints)

    @property
    def container(self) -> ScriptContainer:
        """The same as plain values, as the script sees them."""
        return ScriptContainer(
            script=str((ML if self.script.in_namespace else self.ml) / "code" / self.entry_point),
            ml=ML if self.script.in_namespace else PurePosixPath(self.ml),
            hyperparameters=self.script.hyperparameters,
            channels=tuple(self.script.channels),
            arguments=self.script.arguments,
            checkpoints=self.script.checkpoints,
            instance=self.script.instance,
            cpus=self.cpus,
        )

    @property
    def entry_point(self) -> str:
        """The script's path below the folder that is copied with it."""
        if self.script.folder and self.script.path.is_relative_to(self.script.folder):
            return str(self.script.path.relative_to(self.script.folder))
        return self.script.path.name

    def lay(self, contents: Contents) -> None:
        """Make the folders and the files, and restore the bucket's contents."""
        for name in ("input/config", "input/data", "model", "output/data", "output/intermediate"):
            (self.ml / name).mkdir(parents=True)
        self.code.mkdir()
        (self.root / "tmp").mkdir()
        (self.root / "opt").mkdir()
        _copy_code(self.script, self.code / self.entry_point)
        self._configure()
        self.checkpoints.mkdir(parents=True, exist_ok=True)
        restore(contents, self.checkpoints)

    def _configure(self) -> None:
        config, container = self.ml / "input/config", self.container
        written = {
            "hyperparameters.json": dict(self.script.hyperparameters),
            "resourceconfig.json": container.resource_config(),
            "inputdataconfig.json": container.input_data_config(),
        }
        for name, value in written.items():
            (config / name).write_text(json.dumps(value))
        for name, folder in self.script.channels.items():
            _link_all(folder, self.ml / "input/data" / name)

    def command(self) -> list[str]:
        """How the attempt is started."""
        command = [self.script.python, *self.container.command()]
        if self.script.in_namespace:
            return namespace.within(self.ml, self.root / "opt", command)
        return command

    def environment(self, mark: str) -> dict[str, str]:
        """This process's own, SageMaker's variables, and the hook's."""
        own = {k: v for k, v in os.environ.items() if not k.startswith(("SM_", "SPOTTER_"))}
        path = [str(HOOK), str(self.container.ml / "code"), own.get("PYTHONPATH", "")]
        return (
            own
            | self.container.environment()
            | {
                "PYTHONPATH": os.pathsep.join(filter(None, path)),
                "TMPDIR": str(self.root / "tmp"),
                LOG_VARIABLE: str(self.log),
                FOLDERS_VARIABLE: self.checkpoints_in_script,
                MARK: mark,
            }
        )

    def shown(self, path: Path) -> str:
        """A path of this machine, as the script knows it."""
        if path.is_relative_to(self.ml):
            return str(ML / path.relative_to(self.ml))
        return str(path.relative_to(self.root))

    def remove(self) -> None:
        """Delete all of it."""
        shutil.rmtree(self.root, ignore_errors=True)


def _link_all(folder: Path, target: Path) -> None:
    """A channel's folder with links to what lies in the user's, so that gigabytes are not copied."""
    target.mkdir()
    if folder.is_file():
        (target / folder.name).symlink_to(folder)
        return
    for entry in folder.iterdir():
        (target / entry.name).symlink_to(entry)


def _copy_code(script: TrainingScript, target: Path) -> None:
    """Copy the script, and its folder if one is to go with it; CommandError if that is too large."""
    if script.folder:
        files = list(_code(script.folder))
        if sum(file.stat().st_size for file in files) > MOST:
            raise CommandError(
                f"{script.folder} holds more than {MOST >> 20} MB beside the script: name the folder "
                "of its code with --source-dir."
            )
        root = target.parents[len(script.path.relative_to(script.folder).parts) - 1]
        for file in files:
            copy = root / file.relative_to(script.folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, copy)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(script.path, target)


def _code(folder: Path) -> Iterator[Path]:
    """The files of a source folder: no hidden ones, no environments, nothing that is large."""
    for root, folders, files in os.walk(folder):
        here = Path(root)
        folders[:] = sorted(f for f in folders if _is_code(here / f))
        for name in sorted(files):
            file = here / name
            if not name.startswith(".") and file.is_file() and file.stat().st_size <= LARGEST:
                yield file


def _is_code(folder: Path) -> bool:
    hidden = folder.name.startswith(".") or folder.name in NO_CODE or folder.is_symlink()
    return not hidden and not (folder / "pyvenv.cfg").exists()
