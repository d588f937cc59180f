"""Every error of the product, in one tree.

SkipperError                what happened, and a hint: what to do next
├── ToolFailure             read by the model: says what to try next
├── AccessDenied            read by the person: says whom to ask; never retried
├── InvalidName             a name that cannot exist
├── NotFound                a table, run or record that is not there (or not visible)
├── BadInput                a request that cannot be taken as it is
│   └── Unplannable         a statement that the engine cannot plan, with its findings
├── Outdated                what was looked at before is another now; look again
├── SettingsError           a setting is missing or wrong
├── HomeError               the home directory is missing, locked, full or damaged
│   ├── AuditUnavailable    the audit cannot be written, so nothing runs
│   └── StorageUnavailable  the object storage does not answer, or refuses
├── LimitExceeded           rows, bytes, memory, time, calls, tokens or money ran out
├── Cancelled               the caller stopped the work
├── EngineError             read by the operator: query id and engine code, never shown raw
│   └── EngineUnavailable   the engine does not answer
└── ModelError              the chat model did not give a usable answer
    ├── ModelRefused        the model declined
    ├── ModelTruncated      the answer was cut at the token limit
    ├── ModelOverloaded     the provider is overloaded or limits the rate
    └── ModelUnavailable    no model is configured, or it cannot be reached
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from townlake.domain.finding import Finding


class SkipperError(Exception):
    """Base of all errors that a caller may see.

    Attributes:
        message: what happened, in one or two sentences, free of hidden names and values.
        hint: what to do next; empty when there is nothing to do.
    """

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class ToolFailure(SkipperError):
    """A tool could not do what the model asked; the hint is the next thing to try."""


class AccessDenied(SkipperError):
    """The caller may not read this; the hint names whom to ask. Never retried."""


class InvalidName(SkipperError):
    """A text that cannot name a table or a column."""


class NotFound(SkipperError):
    """Nothing of that name is there for this caller. Closed and missing read alike."""


class BadInput(SkipperError):
    """The request cannot be taken as it is."""


class Unplannable(BadInput):
    """The engine cannot plan a statement that passed the guard.

    Attributes:
        findings: what a check tells of it, notes and warnings included.
    """

    def __init__(self, message: str, *, hint: str = "", findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(message, hint=hint)
        self.findings = findings


class Outdated(SkipperError):
    """What a decision was made on has changed since the person looked at it; nothing was done."""


class SettingsError(SkipperError):
    """A setting is missing or wrong."""


class HomeError(SkipperError):
    """The home directory is missing, locked, full, from a newer version, or damaged."""


class AuditUnavailable(HomeError):
    """The audit cannot be written, so nothing runs."""


class StorageUnavailable(HomeError):
    """The object storage does not answer, refuses the key, or has no such bucket: no table can be read or written."""


class LimitExceeded(SkipperError):
    """A limit was reached.

    Attributes:
        limit: which one: `rows`, `bytes`, `memory`, `seconds`, `day`, `calls`, `tokens` or `money`.
        code: the finding that a check would give now; empty where no check can tell.
    """

    def __init__(self, message: str, *, limit: str, hint: str = "", code: str = "") -> None:
        super().__init__(message, hint=hint)
        self.limit = limit
        self.code = code


class Cancelled(SkipperError):
    """The caller stopped the work."""


class EngineError(SkipperError):
    """The engine failed.

    Attributes:
        code: the class of the failure in Trino's words (`TYPE_MISMATCH`, `DIVISION_BY_ZERO`), safe to show.
        query_id: the id under which the audit and the engine know the query.
        detail: the engine's own text. It may quote values, so it goes to the operator's log, never to a caller.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str = "GENERIC_INTERNAL_ERROR",
        query_id: str = "",
        detail: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(message, hint=hint)
        self.code = code
        self.query_id = query_id
        self.detail = detail


class EngineUnavailable(EngineError):
    """The engine does not answer."""


class ModelError(SkipperError):
    """The chat model did not give a usable answer."""


class ModelRefused(ModelError):
    """The model declined to answer."""


class ModelTruncated(ModelError):
    """The answer was cut at the token limit."""


class ModelOverloaded(ModelError):
    """The provider is overloaded or limits the rate."""


class ModelUnavailable(ModelError):
    """No model is configured, or it cannot be reached."""
