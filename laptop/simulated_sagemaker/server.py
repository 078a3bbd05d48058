"""The HTTP server on loopback: SageMaker's own protocol at /, the Price List's, and the laptop's controls beside it."""

import threading
import time
import traceback
import uuid
from collections.abc import Mapping
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from laptop.simulated_sagemaker import controls, price_list, protocol
from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.simulated_sagemaker.errors import refusal
from laptop.simulated_sagemaker.faults import FaultKind
from laptop.simulated_sagemaker.iam import Permission

TICK = 0.05  # seconds between two readings of the clock


class Handler(BaseHTTPRequestHandler):
    """One connection; kept alive, and without Nagle's delay, which costs 40 ms a call."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    ahead = timedelta()
    server: "Server"

    def do_POST(self) -> None:
        self.ahead = timedelta()
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path.startswith("/_market/"):
            self._answer(*controls.change(self.server.sagemaker, self.path, body))
        else:
            target = self.headers.get("X-Amz-Target", "")
            if target.startswith(price_list.TARGET):
                self._answer(*price_list.answer(target, body))
                return
            self._call(target, body)

    def _call(self, target: str, body: bytes) -> None:
        """One operation of SageMaker, unless a fault meets it."""
        sagemaker = self.server.sagemaker
        operation, name = target.rpartition(".")[2], protocol.name_in(body)
        fault = sagemaker.faults.take(operation, name, self._access_key())
        if fault is FaultKind.THROTTLED:
            self._answer(
                *protocol.refused(refusal(operation, "ThrottlingException", "Rate exceeded"))
            )
            return
        if fault is not FaultKind.REQUEST_LOST:
            answer = protocol.answer(sagemaker, target, body, self._check())
        if fault is None:
            self.ahead = sagemaker.faults.date_ahead(name)
            self._answer(*answer)
        else:
            self.close_connection = True

    def _access_key(self) -> str:
        """Of the caller, as the signature names it."""
        return self.headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0]

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date of this answer."""
        now = time.time() if timestamp is None else timestamp
        return super().date_time_string(now + self.ahead.total_seconds())

    def _check(self) -> protocol.Check | None:
        """Authorizes this caller; None if every call is allowed."""
        permission = self.server.permission
        if permission is None:
            return None
        caller = self.headers.get("Authorization", "")

        def check(operation: str, request: Mapping[str, Any]) -> None:
            tags = self.server.sagemaker.tags_of(str(request.get("TrainingJobName", "")))
            permission.check(caller, operation, request, tags)

        return check

    def do_GET(self) -> None:
        self._answer(*controls.show(self.server.sagemaker, self.path))

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.send_header("Content-Type", protocol.CONTENT_TYPE)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Requests are not logged: they hold what users put into their jobs."""


class Server(ThreadingHTTPServer):
    """Serves in threads of its own between `with` and its end, and advances the simulated time meanwhile."""

    daemon_threads = True

    def __init__(
        self, sagemaker: SimulatedSageMaker, port: int = 0, permission: Permission | None = None
    ) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.sagemaker = sagemaker
        self.permission = permission
        self._ended = threading.Event()
        self._threads_of_its_own = [
            threading.Thread(target=work, args=(TICK,)) for work in (self.serve_forever, self._tick)
        ]

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def __enter__(self) -> "Server":
        for thread in self._threads_of_its_own:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self.shutdown()
        for thread in self._threads_of_its_own:
            thread.join()
        self.server_close()

    def _tick(self, seconds: float) -> None:
        while not self._ended.wait(seconds):
            try:
                self.sagemaker.advance()
            except Exception:
                traceback.print_exc()  # one broken tick must not stop the clock
