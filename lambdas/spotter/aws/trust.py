"""The certificates that a function trusts, read once in its environment and not anew for each connection.

Botocore makes a TLS context for each client, and urllib3 reads the file of some 140 certificates into it whenever a
connection is opened: 17 ms of processor time, more than the handshake. The clients of a function trust the same file, so they
share one context. Both projects know of it: boto/botocore issue 3171, urllib3 issue 3623.
"""

import ssl
from functools import cache
from threading import Lock
from typing import Any


class SharedTrust(ssl.SSLContext):
    """A context that reads the same certificates once, and that no client can keep from verifying."""

    def __init__(self, protocol: int) -> None:
        self.read: set[tuple[Any, ...]] = set()
        self.reading = Lock()

    def load_verify_locations(
        self, cafile: Any = None, capath: Any = None, cadata: Any = None
    ) -> None:
        with self.reading:  # a function opens several connections at the same time
            if (named := (cafile, capath, cadata)) not in self.read:
                super().load_verify_locations(cafile, capath, cadata)
                self.read.add(named)

    @property  # type: ignore[override]
    def verify_mode(self) -> ssl.VerifyMode:
        return super().verify_mode

    @verify_mode.setter
    def verify_mode(self, mode: ssl.VerifyMode) -> None:
        """ValueError for anything but CERT_REQUIRED: it would hold for the other clients, too."""
        if mode != ssl.CERT_REQUIRED:
            raise ValueError(f"Clients share this TLS context, so it must verify; not {mode!r}.")
        ssl.SSLContext.verify_mode.__set__(self, mode)  # type: ignore[attr-defined]


@cache
def _context() -> SharedTrust:
    return SharedTrust(ssl.PROTOCOL_TLS_CLIENT)


def share_trust(client: Any) -> None:
    """Let a client that has no connection yet open them in the shared context."""
    client._endpoint.http_session._manager.connection_pool_kw["ssl_context"] = _context()
