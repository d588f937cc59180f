"""A chat model that says what the script says, and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable, RunnableLambda
from pydantic import Field, ValidationError

from agents.model import Model
from agents.prices import PriceList

Line = AIMessage | Exception | Callable[[list[BaseMessage]], AIMessage]
USAGE = {"input_tokens": 1000, "output_tokens": 100, "total_tokens": 1100}


def says(text: str, *, stop: str = "end_turn") -> AIMessage:
    """A plain answer."""
    return AIMessage(text, usage_metadata=USAGE, response_metadata={"stop_reason": stop})


def writes(sql: str = "", *, status: str = "sql", **fields: Any) -> AIMessage:
    """The writer's answer."""
    reply = {"reading": "", "status": status, "sql": sql, "assumptions": [], "question": "", "options": []}
    return says(json.dumps(reply | fields))


def calls(*named: tuple[str, dict[str, Any]]) -> AIMessage:
    """An answer that calls tools."""
    requests = [{"name": name, "args": args, "id": f"call-{n}"} for n, (name, args) in enumerate(named)]
    return AIMessage("", tool_calls=requests, usage_metadata=USAGE, response_metadata={"stop_reason": "tool_use"})


class ScriptedChat(BaseChatModel):
    """Says its lines one after another; a script that is too short fails the test."""

    script: list[Any] = Field(default_factory=list)
    heard: list[list[BaseMessage]] = Field(default_factory=list)
    tools: list[Any] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        self.heard.append(messages)
        if not self.script:
            raise AssertionError("the model was asked once more than the script foresees")
        line = self.script.pop(0)
        if isinstance(line, Exception):
            raise line
        message = line(messages) if callable(line) else line
        return ChatResult(generations=[ChatGeneration(message=message)])

    def bind_tools(self, tools: Sequence[Any], **kwargs: Any) -> Runnable[Any, Any]:
        self.tools.extend(tools)
        return self

    def with_structured_output(self, schema: Any, *, include_raw: bool = False, **kwargs: Any) -> Runnable[Any, Any]:
        assert include_raw
        assert kwargs == {"method": "json_schema"}

        def parse(raw: BaseMessage) -> dict[str, Any]:
            try:
                return {"raw": raw, "parsed": schema.model_validate_json(raw.text), "parsing_error": None}
            except ValidationError as error:
                return {"raw": raw, "parsed": None, "parsing_error": error}

        return self | RunnableLambda(parse)


def scripted(*script: Line, price: tuple[float, float] = (2.0, 10.0)) -> tuple[Model, ScriptedChat]:
    """A model with a script, and the chat behind it."""
    chat = ScriptedChat(script=list(script))
    return Model("scripted", lambda: chat, PriceList.flat("scripted", *price)), chat


TODAY = date(2026, 3, 1)
