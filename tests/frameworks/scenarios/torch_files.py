"""PyTorch's own ways of saving: one file, a folder of files, the old format, an overwritten file, DCP."""

from pathlib import Path
from typing import Any

from tests.frameworks.scenario import SAVES, Lacks, Pulse, Scenario, newest, top_level

WIDTH, LAYERS = 512, 3
"""3 MB of weights and 6 MB of Adam's moments."""


def model_and_optimizer() -> tuple[Any, Any]:
    """A stack of linear layers after one step, the same in each process."""
    import torch  # type: ignore[import-not-found]

    torch.manual_seed(7)
    torch.set_num_threads(1)
    model = torch.nn.Sequential(*(torch.nn.Linear(WIDTH, WIDTH) for _ in range(LAYERS)))
    optimizer = torch.optim.Adam(model.parameters())
    return model, optimizer


def one_step(model: Any, optimizer: Any) -> None:
    import torch

    optimizer.zero_grad()
    model(torch.ones(2, WIDTH)).square().mean().backward()
    optimizer.step()


def steps(pulse: Pulse) -> Any:
    """(step, model, optimizer), one pause and one training step each."""
    model, optimizer = model_and_optimizer()
    for step in range(1, SAVES + 1):
        pulse.pause()
        one_step(model, optimizer)
        yield step, model, optimizer


def state(step: int, model: Any, optimizer: Any) -> dict[str, Any]:
    return {"step": step, "model": model.state_dict(), "optimizer": optimizer.state_dict()}


def load_state(path: Path) -> None:
    import torch

    model, optimizer = model_and_optimizer()
    found = torch.load(path, weights_only=True)
    model.load_state_dict(found["model"])
    optimizer.load_state_dict(found["optimizer"])


def _train_files(folder: Path, pulse: Pulse) -> None:
    import torch

    for step, model, optimizer in steps(pulse):
        torch.save(state(step, model, optimizer), folder / f"step-{step}.pt")
        pulse.saved()


def _train_legacy(folder: Path, pulse: Pulse) -> None:
    import torch

    for step, model, optimizer in steps(pulse):
        path = folder / f"epoch_{step}.pth"
        torch.save(state(step, model, optimizer), path, _use_new_zipfile_serialization=False)
        pulse.saved()


def _train_overwritten(folder: Path, pulse: Pulse) -> None:
    import torch

    for step, model, optimizer in steps(pulse):
        torch.save(state(step, model, optimizer), folder / "last.pt")
        pulse.saved()


def _train_folders(folder: Path, pulse: Pulse) -> None:
    import torch

    for step, model, optimizer in steps(pulse):
        place = folder / f"step_{step}"
        place.mkdir()
        torch.save(model.state_dict(), place / "model.pt")
        torch.save(optimizer.state_dict(), place / "optimizer.pt")
        torch.save({"step": step}, place / "progress.pt")
        pulse.saved()


def _load_folder(folder: Path, name: str) -> None:
    import torch

    model, optimizer = model_and_optimizer()
    model.load_state_dict(torch.load(folder / name / "model.pt", weights_only=True))
    optimizer.load_state_dict(torch.load(folder / name / "optimizer.pt", weights_only=True))
    torch.load(folder / name / "progress.pt", weights_only=True)


def _train_dcp(folder: Path, pulse: Pulse) -> None:
    from torch.distributed import checkpoint as dcp  # type: ignore[import-not-found]

    for step, model, optimizer in steps(pulse):
        dcp.save(_dcp_state(model, optimizer), checkpoint_id=folder / f"step-{step}", no_dist=True)
        pulse.saved()


def _load_dcp(folder: Path, name: str) -> None:
    from torch.distributed import checkpoint as dcp

    model, optimizer = model_and_optimizer()
    one_step(model, optimizer)
    dcp.load(_dcp_state(model, optimizer), checkpoint_id=folder / name, no_dist=True)


def _dcp_state(model: Any, optimizer: Any) -> dict[str, Any]:
    from torch.distributed.checkpoint.state_dict import get_state_dict  # type: ignore[import-not-found]

    weights, moments = get_state_dict(model, optimizer)
    return {"model": weights, "optimizer": moments}


def _train_safetensors(folder: Path, pulse: Pulse) -> None:
    from safetensors.torch import save_file  # type: ignore[import-not-found]

    for step, model, optimizer in steps(pulse):
        save_file(_tensors(model, optimizer), folder / f"step-{step}.safetensors")
        pulse.saved()


def _tensors(model: Any, optimizer: Any) -> dict[str, Any]:
    moments = {
        f"{kind}.{index}": tensor
        for index, kinds in optimizer.state_dict()["state"].items()
        for kind, tensor in kinds.items()
    }
    return {**model.state_dict(), **moments}


def _load_safetensors(folder: Path, name: str) -> None:
    from safetensors.torch import load_file

    if not name.endswith(".safetensors"):
        raise FileNotFoundError(name)  # staged: no script takes it
    model, optimizer = model_and_optimizer()
    one_step(model, optimizer)
    missing = _tensors(model, optimizer).keys() - load_file(folder / name).keys()
    if missing:
        raise Lacks(", ".join(sorted(missing)))


def _load_file(folder: Path, name: str) -> None:
    load_state(folder / name)


TORCH = ("torch",)
SCENARIOS = (
    Scenario("torch-files", TORCH, ("torch.distributed.checkpoint.state_dict",), _train_files, newest("step-*.pt"), _load_file,
             top_level(), "torch.save of one file a step"),
    Scenario("torch-legacy", TORCH, ("torch.distributed.checkpoint.state_dict",), _train_legacy, newest("epoch_*.pth"), _load_file,
             top_level(), "torch.save in the format before zip"),
    Scenario("torch-overwritten", TORCH, ("torch.distributed.checkpoint.state_dict",), _train_overwritten, newest("last.pt"), _load_file,
             top_level(), "torch.save over the same file"),
    Scenario("torch-folders", TORCH, ("torch.distributed.checkpoint.state_dict",), _train_folders, newest("step_*"), _load_folder,
             top_level(), "three torch.save into a folder a step"),
    Scenario("torch-dcp", TORCH, ("torch.distributed.checkpoint.state_dict",), _train_dcp, newest("step-*"), _load_dcp,
             top_level(), "torch.distributed.checkpoint, one process"),
    Scenario("safetensors", ("safetensors", "torch"), ("safetensors.torch",), _train_safetensors,
             newest("step-*.safetensors"), _load_safetensors, top_level(),
             "save_file of one file a step"),
)  # fmt: skip
