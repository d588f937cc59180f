"""The names of OpenTelemetry that are used here, all in one place: those of generative AI still change.

Source: the conventions of generative AI, v0.1.0, and those of databases, 1.45.
"""

from __future__ import annotations

from typing import Final

SERVICE: Final = "skipper"
AGENT: Final = "skipper"

INVOKE_AGENT: Final = "invoke_agent"
EXECUTE_TOOL: Final = "execute_tool"

OPERATION: Final = "gen_ai.operation.name"
AGENT_NAME: Final = "gen_ai.agent.name"
TOOL_NAME: Final = "gen_ai.tool.name"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
DB_SYSTEM: Final = "db.system.name"
DB_ROWS: Final = "db.response.returned_rows"
ERROR: Final = "error.type"

RUN_ID: Final = "skipper.run.id"
STATUS: Final = "skipper.run.status"
MODEL_CALLS: Final = "skipper.model.calls"
COST_USD: Final = "skipper.model.cost_usd"
STEP: Final = "skipper.step"
QUERY_ID: Final = "skipper.query.id"
"""Under which the audit and the engine know a statement."""
