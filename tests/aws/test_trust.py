"""What functions trust is read once for all their connections, and holds for each of them."""

import ssl
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Barrier, Thread

import pytest
from botocore.exceptions import SSLError

from laptop.tls import certificate
from spotter.aws import trust
from spotter.aws.clients import client


class _Answers(BaseHTTPRequestHandler):
    def handle(self):
        with suppress(ssl.SSLError):  # the client took it for somebody else
            super().handle()

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    """A server over TLS, and the certificate that it shows."""
    shown = certificate(tmp_path / "shown")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(shown, tmp_path / "shown/server.key")
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"https://127.0.0.1:{server.server_address[1]}", shown
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def reads(monkeypatch):
    """Which files of certificates are read, in their order."""
    found, read = [], ssl.SSLContext.load_verify_locations

    def noted(context, cafile=None, capath=None, cadata=None):
        found.append(cafile)
        time.sleep(0.05)
        read(context, cafile, capath, cadata)

    monkeypatch.setattr(ssl.SSLContext, "load_verify_locations", noted)
    return found


@pytest.fixture
def environment(monkeypatch, server):
    """A new environment of a function, whose clients call this server."""
    trust._context.cache_clear()
    monkeypatch.setenv("AWS_ENDPOINT_URL", server[0])
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIATEST")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return monkeypatch


def test_certificates_are_read_once_for_all_clients_and_connections(server, environment, reads):
    environment.setenv("AWS_CA_BUNDLE", str(server[1]))
    for service in ("dynamodb", "dynamodb", "sagemaker"):
        one = client(service, tries=1)
        one.list_tables() if service == "dynamodb" else one.list_training_jobs()
    assert reads == [str(server[1])]


def test_they_are_read_once_by_connections_that_open_at_the_same_time(server, environment, reads):
    environment.setenv("AWS_CA_BUNDLE", str(server[1]))
    one, together = client("sagemaker", tries=1), Barrier(8)

    def call(_):
        together.wait()
        one.list_training_jobs()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(call, range(8)))
    assert reads == [str(server[1])]


def test_a_server_that_nobody_vouches_for_is_refused(environment, tmp_path):
    environment.setenv("AWS_CA_BUNDLE", str(certificate(tmp_path / "another")))
    with pytest.raises(SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        client("dynamodb", tries=1).list_tables()


def test_a_server_that_shows_another_hosts_certificate_is_refused(server, environment):
    """The certificate is for 127.0.0.1."""
    environment.setenv("AWS_CA_BUNDLE", str(server[1]))
    environment.setenv("AWS_ENDPOINT_URL", server[0].replace("127.0.0.1", "localhost"))
    with pytest.raises(SSLError, match=r"Hostname mismatch|doesn't match"):
        client("dynamodb", tries=1).list_tables()


def test_no_client_can_keep_the_others_from_verifying(server, environment):
    environment.setenv("AWS_CA_BUNDLE", str(server[1]))
    with pytest.raises(ValueError, match="it must verify"):
        trust._context().verify_mode = ssl.CERT_NONE
    client("sagemaker", tries=1).list_training_jobs()
