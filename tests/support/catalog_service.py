"""A small Iceberg REST catalog service for tests, which can be told to misbehave. It answers out of a real catalog."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from pyiceberg.catalog.sql import SqlCatalog
from pyiceberg.exceptions import NoSuchNamespaceError, NoSuchTableError

from townlake.catalog.rest_service import RestAddress


@dataclass
class CatalogService:
    """The service, and how it behaves.

    Attributes:
        inner: the tables, for whoever changes them behind the product's back.
        statuses: what a method and a path, decoded, are answered with instead.
        seconds: how long every table takes.
    """

    inner: SqlCatalog
    address: RestAddress = field(init=False)
    statuses: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    asked: list[str] = field(default_factory=list)
    connections: int = 0
    is_deaf_to_drops: bool = False

    def answer(self, method: str, path: str, query: dict[str, list[str]]) -> tuple[int, dict[str, Any]]:
        """(status, content)."""
        asked = f"{method} {path}"
        self.asked.append(asked)
        if asked in self.statuses:
            return self.statuses[asked], {}
        parts = path.removeprefix("/v1/").split("/")
        try:
            return 200, self._found(method, parts, query)
        except (NoSuchTableError, NoSuchNamespaceError, LookupError):
            return 404, {}

    def _found(self, method: str, parts: list[str], query: dict[str, list[str]]) -> dict[str, Any]:
        match [method, *parts]:
            case ["GET", "config"]:
                return {"defaults": {}, "overrides": {}}
            case ["GET", "namespaces"]:
                parent = tuple(query["parent"][0].split("\x1f")) if "parent" in query else ()
                return {"namespaces": [list(name) for name in self.inner.list_namespaces(parent)]}
            case ["GET", "namespaces", namespace, "tables"]:
                found = self.inner.list_tables(tuple(namespace.split("\x1f")))
                return {"identifiers": [{"namespace": list(name[:-1]), "name": name[-1]} for name in found]}
            case ["GET", "namespaces", _, "views"]:
                return {"identifiers": []}
            case ["GET", "namespaces", namespace, "tables", name]:
                time.sleep(self.seconds)
                table = self.inner.load_table((*namespace.split("\x1f"), name))
                document = json.loads(table.metadata.model_dump_json())
                return {"metadata-location": table.metadata_location, "metadata": document}
            case ["DELETE", "namespaces", namespace, "tables", name]:
                if not self.is_deaf_to_drops:
                    self.inner.drop_table((*namespace.split("\x1f"), name))
                return {}
        raise LookupError(parts)


@contextmanager
def catalog_service(directory: Path) -> Iterator[CatalogService]:
    """A service whose tables lie below `warehouse` of a directory."""
    (directory / "warehouse").mkdir(exist_ok=True)
    place = {"uri": f"sqlite:///{directory}/service.db", "warehouse": f"file://{directory}/warehouse"}
    found = CatalogService(SqlCatalog("service", **place, pool_pre_ping="true"))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            found.connections += 1

        def log_message(self, *_: Any) -> None:
            """Nothing is said."""

        def do_GET(self) -> None:
            url = urlsplit(self.path)
            status, content = found.answer(self.command, unquote(url.path), parse_qs(url.query))
            text = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_DELETE = do_GET

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.address = RestAddress(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        found.inner.close()
