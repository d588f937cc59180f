"""The part of the client that is about who may see what: `Client(...).governance`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from app.contract.audit import AuditPage, ChainLook, ChainReport, ChainState, StatementAudit
from app.contract.reviews import (
    BulkPreview,
    BulkRequest,
    BulkResult,
    BulkTable,
    ColumnChoice,
    Decided,
    DecisionRequest,
    LabelList,
    ReviewHistory,
    ReviewQueue,
    TableToReview,
)
from app.contract.rights import (
    AccessRequest,
    AccessRequests,
    ApprovalDecision,
    ApprovalList,
    ApprovalPage,
    GivenLimit,
    GrantList,
    GrantMade,
    GrantPage,
    GrantWish,
    Inbox,
    IncidentList,
    IncidentPage,
    LimitList,
    LimitWish,
    MyRights,
    RequestWish,
    ReviewFigures,
    RowFilterList,
    RowFilterPage,
    RowFilterWish,
    Seen,
    Word,
)
from townlake.domain.allowance import Allowance
from townlake.domain.value import Value

V = TypeVar("V", bound=Value)


class Server(Protocol):
    """What a client sends with. Faults are raised as the product's own errors."""

    def get(self, path: str, kind: type[V], **params: Any) -> V:
        """What stands at a path."""
        ...

    def post(self, path: str, body: Value | None, kind: type[V], *, once: bool = False) -> V:
        """Have something done; `once`, however often the line breaks."""
        ...

    def delete(self, path: str, kind: type[V], **params: Any) -> V:
        """Take something away."""
        ...


class Governance:
    """Reviews, grants, limits, approvals, requests and the audit of one server, as one caller.

    Lists come page by page: give `cursor=page.next_cursor` for the next one. Deciding is for people.
    """

    def __init__(self, server: Server) -> None:
        self._server = server

    def reviews(self, **wish: Any) -> ReviewQueue:
        """What waits, the most urgent first.

        Args:
            wish: `schema`, `state`, `label`, `tier`, `cursor`, `limit`.
        """
        return self._server.get("/v1/reviews", ReviewQueue, **wish)

    def review(self, table: str, **wish: Any) -> TableToReview:
        """What is known of a table, and the digest that a decision on it must bring.

        Args:
            table: its name.
            wish: `waiting`, `cursor`, `limit`.
        """
        return self._server.get(f"/v1/reviews/{table}", TableToReview, **wish)

    def history(self, table: str, column: str | None = None, **wish: Any) -> ReviewHistory:
        """Who decided what, the newest first."""
        return self._server.get(f"/v1/reviews/{table}/history", ReviewHistory, column=column, **wish)

    def decide(self, table: str, seen: str, columns: Iterable[ColumnChoice] = (), **more: Any) -> Decided:
        """Decide on columns, or on the whole table; all of it holds, or nothing.

        Args:
            table: its name.
            seen: the digest of what you looked at.
            columns: what each becomes.
            more: fields of `DecisionRequest`: `whole`, `note`, `grant_to`.

        Raises:
            Outdated: the table is not as you saw it.
        """
        asked = DecisionRequest(seen=seen, columns=tuple(columns), **more)
        return self._server.post(f"/v1/reviews/{table}/decisions", asked, Decided, once=True)

    def labels(self) -> LabelList:
        """What a column can be said to hold, and what follows from it."""
        return self._server.get("/v1/review-labels", LabelList)

    def clear(self, **wish: Any) -> BulkPreview:
        """What may be opened in bulk, and for whom it would open: `schema`, `cursor`, `limit`."""
        return self._server.get("/v1/bulk-reviews", BulkPreview, **wish)

    def open_clear(self, tables: Iterable[BulkTable], *, note: str = "", grant_to: str | None = None) -> BulkResult:
        """Open it, in tables that still are as they were shown."""
        asked = BulkRequest(tables=tuple(tables), note=note, grant_to=grant_to)
        return self._server.post("/v1/bulk-reviews", asked, BulkResult, once=True)

    def ask_for(self, table: str, reason: str = "") -> AccessRequest:
        """Ask for a table."""
        return self._server.post("/v1/access-requests", RequestWish(table=table, reason=reason), AccessRequest)

    def ask_in_clear(self, table: str, column: str, reason: str) -> AccessRequest:
        """Ask for the values of a masked column."""
        wish = RequestWish(table=table, column=column, reason=reason, in_clear=True)
        return self._server.post("/v1/access-requests", wish, AccessRequest)

    def dispute(self, table: str, column: str, reason: str) -> AccessRequest:
        """Say that a column holds something else than it was taken for."""
        wish = RequestWish(table=table, column=column, reason=reason)
        return self._server.post("/v1/access-requests", wish, AccessRequest)

    def requests(self, *, mine: bool = True, **wish: Any) -> AccessRequests:
        """What you asked for; or what waits for whoever reviews."""
        return self._server.get("/v1/access-requests", AccessRequests, mine=mine, **wish)

    def was_told(self, ids: Iterable[int]) -> AccessRequests:
        """Keep that you read the answers to requests of yours."""
        return self._server.post("/v1/access-requests/seen", Seen(ids=tuple(ids)), AccessRequests)

    def withdraw(self, number: int) -> AccessRequest:
        """Take back what you asked for; one that was answered stays as it is."""
        return self._server.delete(f"/v1/access-requests/{number}", AccessRequest)

    def answer(self, number: int, word: str) -> AccessRequest:
        """Answer a request with a word."""
        path = f"/v1/access-requests/{number}/answer"
        return self._server.post(path, Word(word=word), AccessRequest, once=True)

    def inbox(self) -> Inbox:
        """How much waits for you."""
        return self._server.get("/v1/inbox", Inbox)

    def access(self, **wish: Any) -> MyRights:
        """What you may read, and why: `readable`, `cursor`, `limit`."""
        return self._server.get("/v1/access", MyRights, **wish)

    def grants(self, **wish: Any) -> GrantList:
        """The grants that you may see: `mine`, `table`, `cursor`, `limit`."""
        return self._server.get("/v1/grants", GrantList, **wish)

    def grant(self, wish: GrantWish) -> GrantMade:
        """Let a group read."""
        return self._server.post("/v1/grants", wish, GrantMade, once=True)

    def take_back(self, grant: int) -> GrantPage:
        """Take a grant back."""
        return self._server.delete(f"/v1/grants/{grant}", GrantPage)

    def row_filters(self, **wish: Any) -> RowFilterList:
        """The row filters that you may see: `table`, `cursor`, `limit`."""
        return self._server.get("/v1/row-filters", RowFilterList, **wish)

    def narrow(self, table: str, group: str, where: str) -> RowFilterPage:
        """Let a group see only some rows."""
        wish = RowFilterWish(table=table, group=group, where=where)
        return self._server.post("/v1/row-filters", wish, RowFilterPage, once=True)

    def widen(self, row_filter: int) -> RowFilterPage:
        """Take a row filter away."""
        return self._server.delete(f"/v1/row-filters/{row_filter}", RowFilterPage)

    def limits(self, **wish: Any) -> LimitList:
        """Who may take how much."""
        return self._server.get("/v1/limits", LimitList, **wish)

    def limit(self, who: str, limits: Allowance) -> GivenLimit:
        """Give limits, in place of all that this holder has."""
        return self._server.post("/v1/limits", LimitWish(who=who, limits=limits), GivenLimit, once=True)

    def unlimit(self, who: str) -> GivenLimit:
        """Take limits back."""
        return self._server.delete("/v1/limits", GivenLimit, who=who)

    def approvals(self, **wish: Any) -> ApprovalList:
        """Statements that wait for an approval, and approvals that are good."""
        return self._server.get("/v1/approvals", ApprovalList, **wish)

    def approval(self, number: int) -> ApprovalPage:
        """One of them."""
        return self._server.get(f"/v1/approvals/{number}", ApprovalPage)

    def approve(self, number: int, decision: ApprovalDecision) -> ApprovalPage:
        """Let a statement run, or do not."""
        return self._server.post(f"/v1/approvals/{number}/decision", decision, ApprovalPage, once=True)

    def incidents(self, **wish: Any) -> IncidentList:
        """Columns with live credentials: `closed`, `cursor`, `limit`."""
        return self._server.get("/v1/incidents", IncidentList, **wish)

    def close_incident(self, number: int, word: str) -> IncidentPage:
        """Say what was done."""
        return self._server.post(f"/v1/incidents/{number}/close", Word(word=word), IncidentPage, once=True)

    def review_stats(self) -> ReviewFigures:
        """The figures of reviewing."""
        return self._server.get("/v1/review-stats", ReviewFigures)

    def audit(self, **wish: Any) -> AuditPage:
        """Entries, the newest first: `user`, `table`, `kind`, `query_id`, `since`, `until`, `cursor`, `limit`."""
        return self._server.get("/v1/audit", AuditPage, **wish)

    def statement(self, query_id: str) -> StatementAudit:
        """One statement, and why it was allowed."""
        return self._server.get(f"/v1/audit/statements/{query_id}", StatementAudit)

    def chain(self) -> ChainState:
        """The end of the chain."""
        return self._server.get("/v1/audit/chain", ChainState)

    def verify_chain(self, head: str | None = None) -> ChainReport:
        """Prove that nobody changed it."""
        return self._server.post("/v1/audit/chain", ChainLook(head=head), ChainReport)
