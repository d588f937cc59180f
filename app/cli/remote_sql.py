"""A statement that a server runs, as the record that one on this machine gives."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from app.statement import recorded, refused

if TYPE_CHECKING:
    from app.settings import Settings


def remote_statement(settings: Settings, sql: str, namespace: str | None, *, check: bool) -> dict[str, Any]:
    """Have the server of the settings check and run a statement; `run_statement` tells of the record."""

    def work(record: dict[str, Any]) -> None:
        from app.cli.remote import open_client
        from townlake.domain.errors import Unplannable

        mode: Literal["run", "check"] = "check" if check else "run"
        with open_client(settings) as client:
            try:
                found = client.sql(sql, namespace=namespace, mode=mode)
            except Unplannable as error:
                record |= {
                    "findings": [finding.model_dump(mode="json") for finding in error.findings],
                    **refused(error.findings),
                }
                return
        record |= {
            "decision": "allow",
            "stage": "engine",
            "sql": found.sql,
            "columns": [column.model_dump() for column in found.columns],
            "rows": found.rows,
            "truncated": found.truncated,
            "findings": [finding.model_dump(mode="json") for finding in found.findings],
            "tables": [{"table": table, "snapshot_id": snapshot} for table, snapshot in found.tables.items()],
            "query_id": found.query_id,
        }

    return recorded(work)
