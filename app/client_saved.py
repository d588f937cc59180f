"""The part of the client that saves questions and makes dashboards."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from app.contract.dashboards import Dashboard, DashboardDraft, DashboardPage
from app.contract.saved import SavedDraft, SavedPage, SavedQuestion, SavedResult
from townlake.domain.value import Value

V = TypeVar("V", bound=Value)


class Line(Protocol):
    """What a part of the client needs of the whole."""

    def _get(self, path: str, kind: type[V], /, **params: Any) -> V: ...

    def _post(self, path: str, body: Value | None, kind: type[V]) -> V: ...

    def _put(self, path: str, body: Value, kind: type[V], version: int | None = None) -> V: ...

    def _delete(self, path: str, version: int | None = None) -> None: ...


class SavedCalls:
    """Saved questions and dashboards."""

    def save(self: Line, draft: SavedDraft) -> SavedQuestion:
        """Save a question: the statement of a run of yours, or one of your own."""
        return self._post("/v1/saved", draft, SavedQuestion)

    def saved(self: Line, *, mine: bool = False, cursor: str | None = None, limit: int = 50) -> SavedPage:
        """Questions that are yours or shared with you, the newest first."""
        return self._get("/v1/saved", SavedPage, mine=mine, cursor=cursor, limit=limit)

    def saved_question(self: Line, saved_id: str) -> SavedQuestion:
        """A saved question as you may see it."""
        return self._get(f"/v1/saved/{saved_id}", SavedQuestion)

    def saved_result(self: Line, saved_id: str) -> SavedResult:
        """The rows of a saved question, read now with your rights."""
        return self._get(f"/v1/saved/{saved_id}/result", SavedResult)

    def change_saved(self: Line, saved_id: str, draft: SavedDraft, *, version: int) -> SavedQuestion:
        """Put another one in the place of a saved question of yours, if it is still of that version."""
        return self._put(f"/v1/saved/{saved_id}", draft, SavedQuestion, version)

    def delete_saved(self: Line, saved_id: str, *, version: int) -> None:
        """Delete a saved question of yours, if it is still of that version."""
        self._delete(f"/v1/saved/{saved_id}", version)

    def make_dashboard(self: Line, draft: DashboardDraft) -> Dashboard:
        """Make a dashboard of saved questions."""
        return self._post("/v1/dashboards", draft, Dashboard)

    def dashboards(self: Line, *, mine: bool = False, cursor: str | None = None, limit: int = 50) -> DashboardPage:
        """Dashboards that are yours or shared with you, the newest first."""
        return self._get("/v1/dashboards", DashboardPage, mine=mine, cursor=cursor, limit=limit)

    def dashboard(self: Line, dashboard_id: str) -> Dashboard:
        """A dashboard without rows, and what of it you may see."""
        return self._get(f"/v1/dashboards/{dashboard_id}", Dashboard)

    def tile(self: Line, dashboard_id: str, number: int) -> SavedResult:
        """The rows of a tile, read now with your rights."""
        return self._get(f"/v1/dashboards/{dashboard_id}/tiles/{number}", SavedResult)

    def change_dashboard(self: Line, dashboard_id: str, draft: DashboardDraft, *, version: int) -> Dashboard:
        """Put another one in the place of a dashboard of yours, if it is still of that version."""
        return self._put(f"/v1/dashboards/{dashboard_id}", draft, Dashboard, version)

    def delete_dashboard(self: Line, dashboard_id: str, *, version: int) -> None:
        """Delete a dashboard of yours, if it is still of that version."""
        self._delete(f"/v1/dashboards/{dashboard_id}", version)
