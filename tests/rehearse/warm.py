"""An interpreter that has imported a framework already, for many rehearsals.

Most of a small training's time is the import of its framework. `serve` imports it once, and forks for each attempt;
`SHIM` is started in place of the interpreter, gives its arguments, environment and output to the server, passes
SIGTERM on, and ends with the exit code of the fork. The fork ends by SIGKILL when the shim does, as an attempt
whose machine is taken away.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

IMPORTED = {
    "python": [],
    "plain": ["torch", "torch._dynamo", "numpy"],
    "huggingface": ["transformers.trainer", "torch._dynamo"],
    "lightning": ["lightning.pytorch", "torch._dynamo"],
    "keras": ["keras", "tensorflow"],
    "xgboost": ["xgboost", "numpy"],
    "lightgbm": ["lightgbm", "numpy"],
}
"""What is imported before the attempts."""
SHIM = """#!{python} -SE
import json, os, signal, socket, sys
here = socket.socket(socket.AF_UNIX)
here.connect({address!r})
given = json.dumps([sys.argv[1:], dict(os.environ), os.getcwd()]).encode()
socket.send_fds(here, [len(given).to_bytes(4, "big")], [1, 2])
here.sendall(given)
number = int(here.recv(16, socket.MSG_WAITALL))
signal.signal(signal.SIGTERM, lambda *_: os.kill(number, signal.SIGTERM))
ended = here.recv(16)
os._exit(int(ended) if ended else 1)
"""
SERVER = """
import atexit, gc, importlib, json, os, runpy, signal, socket, sys, threading, traceback

def watch(there):
    there.recv(1)
    os.kill(os.getpid(), signal.SIGKILL)

def train(there, outputs, arguments, environment, folder):
    for number, descriptor in enumerate(outputs, start=1):
        os.dup2(descriptor, number)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    threading.Thread(target=watch, args=(there,), daemon=True).start()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    sys.argv = arguments
    sys.path[0:0] = [os.path.dirname(arguments[0])]
    draw_other_numbers()
    observe(environment)
    code = 0
    try:
        runpy.run_path(arguments[0], run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    except BaseException as error:
        sys.last_value = error
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    there.sendall(str(code).encode())
    os._exit(code)

def observe(environment):
    hook = next((p for p in environment.get("PYTHONPATH", "").split(os.pathsep) if p.endswith("/hook")), None)
    if hook is None or not environment.get("SPOTTER_REHEARSAL_LOG"):
        return
    sys.path.insert(0, hook)
    import spotter_rehearsal
    sys.path.remove(hook)
    spotter_rehearsal.start()
    from spotter_rehearsal import imports
    for name in list(sys.modules):
        if name in imports.OBSERVERS or name in imports.FRAMEWORKS:
            imports.observe(sys.modules[name])

def end_with_parent():
    sys.stdin.read()
    os._exit(0)

def draw_other_numbers():
    import random
    random.seed()
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    if "torch" in sys.modules:
        sys.modules["torch"].seed()

for name in sys.argv[2:]:
    importlib.import_module(name)
gc.collect()
gc.freeze()
threading.Thread(target=end_with_parent, daemon=True).start()
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
waiting = socket.socket(socket.AF_UNIX)
waiting.bind(sys.argv[1])
waiting.listen()
print("ready", flush=True)
while True:
    there, _ = waiting.accept()
    size, outputs, _, _ = socket.recv_fds(there, 4, 2)
    size, given = int.from_bytes(size, "big"), b""
    while len(given) < size:
        given += there.recv(size - len(given))
    child = os.fork()
    if not child:
        waiting.close()
        there.sendall(b"%16d" % os.getpid())
        train(there, outputs, *json.loads(given))
    for descriptor in outputs:
        os.close(descriptor)
    there.close()
"""


@contextmanager
def warm(python: str, folder: Path, modules: list[str]) -> Iterator[str]:
    """The path of an interpreter with these modules imported, while this holds."""
    address = str(folder / "warm.socket")
    shim = folder / "python"
    shim.write_text(SHIM.format(python=sys.executable, address=address))
    shim.chmod(0o755)
    with subprocess.Popen(
        [python, "-c", SERVER, address, *modules], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ | {"OMP_NUM_THREADS": "1"}
    ) as server:  # fmt: skip
        try:
            assert server.stdout
            if server.stdout.readline() != b"ready\n":
                raise RuntimeError(f"{python} cannot import {', '.join(modules)}")
            yield str(shim)
        finally:
            server.kill()
