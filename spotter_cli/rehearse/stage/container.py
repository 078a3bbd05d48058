"""The layout and the environment of SageMaker's container for a plain Python script, as plain values.

They are those of SageMaker's training toolkit, which starts the script in AWS's own images:
https://github.com/aws/sagemaker-training-toolkit/blob/master/ENVIRONMENT_VARIABLES.md. In an image without
it only the files below `input/config` are there.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

ML = PurePosixPath("/opt/ml")
"""Where everything lies in SageMaker's container."""
CHECKPOINTS = str(ML / "checkpoints")
"""CheckpointConfig.LocalPath, if the request does not set another."""
HOST = "algo-1"
INSTANCE = "ml.m5.large"
GROUP = "homogeneousCluster"
_HARD_CODED = re.compile(r"(?<![\w.])/opt/ml(?![\w-])")


@dataclass(frozen=True)
class ScriptContainer:
    """What a training job says about its script, and the folder that stands for `/opt/ml`.

    `ml` is `/opt/ml` itself where the script runs in a mount namespace. `hyperparameters` are text, as SageMaker
    has them. `channels` maps names to nothing: their folders lie below `input/data`. `arguments` follow the
    hyperparameters on the command line.
    """

    script: str
    ml: PurePosixPath = ML
    hyperparameters: Mapping[str, str] = field(default_factory=dict)
    channels: Sequence[str] = ()
    arguments: Sequence[str] = ()
    checkpoints: str = CHECKPOINTS
    instance: str = INSTANCE
    cpus: int = 1
    gpus: int = 0

    def at(self, path: str) -> str:
        """A path or a text of the container, with `/opt/ml` where it is here."""
        return _HARD_CODED.sub(str(self.ml), path) if self.ml != ML else path

    def command(self) -> list[str]:
        """What follows the interpreter: the script, the hyperparameters by name, the arguments."""
        return [self.script, *self._user_arguments()]

    def _user_arguments(self) -> Iterator[str]:
        for name, value in sorted(self.hyperparameters.items()):
            yield f"--{name}" if len(name) > 1 else f"-{name}"
            yield self.at(_decoded_text(value))
        yield from map(self.at, self.arguments)

    def environment(self) -> dict[str, str]:
        """The variables, all of them text."""
        values = self._values()
        made = {f"SM_{name.upper()}": _text(value) for name, value in values.items()}
        for name, value in values["hps"].items():
            made[f"SM_HP_{_variable(name)}"] = _text(value)
        for name in self.channels:
            made[f"SM_CHANNEL_{_variable(name)}"] = str(self.ml / "input/data" / name)
        made["SM_TRAINING_ENV"] = json.dumps(values)
        made["TRAINING_JOB_NAME"] = "rehearsal"
        made["PYTHONUNBUFFERED"] = "1"
        return made

    def _values(self) -> dict[str, Any]:
        here = {name: str(self.ml / path) for name, path in _FOLDERS.items()}
        hosts = self.resource_config()
        return here | {
            "hps": {name: _decoded(self.at(v)) for name, v in self.hyperparameters.items()},
            "channels": sorted(self.channels),
            "user_args": list(self._user_arguments()),
            "user_entry_point": PurePosixPath(self.script).name,
            "module_name": PurePosixPath(self.script).stem,
            "resource_config": hosts,
            "input_data_config": self.input_data_config(),
            "current_host": HOST,
            "hosts": [HOST],
            "current_instance_type": self.instance,
            "current_instance_group": GROUP,
            "current_instance_group_hosts": [HOST],
            "instance_groups": [GROUP],
            "instance_groups_dict": {GROUP: hosts["instance_groups"][0]},
            "is_hetero": False,
            "num_cpus": self.cpus,
            "num_gpus": self.gpus,
            "num_neurons": 0,
            "network_interface_name": "eth0",
            "log_level": 20,
            "framework_params": {},
            "job_name": "rehearsal",
        }

    def resource_config(self) -> dict[str, Any]:
        """`input/config/resourceconfig.json`."""
        group = {
            "instance_group_name": GROUP,
            "instance_type": self.instance,
            "hosts": [HOST],
        }
        return {
            "current_host": HOST,
            "current_instance_type": self.instance,
            "current_group_name": GROUP,
            "hosts": [HOST],
            "instance_groups": [group],
            "network_interface_name": "eth0",
        }

    def input_data_config(self) -> dict[str, Any]:
        """`input/config/inputdataconfig.json`."""
        one = {
            "TrainingInputMode": "File",
            "S3DistributionType": "FullyReplicated",
            "RecordWrapperType": "None",
        }
        return dict.fromkeys(sorted(self.channels), one)


_FOLDERS = {
    "model_dir": "model",
    "input_dir": "input",
    "input_config_dir": "input/config",
    "output_dir": "output",
    "output_data_dir": "output/data",
    "output_intermediate_dir": "output/intermediate",
    "module_dir": "code",
}


def names_the_container(text: str) -> bool:
    """True where a script's text holds a path below `/opt/ml`."""
    return _HARD_CODED.search(text) is not None


def _variable(name: str) -> str:
    return re.sub(r"\W", "_", name).upper()


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _decoded(value: str) -> Any:
    """A value as SageMaker's SDK wrote it: JSON where it is, else text."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _decoded_text(value: str) -> str:
    """On the command line: text without the quotes that the SDK puts around it."""
    read = _decoded(value)
    return read if isinstance(read, str) else value
