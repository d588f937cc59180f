"""What a person is told below the answer to something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.cli.output import Output

if TYPE_CHECKING:
    from app.workspace import Workspace
    from townlake.domain.principal import Principal


def tell_news(workspace: Workspace, caller: Principal, output: Output) -> None:
    """Tell a person what was answered since they last came; a state that cannot be written is no reason to fail."""
    from app.news import news_for
    from townlake.domain.errors import HomeError

    try:
        lines = news_for(workspace, caller)
    except HomeError:
        return
    for line in lines:
        output.note(line)
