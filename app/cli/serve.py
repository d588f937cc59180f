"""`skipper serve`: the page and the agent API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.help import epilog
from app.cli.output import Output
from app.cli.run import JsonFlag, run_command

if TYPE_CHECKING:
    from app.workspace import Workspace

_STOP_SECONDS = 5
_SWITCH_SECONDS = 0.001
"""Threads that work on questions let the one that talks to callers in after so long: Python's own 5 ms add up."""


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command(
        "serve",
        epilog=epilog(
            "skipper serve --port 8000",
            note="It listens on the loopback interface only, and whoever reaches it asks as you, until callers are "
            "verified: docs/guide/identity.md. docs/guide/api.md tells what it answers.",
        ),
    )(serve)


def serve(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="PORT", help="0 takes any that is free.")
    ] = 8000,
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDRESS", help="Where to listen: beyond this machine if callers are verified."),
    ] = "127.0.0.1",
    as_json: JsonFlag = False,
) -> None:
    """Serve the page and the agent API, until it is interrupted."""

    def body(workspace: Workspace, output: Output) -> None:
        import gc
        import sys

        # Nothing of what is loaded now is garbage.
        gc.disable()
        import uvicorn

        from app.http.application import make_app
        from app.http.identity.place import place_of
        from app.http.listening import listen
        from app.http.loaded import keep_loaded
        from app.http.server import Server
        from app.serving import open_desk

        place = place_of(workspace.settings, host)
        desk = open_desk(workspace)
        if workspace.settings.http_identity == "verified":
            from app.trino_fence import fence_must_stand

            fence_must_stand(workspace)
        listening = listen(port, place.address)
        workspace.engine.warm()
        app = make_app(desk, place.hosts, place.origins, prefix=place.prefix, embedders=place.embedders)
        url = f"http://{place.shown}:{listening.getsockname()[1]}"
        output.value({"url": url}, f"Open {url} in a browser; programs ask there, too. Ctrl-C ends it.")
        keep_loaded()
        sys.setswitchinterval(_SWITCH_SECONDS)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            ws="none",
            # Else uvicorn believes whoever is on this machine.
            proxy_headers=bool(place.proxies),
            forwarded_allow_ips=sorted(place.proxies),
            timeout_graceful_shutdown=_STOP_SECONDS,
            h11_max_incomplete_event_size=64 * 1024,
        )
        Server(config, desk.streams).run(sockets=[listening])

    run_command(as_json, body)
