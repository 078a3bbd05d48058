"""AWS for functions in processes of their own: the services' real protocols, over TLS, on loopback.

DynamoDB is the one in memory of the tests, SageMaker the laptop's simulated one. What is sent to SNS and SQS is kept in
lists. Every call is counted, and DynamoDB's units are.
"""

import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from botocore import xform_name
from botocore.exceptions import ClientError

from bench.metered_dynamodb import MeteredDynamoDB
from laptop.simulated_sagemaker import protocol
from laptop.simulated_sagemaker.api import SimulatedSageMaker
from laptop.tls import certificate
from spotter.core.model.times import iso
from tests.support.spotter_in_one_process import FakeS3

SNS_ANSWER = (
    '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>1</MessageId>'
    "</PublishResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></PublishResponse>"
)
S3_OBJECT = (
    "<Contents><Key>{key}</Key><LastModified>{when}</LastModified><Size>{size}</Size></Contents>"
)
S3_PREFIX = "<CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>"
S3_ANSWER = (
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><KeyCount>{count}</KeyCount>'
    "<MaxKeys>1000</MaxKeys><IsTruncated>false</IsTruncated>{found}</ListBucketResult>"
)
Answer = tuple[int, bytes]


class PretendAWS(ThreadingHTTPServer):
    """Serves between `with` and its end. `fingerprint` is the policy in force, for resubmit."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self, sagemaker: SimulatedSageMaker, s3: FakeS3, folder: Path, fingerprint: str = ""
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        self.sagemaker, self.s3, self.fingerprint = sagemaker, s3, fingerprint
        self.dynamodb = MeteredDynamoDB()
        self.calls, self.published, self.sent = Counter[str](), list[Any](), list[Any]()
        made = certificate(folder)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(made, folder / "server.key")
        self.socket = tls.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.trusted = folder / "trusted.pem"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))

    @property
    def endpoint(self) -> str:
        return f"https://127.0.0.1:{self.server_address[1]}"

    def trust(self, certificates: Path) -> None:
        """Functions trust what botocore trusts, and this server: loading the file costs what it costs in AWS."""
        own = self.trusted.with_name("server.crt").read_text()
        self.trusted.write_text(certificates.read_text() + own)

    def __enter__(self) -> "PretendAWS":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def reset(self) -> None:
        """Count from here on."""
        self.calls.clear()
        self.dynamodb.meter.reset()
        self.published.clear()
        self.sent.clear()

    def answer(self, target: str, body: bytes) -> Answer:
        """Of a JSON protocol."""
        service, _, operation = target.partition(".")
        if service == "SageMaker":
            self.calls[f"sagemaker.{operation}"] += 1
            return protocol.answer(self.sagemaker, target, body)
        request = json.loads(body)
        self.calls[f"{service.partition('_')[0].lower()}.{operation}"] += 1
        try:
            found = self._services()[service](operation, request)
        except ClientError as refused:
            return 400, json.dumps(_refusal(refused)).encode()
        return 200, json.dumps(found).encode()

    def _services(self) -> dict[str, Callable[[str, Any], Any]]:
        return {
            "DynamoDB_20120810": self._dynamodb,
            "AmazonSQS": self._sqs,
            "AmazonSSM": self._ssm,
            "secretsmanager": self._secret,
        }

    def _dynamodb(self, operation: str, request: Any) -> Any:
        if operation == "DescribeTable":
            return {"Table": {"TableName": request["TableName"], "CreationDateTime": 1_790_000_000}}
        return getattr(self.dynamodb, xform_name(operation))(**request)

    def _sqs(self, operation: str, request: Any) -> Any:
        entries = request.get("Entries", [request])
        self.sent.extend(entries)
        done = [{"Id": e.get("Id", "1"), "MessageId": "1", "MD5OfMessageBody": ""} for e in entries]
        return {"Successful": done, "Failed": []} if "Entries" in request else done[0]

    def _ssm(self, operation: str, request: Any) -> Any:
        if operation == "GetParameter":
            raise ClientError({"Error": {"Code": "ParameterNotFound"}}, operation)
        since = {"Version": 1, "Value": self.fingerprint, "LastModifiedDate": 1_790_000_000}
        return {"Parameters": [{"Name": request["Name"], **since}]}

    def _secret(self, operation: str, request: Any) -> Any:
        raise ClientError({"Error": {"Code": "ResourceNotFoundException"}}, operation)

    def publish(self, form: dict[str, list[str]]) -> Answer:
        """SNS has the query protocol."""
        self.calls["sns.Publish"] += 1
        self.published.append({name: values[0] for name, values in form.items()})
        return 200, SNS_ANSWER.encode()

    def list_objects(self, bucket: str, query: dict[str, list[str]]) -> Answer:
        """S3 answers XML."""
        self.calls["s3.ListObjectsV2"] += 1
        given = {
            "Prefix": query.get("prefix", [""])[0],
            "Delimiter": query.get("delimiter", [""])[0],
        }
        answer = self.s3.list_objects_v2(Bucket=bucket, **given)
        objects = [
            S3_OBJECT.format(key=escape(o["Key"]), when=iso(o["LastModified"]), size=o["Size"])
            for o in answer.get("Contents", ())
        ]
        common = [
            S3_PREFIX.format(prefix=escape(c["Prefix"])) for c in answer.get("CommonPrefixes", ())
        ]
        found = "".join((*objects, *common))
        return 200, S3_ANSWER.format(count=len(objects), found=found).encode()

    def get_object(self, bucket: str, key: str, part: str) -> tuple[bytes, dict[str, str]]:
        """The part of an object, and its headers."""
        self.calls["s3.GetObject"] += 1
        found = self.s3.get_object(bucket, key, part)
        return found["Body"].read(), {"Content-Range": found["ContentRange"], "ETag": '"etag"'}


def _refusal(error: ClientError) -> dict[str, str]:
    found = error.response["Error"]
    return {"__type": found["Code"], "message": found.get("Message", "")}


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: PretendAWS

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        target = self.headers.get("X-Amz-Target")
        if target:
            self._send(self.server.answer(target, body), "application/x-amz-json-1.0")
        else:
            self._send(self.server.publish(parse_qs(body.decode())), "text/xml")

    def do_GET(self) -> None:
        path, _, query = self.path.partition("?")
        bucket, _, key = unquote(path).lstrip("/").partition("/")
        if not key:
            answer = self.server.list_objects(bucket, parse_qs(query, keep_blank_values=True))
            self._send(answer, "application/xml")
            return
        body, headers = self.server.get_object(bucket, key, self.headers.get("Range", "bytes=0-"))
        self._send((206, body), "binary/octet-stream", headers)

    def _send(self, answer: Answer, kind: str, headers: dict[str, str] | None = None) -> None:
        status, body = answer
        self.send_response(status)
        self.send_header("x-amzn-RequestId", "00000000-0000-0000-0000-000000000000")
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is logged."""
