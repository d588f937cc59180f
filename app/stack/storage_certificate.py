"""The certificate by which the parts of an object storage know each other.

SeaweedFS asks for a key at its S3 port alone. Its other ports would give every object to whoever asks, so each of them
takes only clients that hold this certificate, and nobody but the storage itself does.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Final

from app.stack.kept import write_private
from app.stack.server import plain_environment
from townlake.domain.errors import SettingsError

_DAYS: Final = 36_500
_GRPC: Final = ("master", "volume", "filer", "s3", "admin", "worker", "client")
_HTTPS: Final = ("master", "volume", "filer", "admin", "client")


def make_certificate(openssl: Path, directory: Path) -> None:
    """Make `inner.key` and `inner.pem`, unless both are there.

    Raises:
        SettingsError: openssl cannot do it.
    """
    key, certificate = directory / "inner.key", directory / "inner.pem"
    if key.is_file() and certificate.is_file():
        return
    new = directory / "inner.key.new"
    write_private(new, "")
    command = [
        *(str(openssl), "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-keyout", str(new), "-out", str(certificate), "-days", str(_DAYS), "-subj", "/CN=skipper-storage"),
        *("-addext", "basicConstraints=critical,CA:TRUE"),
        *("-addext", "keyUsage=critical,digitalSignature,keyCertSign"),
        *("-addext", "extendedKeyUsage=serverAuth,clientAuth"),
        *("-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"),
    ]
    environment = plain_environment(os.environ)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise SettingsError(
            f"openssl could not make the certificate of the object storage: {said[-1]}",
            hint="Version 1.1.1 or newer is needed; check the disk, too.",
        )
    new.replace(key)


def security(directory: Path) -> str:
    r"""What SeaweedFS reads from `security.toml`: every inner port shows the certificate, and wants to see it.

    >>> print(security(Path("/s")).split("\n\n")[1])
    [grpc.master]
    cert = "/s/inner.pem"
    key = "/s/inner.key"
    """
    certificate, key = _text(directory / "inner.pem"), _text(directory / "inner.key")
    both = f"cert = {certificate}\nkey = {key}"
    sections = [f"[grpc]\nca = {certificate}"]
    sections += [f"[grpc.{name}]\n{both}" for name in _GRPC]
    for name in _HTTPS:
        sections.append(f"[https.{name}]\n{both}\nca = {certificate}" + ("\nenabled = true" * (name == "client")))
    return "\n\n".join(sections) + "\n"


def _text(path: Path) -> str:
    return json.dumps(str(path), ensure_ascii=False)
