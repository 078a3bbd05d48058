"""The bundle is the one zip that every function runs from: our code, policy, prices, and what it imports.

It is built without Docker: the dependencies are pure Python, so uv can install them for Lambda's
platform on any machine, from the hash-locked file. What no function imports is removed again.
A bundle is kept under a name that is a hash of all its input, and the same input
gives the same bytes.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

from infra import bundle_pruning, uv
from infra.uv import NoBundle
from spotter.core.prices.file import FILE_NAME as PRICES

REPOSITORY = Path(__file__).parent.parent
LOCK = REPOSITORY / "requirements/lambda.txt"
RUNTIME = "3.13"
"""Lambda's Python: the dependencies are chosen, and the byte code made, for this one."""

BUILDERS = tuple(Path(module) for module in (__file__, bundle_pruning.__file__, uv.__file__))
WITHOUT_BYTE_CODE = (
    f"No Python {RUNTIME} here: the bundle has no byte code, and starts slower in AWS."
)


def build_bundle(
    policy: Path,
    into: Path = REPOSITORY / "build/bundle",
    sources: Path = REPOSITORY / "lambdas",
    prices: Path | None = None,
) -> Path:
    """The path of the zip with `sources`, `policy` and `prices` at its root, built unless it is there already."""
    compiler = uv.find_python(RUNTIME)
    recipe = [str(compiler and uv.version_of(compiler)).encode()]
    recipe += [file.read_bytes() for file in (LOCK, *BUILDERS)]

    def lay_out_dependencies(tree: Path) -> None:
        uv.install(LOCK, tree, RUNTIME)
        bundle_pruning.keep_only_what_is_used(tree)
        compile_all(tree, compiler)

    def pack(file: Path) -> None:
        if compiler is None:
            print(WITHOUT_BYTE_CODE, file=sys.stderr)
        with tempfile.TemporaryDirectory() as own:
            copy_sources(own_files(sources, policy, prices), Path(own))
            compile_all(Path(own), compiler)
            write_zip(file, dependencies, Path(own))

    dependencies = once(into / f"dependencies-{digest(recipe)}", lay_out_dependencies)
    for name, file in own_files(sources, policy, prices).items():
        recipe += [name.encode(), file.read_bytes()]
    return once(into / f"spotter-{digest(recipe)}.zip", pack)


def once(result: Path, build: Callable[[Path], None]) -> Path:
    """`result`, which appears whole or not at all, however many build it at the same time."""
    if result.exists():
        return result
    result.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=result.parent, prefix="unfinished-") as scratch:
        build(unfinished := Path(scratch) / result.name)
        try:
            unfinished.rename(result)
        except OSError:
            if not result.exists():  # else another was quicker, with the same
                raise
    return result


def digest(parts: list[bytes]) -> str:
    """One hash of all parts. Each part is hashed by itself first, so that moving bytes from one part to the
    next changes it.
    """
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()[
        :16
    ]


def own_files(sources: Path, policy: Path, prices: Path | None = None) -> dict[str, Path]:
    """Our part of the bundle: each file by its name in the bundle, where functions read it."""
    code = {p.relative_to(sources).as_posix(): p for p in sorted(sources.rglob("*.py"))}
    return code | {"spotter.toml": policy} | ({PRICES: prices} if prices else {})


def copy_sources(files: dict[str, Path], tree: Path) -> None:
    for name, file in files.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, tree / name)


def compile_all(tree: Path, compiler: str | None) -> None:
    """Byte code beside the sources, never checked against them: nothing changes inside Lambda.

    The byte code names each file by its path in Lambda. The fixed hash seed keeps the order of constant sets,
    and so the bytes, the same.
    """
    if compiler is None:
        return
    command = [compiler, "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    as_in_lambda = ["-s", str(tree), "-p", "/var/task", str(tree)]
    subprocess.run([*command, *as_in_lambda], check=True, env={"PYTHONHASHSEED": "0"})


def write_zip(file: Path, *trees: Path) -> None:
    """One zip of all trees: names sorted, times and permissions the same for every file."""
    files = {p.relative_to(tree).as_posix(): p for tree in trees for p in tree.rglob("*")}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as bundle:
        for name in sorted(name for name, path in files.items() if path.is_file()):
            entry = zipfile.ZipInfo(name)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            bundle.writestr(entry, files[name].read_bytes(), compresslevel=9)


if __name__ == "__main__":
    try:
        beside = REPOSITORY / PRICES
        bundle = build_bundle(
            REPOSITORY / "spotter.toml", prices=beside if beside.exists() else None
        )
    except NoBundle as reason:
        sys.exit(str(reason))
    print(f"{bundle.relative_to(REPOSITORY)}: {bundle.stat().st_size / 1e6:.1f} MB")
