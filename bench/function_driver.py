"""Runs as a Lambda function's process: `python -I -S function_driver.py TREE MODULE DESCRIPTOR [count]`, standard library only.

It handles one event for each line of standard input, and answers on the file descriptor with what it took: processor
seconds of the whole process so far and of the event, and what the handler returned. It tells how many modules of the bundle
are loaded. With `count` it counts the files of the bundle that were opened, too; then its times mean nothing.
"""

import json
import os
import sys
import time
from types import SimpleNamespace


def context(name: str) -> SimpleNamespace:
    """As much of Lambda's context as handlers and Powertools read."""
    return SimpleNamespace(
        function_name=name,
        function_version="$LATEST",
        memory_limit_in_mb=256,
        invoked_function_arn=f"arn:aws:lambda:us-east-1:111122223333:function:{name}",
        aws_request_id=os.urandom(8).hex(),
        get_remaining_time_in_millis=lambda: 60_000,
    )


def brought() -> list[str]:
    """The modules that are none of Python's own."""
    own = {"__main__", *sys.builtin_module_names, *sys.stdlib_module_names}
    return [name for name in sys.modules if name.partition(".")[0] not in own]


def main() -> None:
    """Until standard input ends."""
    tree, module, descriptor, *how = sys.argv[1:]
    opened: list[str] = []
    if how:
        sys.addaudithook(
            lambda event, args: opened.append(str(args[0])) if event == "open" else None
        )
    sys.path[:0] = [tree]
    handler = None
    with os.fdopen(int(descriptor), "w") as out:
        for line in sys.stdin:
            began, clock = time.process_time(), time.perf_counter()
            if handler is None:
                handler = __import__(module, fromlist=["handler"]).handler
            answer = handler(json.loads(line), context(module.rpartition(".")[2]))
            sys.stdout.flush()
            found = {
                "total": time.process_time(),
                "seconds": time.process_time() - began,
                "wall": time.perf_counter() - clock,
                "modules": len(brought()),
                "opened": sum(one.startswith(tree) for one in {*opened}),
                "answer": answer,
            }
            out.write(json.dumps(found) + "\n")
            out.flush()


main()
