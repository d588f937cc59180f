"""What went wrong at a model, in our own words: one place that reads the errors and stop reasons of providers."""

from __future__ import annotations

from typing import Any

from townlake.domain.errors import ModelError, ModelOverloaded, ModelRefused, ModelTruncated, ModelUnavailable

_CUT = {"max_tokens", "length", "model_context_window_exceeded", "pause_turn"}
_DECLINED = {"refusal", "content_filter"}
_NEVER_SENT = {
    *("ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "LocalProtocolError", "InvalidURL"),
    *("NewConnectionError", "NameResolutionError", "ClientConnectorError", "ConnectionRefusedError", "gaierror"),
}
"""How clients call it when no connection came about: a provider bills nothing for what it never got."""


def fault_of(error: Exception, key_variable: str) -> ModelError:
    """The error of a provider's library as one of ours.

    It is told by the HTTP status that all libraries carry, else by the class, and the provider's own text is left
    out: it may quote the prompt.
    """
    if isinstance(error, ModelError):
        return error
    status = _status(error)
    kinds = _kinds(error)
    if "ModelRefusalError" in kinds:
        return refused()
    if status in (429, 503, 529) or any("Overloaded" in kind or "RateLimit" in kind for kind in kinds):
        return ModelOverloaded(
            "The model's provider is overloaded or limits the rate.",
            hint="Ask again in a minute: the run goes on where it stopped.",
        )
    if status in (401, 403):
        return ModelUnavailable(
            "The model's provider does not accept the key.",
            hint=f"Check {key_variable}, or SKIPPER_MODEL_API_KEY and SKIPPER_MODEL_API_KEY_FILE, which go before it.",
        )
    if status == 404:
        return ModelUnavailable(
            "The provider does not know this model.", hint="Check SKIPPER_MODEL and SKIPPER_MODEL_BASE_URL."
        )
    if status is not None and status >= 500:
        return ModelUnavailable("The model's provider failed.", hint="Ask again in a minute.")
    if "ContextOverflowError" in kinds or status == 413:
        return ModelTruncated("The question is too long for the model.", hint="Ask a shorter question.")
    if status is not None:
        return ModelError(f"The provider refused the request (HTTP {status}).", hint="Try another SKIPPER_MODEL.")
    if isinstance(error, OSError) or any("Connection" in kind or "Timeout" in kind for kind in kinds):
        return ModelUnavailable(
            "The model cannot be reached.", hint="Check the network and SKIPPER_MODEL_BASE_URL, then ask again."
        )
    return ModelError(f"The model failed ({type(error).__name__}).", hint="Ask again, or try another SKIPPER_MODEL.")


def may_be_billed(error: BaseException) -> bool:
    """Whether an error leaves it open that the provider bills the call.

    It bills nothing that it refused outright, or that was never sent. Whatever else broke off, or failed on its side,
    may have been worked on.

    >>> may_be_billed(TimeoutError()), may_be_billed(ConnectionRefusedError())
    (True, False)
    """
    status = _status(error)
    if status is not None:
        return status >= 500 and status not in (503, 529)
    kinds = _kinds(error)
    if "ContextOverflowError" in kinds or any("Overloaded" in kind or "RateLimit" in kind for kind in kinds):
        return False
    return not any(_kinds(cause) & _NEVER_SENT for cause in _causes(error))


def stop_fault(metadata: dict[str, Any]) -> ModelError | None:
    """Why an answer that did come is of no use, or None."""
    reason = metadata.get("stop_reason") or metadata.get("finish_reason")
    if reason in _DECLINED:
        return refused()
    if reason in _CUT:
        return ModelTruncated(
            "The model's answer was cut before it was whole.",
            hint="Raise SKIPPER_MODEL_MAX_TOKENS, or ask for less at once.",
        )
    return None


def refused() -> ModelRefused:
    """The model declined."""
    return ModelRefused(
        "The model declined to answer this question.",
        hint="Put it in other words, or write the SQL with `skipper sql`.",
    )


def malformed() -> ModelError:
    """The model did not keep to the form that was asked of it."""
    return ModelError(
        "The model did not answer in the form that was asked of it.",
        hint="Ask again, or set SKIPPER_MODEL to a model that keeps to a JSON schema.",
    )


def _causes(error: BaseException) -> list[BaseException]:
    """An error and what led to it. Whatever a stranger's client made of them, each is there once."""
    found: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and all(cause is not each for each in found):
        found.append(cause)
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return found


def _kinds(error: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(error).__mro__}


def _status(error: BaseException) -> int | None:
    for holder in (error, getattr(error, "response", None)):
        status = getattr(holder, "status_code", None)
        if isinstance(status, int):
            return status
    return None
