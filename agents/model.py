"""The one place that calls a chat model. Any chat model of langchain-core will do."""

from __future__ import annotations

import importlib
import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from pydantic import SecretStr, ValidationError

from agents.budget import Meter
from agents.model_faults import fault_of, malformed, may_be_billed, stop_fault
from agents.prices import PriceList, load_prices
from agents.usage import ModelCall, PromptUse, Tokens
from townlake.domain.errors import ModelError, SettingsError
from townlake.domain.value import Value
from townlake.governance.model_days import MICRO, ModelUse

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage, BaseMessage

    from prompts.loader import Prompt

R = TypeVar("R", bound=Value)
_TRIES_TO_KEEP_FORM: Final = 2
_MOST_TOKENS: Final = 8192
ANTHROPIC: Final = "langchain_anthropic:ChatAnthropic"
KEY_VARIABLE: Final = "SKIPPER_MODEL_API_KEY"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """Which model, where, and how patiently."""

    name: str
    kind: str = ANTHROPIC
    """A chat model of langchain-core, as `module:Class`."""
    base_url: str | None = None
    api_key: SecretStr | None = None
    key_variable: str = KEY_VARIABLE
    """Where people keep the key, for the hint when it is refused."""
    timeout_seconds: float = 120.0
    max_tokens: int = _MOST_TOKENS
    max_retries: int = 3
    """The client waits as long as the provider's `retry-after` asks."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a model is asked, and from which prompts it was made."""

    step: str
    """Which step asks, for the record."""
    rules: Prompt
    """The part that is the same for every question: a provider may cache it."""
    content: str
    """The rest."""
    made_from: tuple[Prompt, ...] = ()
    """The prompts that `content` was made from."""

    @property
    def prompts(self) -> tuple[PromptUse, ...]:
        """All of them, for the record."""
        used = (self.rules, *self.made_from)
        return tuple(PromptUse(name=p.name, version=p.version, digest=p.digest) for p in used)


class Model:
    """A chat model with its price: every call is allowed by a meter, counted, and either useful or a named error."""

    def __init__(
        self,
        name: str,
        open_chat: Callable[[], BaseChatModel],
        prices: PriceList,
        *,
        marks_cache: bool = False,
        key_variable: str = KEY_VARIABLE,
        max_tokens: int = _MOST_TOKENS,
    ) -> None:
        """Take a model.

        Args:
            name: under which its calls are kept.
            open_chat: makes the chat model, at the first call: importing a client takes seconds.
            prices: what it costs.
            marks_cache: whether the provider wants the part of a prompt that stays the same to be marked.
            key_variable: where people keep its key.
            max_tokens: tokens of an answer at most.
        """
        self.name = name
        self._open_chat = open_chat
        self._prices = prices
        self._marks_cache = marks_cache
        self._key_variable = key_variable
        self._max_tokens = max_tokens

    @classmethod
    def open(cls, settings: ModelSettings, on: date, prices: PriceList | None = None) -> Model:
        """The model that the settings name.

        Raises:
            SettingsError: it has no price.
        """
        return cls(
            settings.name,
            lambda: open_chat(settings),
            prices or load_prices(settings.name, on),
            marks_cache=settings.kind == ANTHROPIC,
            key_variable=settings.key_variable,
            max_tokens=settings.max_tokens,
        )

    def write(self, request: Request, form: type[R], meter: Meter, *, tries: int = _TRIES_TO_KEEP_FORM) -> R:
        """One answer in a given form: one call, and one more where the first does not keep to the form.

        Args:
            request: what is asked.
            form: the JSON schema of the answer.
            meter: allows and counts.
            tries: calls at most.

        Raises:
            LimitExceeded: a budget is used up.
            ModelError: no usable answer; the class says why.
        """
        chat = self._chat.with_structured_output(form, method="json_schema", include_raw=True)
        messages = self.messages(request)
        extra = len(json.dumps(form.model_json_schema()))
        for _ in range(tries):
            reply = self._counted(
                lambda: cast("dict[str, Any]", chat.invoke(messages)), messages, request, meter, extra
            )
            parsed = _kept_form(reply["parsed"], form)
            if parsed is not None:
                return parsed
        raise malformed()

    def converse(
        self, messages: Sequence[BaseMessage], tools: Sequence[dict[str, Any]], request: Request, meter: Meter
    ) -> AIMessage:
        """One answer that may call tools.

        Args:
            messages: the conversation so far; it begins with `messages(request)`.
            tools: as JSON schemas.
            request: what the conversation began with.
            meter: allows and counts.

        Raises:
            LimitExceeded: a budget is used up.
            ModelError: no usable answer; the class says why.
        """
        chat = self._chat.bind_tools(list(tools))
        extra = len(json.dumps(list(tools)))
        reply = self._counted(
            lambda: {"raw": chat.invoke(list(messages)), "parsing_error": None}, messages, request, meter, extra
        )
        message: AIMessage = reply["raw"]
        return message

    def messages(self, request: Request) -> list[BaseMessage]:
        """The start of a conversation: what always holds, then what is asked."""
        from langchain_core.messages import HumanMessage, SystemMessage

        rules = request.rules.fill()
        if not self._marks_cache:
            return [SystemMessage(rules), HumanMessage(request.content)]
        block = {"type": "text", "text": rules, "cache_control": {"type": "ephemeral"}}
        return [SystemMessage([block]), HumanMessage(request.content)]

    @cached_property
    def _chat(self) -> BaseChatModel:
        return self._open_chat()

    def _counted(
        self,
        invoke: Callable[[], dict[str, Any]],
        messages: Sequence[BaseMessage],
        request: Request,
        meter: Meter,
        extra_bytes: int,
    ) -> dict[str, Any]:
        request_bytes = sum(len(str(m.text).encode()) for m in messages) + extra_bytes
        most = self._at_most(request_bytes)
        meter.allow(ModelUse(most.total, math.ceil(self._prices.cost(most) * MICRO)))
        started = time.perf_counter()
        tokens: Tokens | None = None
        fault: ModelError | None = None
        reply: dict[str, Any] = {}

        def count(outcome: str) -> None:
            taken = most if tokens is None else tokens
            meter.count(
                ModelCall(
                    step=request.step,
                    model=self.name,
                    prompts=request.prompts,
                    tokens=taken,
                    cost_usd=self._prices.cost(taken),
                    seconds=round(time.perf_counter() - started, 3),
                    request_bytes=request_bytes,
                    outcome=outcome,
                    estimated=tokens is None,
                )
            )

        try:
            reply = invoke()
            tokens = _tokens(reply["raw"])
            fault = stop_fault(reply["raw"].response_metadata)
            if fault is None and isinstance(reply["parsing_error"], Exception):
                fault = _unless_malformed(fault_of(reply["parsing_error"], self._key_variable))
        except Exception as error:  # every client has a tree of its own
            fault = fault_of(error, self._key_variable)
            if fault is not error:
                fault.__cause__ = error
            if not reply and not may_be_billed(error):
                tokens = Tokens()
        except BaseException as error:
            # Broken off here, and maybe worked on there.
            count(type(error).__name__)
            raise
        count("ok" if fault is None else type(fault).__name__)
        if fault is not None:
            raise fault
        return reply

    def _at_most(self, request_bytes: int) -> Tokens:
        """What a call may take: a token for two bytes at most, and all of the prompt may go into a cache."""
        read = request_bytes // 2 + 1
        return Tokens(input=read, output=self._max_tokens, cache_write=read if self._marks_cache else 0)


def open_chat(settings: ModelSettings) -> BaseChatModel:
    """Make the chat model that the settings name.

    No temperature is given: the Messages API refuses it even at its default.

    Raises:
        SettingsError: there is no such class, or it does not take these settings.
    """
    module, _, name = settings.kind.partition(":")
    arguments: dict[str, Any] = {
        "model": settings.name,
        "max_tokens": settings.max_tokens,
        "timeout": settings.timeout_seconds,
        "max_retries": settings.max_retries,
    }
    if settings.base_url:
        arguments["base_url"] = settings.base_url
    if settings.api_key:
        arguments["api_key"] = settings.api_key
    try:
        chat: BaseChatModel = getattr(importlib.import_module(module), name)(**arguments)
    except Exception as error:  # whatever a stranger's class raises, the remedy is the same
        raise SettingsError(
            f"The chat model {settings.kind!r} cannot be made ({type(error).__name__}).",
            hint="SKIPPER_MODEL_CLASS is `module:Class` of an installed chat model of langchain-core.",
        ) from error
    return chat


def _kept_form(parsed: object, form: type[R]) -> R | None:
    if isinstance(parsed, form):
        return parsed
    try:
        return form.model_validate(parsed) if isinstance(parsed, dict) else None
    except ValidationError:
        return None


def _tokens(message: AIMessage) -> Tokens | None:
    """What a provider says that a call took; None where it says nothing, no prompt, or what cannot be."""
    usage = message.usage_metadata
    if usage is None or usage["input_tokens"] <= 0 or usage["output_tokens"] < 0:
        return None
    details: dict[str, Any] = dict(usage.get("input_token_details") or {})
    spans = ("cache_creation", "ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens")
    written = sum(int(details.get(span) or 0) for span in spans)
    return Tokens(
        input=usage["input_tokens"],
        output=usage["output_tokens"],
        cache_read=details.get("cache_read") or 0,
        cache_write=written,
    )


def _unless_malformed(fault: ModelError) -> ModelError | None:
    """A fault that parsing met, unless it is only that the form was not kept: that is worth another try."""
    return fault if type(fault) is not ModelError else None
