"""What chat clients send that speak OpenAI's Chat Completions. They send much more, which changes nothing here."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.contract.runs import ThreadName
from townlake.domain.value import Value

MODEL: Final = "skipper"


class _Lenient(BaseModel):
    """Clients differ in what else they send."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Part(_Lenient):
    """A part of a message; only text is read."""

    type: str = ""
    text: str | None = None


class Message(_Lenient):
    """One message of the history that a client keeps."""

    role: Annotated[str, Field(max_length=40)]
    content: str | tuple[Part, ...] | None = None

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or () if part.text)

    @property
    def is_text(self) -> bool:
        """Whether it has nothing but words."""
        return isinstance(self.content, str) or all(part.type == "text" for part in self.content or ())


class StreamOptions(_Lenient):
    """What a stream tells besides."""

    include_usage: bool = False


class Metadata(_Lenient):
    """What a client may say of the chat."""

    thread: ThreadName | None = None


class ChatRequest(_Lenient):
    """The history, whose last message is the question."""

    model: Annotated[str, Field(max_length=200)] = MODEL
    messages: Annotated[tuple[Message, ...], Field(min_length=1, max_length=2_000)]
    stream: bool = False
    stream_options: StreamOptions | None = None
    n: Literal[1] | None = None
    metadata: Metadata | None = None


class ChatUsage(Value):
    """Tokens that models of the server took for the answer."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class ChatMessage(Value):
    """The answer, in Markdown."""

    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class ChatChoice(Value):
    """The only choice."""

    index: int = 0
    message: ChatMessage
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class ChatCompletion(Value):
    """An answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    """Seconds since 1970."""
    model: str = MODEL
    choices: tuple[ChatChoice, ...]
    usage: ChatUsage


class ChatModel(Value):
    """What a client may name as the model."""

    id: str = MODEL
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = MODEL


class ChatModels(Value):
    """All of them."""

    object: Literal["list"] = "list"
    data: tuple[ChatModel, ...] = (ChatModel(),)


class ChatFault(Value):
    """What went wrong, as clients of this endpoint read it."""

    error: dict[str, Any]
    """`message`, `type`, `param` and `code`."""
