"""Every tool for outside clients. Few of them: each one more is read by a model with every question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.mcp.ask import ASK
from app.mcp.describe import DESCRIBE
from app.mcp.feedback import FEEDBACK
from app.mcp.get_run import GET_RUN
from app.mcp.run_sql import RUN_SQL
from app.mcp.search_catalog import SEARCH_CATALOG
from app.mcp.tool import ClientTool

CLIENT_TOOLS: Final[tuple[ClientTool, ...]] = (ASK, SEARCH_CATALOG, DESCRIBE, RUN_SQL, GET_RUN, FEEDBACK)
BY_NAME: Final[Mapping[str, ClientTool]] = {tool.name: tool for tool in CLIENT_TOOLS}
