"""Switch off what libraries would send out by themselves."""

from __future__ import annotations

import os
from typing import Final

SWITCHES: Final = {
    # LangSmith comes with langchain-core; with a key in the environment it would send every prompt out.
    "LANGSMITH_TRACING": "false",
    "LANGSMITH_TRACING_V2": "false",
    "LANGCHAIN_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGSMITH_GATEWAY": "false",
    # The Anthropic client makes spans by itself and tells the provider the id of ours.
    "ANTHROPIC_OPEN_TELEMETRY": "false",
    "ANTHROPIC_OPEN_TELEMETRY_PROPAGATION": "false",
    # The web framework would send out what requests hold.
    "FASTAPI_OTEL_AUTO_CONFIGURE": "false",
    "ANONYMIZED_TELEMETRY": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "SCARF_NO_ANALYTICS": "true",
    # A checkpoint may rebuild only types that are on a list.
    "LANGGRAPH_STRICT_MSGPACK": "true",
    # Warns on standard error when a process forks, and one thread is enough for one question.
    "TOKENIZERS_PARALLELISM": "false",
}


def switch_off_telemetry() -> None:
    """Set every switch, whatever was set before.

    Call it before any of the libraries is imported: several read the environment only then.
    """
    os.environ.update(SWITCHES)
