"""One call of a tool: who calls, what they may use, and how their person can be asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from mcp.types import InputResponses

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext
    from mcp.types import CallToolRequestParams

    from app.http.desk import Desk
    from app.http.proof import Proof
    from app.mcp.held import Held
    from townlake.domain.principal import Principal

_BY_RESULT: Final = "2026-07-28"


@dataclass(frozen=True, slots=True)
class Call:
    """A call. Who calls was verified before anything of it was read: identity is no argument."""

    desk: Desk
    held: Held
    caller: Principal
    trace_id: str
    context: ServerRequestContext[Any, Any]
    params: CallToolRequestParams
    proof: Proof | None = None
    """What the request came with; None where nobody but the caller can reach the server."""

    @property
    def can_ask(self) -> bool:
        """Whether the client can put a question to its person, and bring the reply back here."""
        session = self.context.session
        told = session.client_capabilities
        asking = told.elicitation if told else None
        if asking is None or (asking.form is None and asking.url is not None):
            return False
        return self.asks_by_result or session.can_send_request

    @property
    def asks_by_result(self) -> bool:
        """Whether a question goes out as a result, and comes back with the same call: since revision 2026-07-28."""
        return self.context.protocol_version >= _BY_RESULT

    @property
    def said(self) -> InputResponses:
        """What the person said to what the call before asked."""
        return self.params.input_responses or {}

    @property
    def state(self) -> str | None:
        """What was given to the client with the question. It comes from outside, and proves nothing."""
        return self.params.request_state
