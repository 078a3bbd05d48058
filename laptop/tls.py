"""A certificate for loopback, made by the laptop for itself: who trusts it trusts this laptop only."""

import ssl
import urllib.request
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

LOOPBACK = "127.0.0.1"
VALID = timedelta(days=30)


def certificate(folder: Path) -> Path:
    """Write `server.crt` and `server.key`; the certificate is its own authority."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Spotter's laptop")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + VALID)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(LOOPBACK))]), False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "server.key").write_bytes(plain)
    (folder / "server.crt").write_bytes(made.public_bytes(pem))
    return folder / "server.crt"


def opener(certificate: Path | str | None) -> urllib.request.OpenerDirector:
    """Opens loopback addresses without a proxy, and trusts this certificate where there is one."""
    tls = ssl.create_default_context(cafile=str(certificate) if certificate else None)
    return urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)
    )
