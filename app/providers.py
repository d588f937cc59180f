"""Who serves a chat model, told by its name, so that each gets the client and the key of its own provider."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final, NamedTuple

from townlake.domain.errors import SettingsError


class Provider(NamedTuple):
    """How a provider's models are called."""

    chat: str
    """The chat model of langchain-core, as `module:Class`."""
    key: str
    """The environment variable that people keep its key in."""
    models: tuple[str, ...] = ()
    """How the names of its models begin."""

    @property
    def package(self) -> str:
        """What has to be installed.

        >>> ANTHROPIC.package
        'langchain-anthropic'
        """
        return self._root.replace("_", "-")

    @property
    def is_installed(self) -> bool:
        """Whether its package is there."""
        return find_spec(self._root) is not None

    def must_be_installed(self, model: str) -> None:
        """Refuse a model whose package is missing.

        Raises:
            SettingsError: it is.
        """
        if not self.is_installed:
            raise SettingsError(
                f"The model {model!r} needs the package {self.package}, which is not installed.",
                hint=f"Install {self.package} and set {self.key}, or name another model with SKIPPER_MODEL.",
            )

    @property
    def _root(self) -> str:
        return self.chat.partition(":")[0].partition(".")[0]


ANTHROPIC: Final = Provider("langchain_anthropic:ChatAnthropic", "ANTHROPIC_API_KEY", ("claude",))
PROVIDERS: Final = (
    ANTHROPIC,
    Provider("langchain_openai:ChatOpenAI", "OPENAI_API_KEY", ("gpt", "chatgpt", "o1", "o3", "o4")),
    Provider("langchain_google_genai:ChatGoogleGenerativeAI", "GOOGLE_API_KEY", ("gemini",)),
    Provider("langchain_mistralai:ChatMistralAI", "MISTRAL_API_KEY", ("mistral", "magistral", "codestral")),
)


def provider_of(model: str, chat: str | None = None) -> Provider:
    """The provider of a model.

    Args:
        model: its name.
        chat: the class that calls it, where a person set one.

    >>> provider_of("gpt-4o").key, provider_of("claude-sonnet-5-5").key, provider_of("own", "my_models:Chat").key
    ('OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'SKIPPER_MODEL_API_KEY')
    """
    if chat is not None:
        known = (provider for provider in PROVIDERS if provider.chat == chat)
        return next(known, Provider(chat, "SKIPPER_MODEL_API_KEY"))
    named = (provider for provider in PROVIDERS if model.startswith(provider.models))
    return next(named, ANTHROPIC)
