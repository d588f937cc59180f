"""What callers prove themselves with at Trino: a certificate of this machine's own, and a file of passwords."""

from __future__ import annotations

import hashlib
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.stack.kept import write_private
from app.stack.trino_server import HOST
from townlake.domain.errors import SettingsError

ITERATIONS: Final = 10_000
"""Enough for a password of 256 random bits, which nobody guesses anyhow: Trino reckons anew at every request."""
_ALIAS: Final = "trino"
_DAYS: Final = 3650


def password_line(user: str, password: str, salt: bytes | None = None) -> str:
    """A line of Trino's password file: PBKDF2 with SHA-1, the one hash it knows that Python brings along.

    >>> password_line("skipper", "secret", bytes(4))
    'skipper:10000:00000000:93bd6dd1b27800c6c778f3a6b8c9486d5306cc01'
    """
    salt = secrets.token_bytes(16) if salt is None else salt
    digest = hashlib.pbkdf2_hmac("sha1", password.encode(), salt, ITERATIONS)
    return f"{user}:{ITERATIONS}:{salt.hex()}:{digest.hex()}"


def make_certificate(java: Path, keystore: Path, certificate: Path, password: str) -> None:
    """Make a key and the certificate for it, unless both are there: it must stay the one that clients know.

    Args:
        java: the `java` whose `keytool` does it.
        keystore: where the key goes, closed by the password.
        certificate: where the certificate goes, as PEM, for clients.
        password: of the keystore.

    Raises:
        SettingsError: this Java has no `keytool`, or it cannot do it.
    """
    if keystore.is_file() and certificate.is_file():
        return
    new = keystore.with_name(keystore.name + ".new")
    new.unlink(missing_ok=True)
    names = ("-dname", f"CN={HOST}", "-ext", f"san=ip:{HOST},dns:localhost", "-ext", "bc:c=ca:true")
    key = ("-keyalg", "EC", "-groupname", "secp256r1", "-ext", "ku:c=digitalSignature,keyCertSign")
    _keytool(java, password, "-genkeypair", *key, *names, "-validity", str(_DAYS), "-keystore", str(new))
    text = _keytool(java, password, "-exportcert", "-rfc", "-keystore", str(new))
    new.chmod(0o600)
    write_private(certificate, text)
    new.replace(keystore)


def _keytool(java: Path, password: str, *arguments: str) -> str:
    variable = "SKIPPER_KEYSTORE_PASSWORD"
    environment: Mapping[str, str] = {variable: password}
    # Not on the command line, which everybody on this machine can read.
    given = ("-alias", _ALIAS, "-storetype", "PKCS12", "-storepass:env", variable)
    command = [str(java.with_name("keytool")), *arguments, *given]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise SettingsError(
            f"The Java at {java.parents[1]} has no keytool, which makes Trino's certificate: {error.strerror}.",
            hint="Install a whole JDK, such as Temurin 25, or name its directory with TRINO_JAVA_HOME.",
        ) from None
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines() or ["it said nothing"]
        raise SettingsError(f"keytool could not make Trino's certificate: {said[-1]}", hint="Check the disk.")
    return done.stdout
