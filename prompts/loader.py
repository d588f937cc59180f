"""Read a prompt: a YAML head (`version`, `inputs`, optional `note`) and prose with `$placeholders`."""

from __future__ import annotations

import hashlib
import re
from functools import cache
from pathlib import Path
from string import Template
from typing import Any, Final

import yaml

from townlake.domain.errors import SettingsError
from townlake.domain.value import Value

FOLDER: Final = Path(__file__).parent
_HEAD: Final = re.compile(r"---\n(.*?)\n---\n(.*)", re.S)
_NAME: Final = re.compile(r"[a-z_]+/[a-z_]+")
_KEYS: Final = {"version", "inputs", "note"}


class Prompt(Value):
    """A text for a model, and how to name it in a record."""

    name: str
    version: str
    inputs: frozenset[str]
    text: str
    digest: str
    """The first half of the SHA-256 of the text: reports group by it."""

    def fill(self, **inputs: str) -> str:
        """The text with its placeholders filled.

        Values are put in as they are: a `$` in one of them is no placeholder.

        Raises:
            SettingsError: an input is missing or unknown.
        """
        missing, unknown = self.inputs - inputs.keys(), inputs.keys() - self.inputs
        if missing or unknown:
            raise SettingsError(
                f"The prompt {self.name!r} was filled wrongly: missing {sorted(missing)}, unknown {sorted(unknown)}.",
                hint="Its head lists its inputs.",
            )
        return Template(self.text).substitute(inputs)


@cache
def load_prompt(name: str, folder: Path = FOLDER) -> Prompt:
    """Read the prompt `<agent>/<verb>`.

    Raises:
        SettingsError: there is none of that name, or its head does not agree with its text.
    """
    if not _NAME.fullmatch(name):
        raise SettingsError(f"{name!r} is not the name of a prompt.", hint="Write agent/verb.")
    try:
        source = (folder / f"{name}.md").read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"There is no prompt {name!r}.", hint="Prompts lie in prompts/.") from error
    parts = _HEAD.fullmatch(source)
    if parts is None:
        raise SettingsError(f"The prompt {name!r} has no head.", hint="Start with --- version: ... ---.")
    head, text = _read_head(name, parts[1]), parts[2].strip()
    inputs = frozenset(map(str, head.get("inputs") or ()))
    used = frozenset(Template(text).get_identifiers())
    if inputs != used or not Template(text).is_valid():
        raise SettingsError(
            f"The head of the prompt {name!r} lists {sorted(inputs)}, its text uses {sorted(used)}.",
            hint="Make them agree; a plain dollar sign is written twice.",
        )
    digest = hashlib.sha256(text.encode()).hexdigest()[:32]
    return Prompt(name=name, version=str(head["version"]), inputs=inputs, text=text, digest=digest)


def _read_head(name: str, text: str) -> dict[str, Any]:
    try:
        head = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise SettingsError(f"The head of the prompt {name!r} is not YAML.") from error
    if not isinstance(head, dict) or "version" not in head or set(head) - _KEYS:
        raise SettingsError(
            f"The head of the prompt {name!r} must hold `version` and may hold `inputs` and `note`, nothing else."
        )
    return head
