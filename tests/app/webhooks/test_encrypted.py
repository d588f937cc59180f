"""Over TLS the connection goes to the address that was checked, and the certificate must be that of the name."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.webhooks.sending import send
from app.webhooks.targets import Targets
from tests.app.webhooks.receiver import Receiver, receiving

NAME = "hooks.example"


def certificate(folder: Path, name: str) -> Path:
    """A file with a key and a certificate of that name, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(called)
        .issuer_name(called)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    file = folder / f"{name}.pem"
    file.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@contextmanager
def encrypted(file: Path) -> Iterator[Receiver]:
    with receiving() as receiver:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        receiver.socket = context.wrap_socket(receiver.socket, server_side=True)
        yield receiver


def told(receiver: Receiver) -> str:
    """What came of sending to the name; nothing when it arrived."""
    port = receiver.server_address[1]
    origin = f"https://{NAME}:{port}"
    sent = send(Targets((), {origin}, lambda host, at: ["127.0.0.1"]), f"{origin}/in", {}, b"{}", 5.0)
    assert sent.arrived is bool(receiver.got)
    return sent.note


def test_a_certificate_of_the_name_is_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    right, wrong = certificate(tmp_path, NAME), certificate(tmp_path, "other.example")
    with encrypted(right) as receiver:
        monkeypatch.setenv("SSL_CERT_FILE", str(wrong))
        assert "SSL" in told(receiver)
    with encrypted(wrong) as receiver:
        assert "SSL" in told(receiver) or "Certificate" in told(receiver)
    with encrypted(right) as receiver:
        monkeypatch.setenv("SSL_CERT_FILE", str(right))
        assert told(receiver) == ""
        assert receiver.got[0].headers["host"] == f"{NAME}:{receiver.server_address[1]}"
