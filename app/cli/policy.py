"""`skipper policy`: the service that Trino asks who may see what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.help import epilog
from app.cli.output import Output
from app.cli.run import JsonFlag, run_command

if TYPE_CHECKING:
    from app.workspace import Workspace


def add_to(skipper: typer.Typer) -> None:
    """Put the command under `skipper`."""
    skipper.command(
        "policy",
        epilog=epilog(
            "skipper policy --port 8585",
            note="It listens on the loopback interface only: Trino can bring no credentials. docs/trino.md tells more.",
        ),
    )(policy)


def policy(
    port: Annotated[
        int, typer.Option("--port", min=0, max=65535, metavar="PORT", help="0 takes any that is free.")
    ] = 8585,
    as_json: JsonFlag = False,
) -> None:
    """Serve the policy to a Trino server on this machine, until it is interrupted."""

    def body(workspace: Workspace, output: Output) -> None:
        import uvicorn

        from app.http.listening import HOST, listen
        from app.http.policy import PolicyService
        from app.stack.trino_server import access_control, event_listener
        from townlake.governance.trino_events import TrinoEvents
        from townlake.governance.trino_policy import TrinoPolicy

        services = workspace.settings.trino_services
        do_callers_log_in = workspace.settings.trino_exchange_url is not None
        catalog, registries, identified = workspace.catalog, workspace.policy, workspace.identities.principal

        def answers() -> TrinoPolicy:
            # Of the table as Trino has just opened it, not as it was up to two seconds before.
            looks = catalog.look(afresh=True), registries.look()
            return TrinoPolicy(*looks, services, identified, do_callers_log_in=do_callers_log_in)

        events = TrinoEvents(
            workspace.audit,
            workspace.identities.whose,
            services,
            is_direct_use_allowed=workspace.settings.trino_direct,
        )
        service = PolicyService(answers, registries.version, events)
        listening = listen(port)
        url = f"http://{HOST}:{listening.getsockname()[1]}"
        output.value({"url": url}, f"Trino's policy is served at {url} until you press Ctrl-C.")
        for name, properties in (("access-control", access_control(url)), ("http-event-listener", event_listener(url))):
            lines = [f"  {key}={value}" for key, value in properties.items()]
            output.note("\n".join((f"Trino reads this from etc/{name}.properties:", *lines)), verbatim=True)
        config = uvicorn.Config(service, lifespan="off", log_config=None, access_log=False)
        uvicorn.Server(config).run(sockets=[listening])

    run_command(as_json, body)
