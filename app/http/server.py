"""The server that carries the application: when it ends, open streams do not keep it waiting."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from app.http.streams import Streams


class Server(uvicorn.Server):
    """One server.

    Args:
        config: how it listens.
        streams: those that it tells to come again.
    """

    def __init__(self, config: uvicorn.Config, streams: Streams) -> None:
        super().__init__(config)
        self._streams = streams

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let nobody more in, and have everybody go who listens."""
        self._streams.end()
        await super().shutdown(sockets=sockets)
