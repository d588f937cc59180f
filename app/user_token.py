"""The token that whoever asks on the command line was given by their identity provider."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from townlake.domain.errors import SettingsError
from townlake.domain.principal import Principal

_LONGEST_BYTES = 100_000


class UserToken:
    """One token for every caller: that it is the caller's own is seen from what it is exchanged for."""

    def __init__(self, token: SecretStr | None, path: Path | None) -> None:
        self._token = token
        self._path = path

    def subject_token(self, caller: Principal) -> str | None:
        """The token of the settings; None where there is none.

        Raises:
            SettingsError: its file cannot be read.
        """
        if self._token is not None or self._path is None:
            return None if self._token is None else self._token.get_secret_value().strip()
        try:
            with self._path.open("rb") as file:
                return file.read(_LONGEST_BYTES).decode("ascii").strip()
        except (OSError, ValueError):
            raise SettingsError(
                f"The file {str(self._path)!r} holds no token that can be read.",
                hint="SKIPPER_USER_TOKEN_FILE names a file with nothing but the token that you were given.",
            ) from None
