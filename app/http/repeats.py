"""Requests that were sent before: they are done once, and answered with what they gave the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, NamedTuple, TypeVar

import sqlalchemy as sa
from fastapi import Depends, Request, Response

from app.contract.value import ContractValue
from app.http.callers import Caller
from app.http.desk import Desk, desk_of
from app.http.problems import Refusal
from app.http.runs import Key
from app.http.tables import ANSWERED_REQUESTS
from app.runs.once import KEPT, Once, must_be_the_same, named
from app.workspace import utc_now
from townlake.domain.errors import HomeError, SkipperError
from townlake.domain.principal import Principal
from townlake.state.store import writing

V = TypeVar("V", bound=ContractValue)
_C: Final = ANSWERED_REQUESTS.c


class Repeats(NamedTuple):
    """The key of a request, if it has one, and who sent it."""

    state: sa.Engine
    caller: Principal
    key: str | None
    path: str
    response: Response

    def once(self, kind: type[V], asked: ContractValue, work: Callable[[], V]) -> V:
        """Do what is asked, or tell what it gave before.

        Args:
            kind: of the answer.
            asked: the request.
            work: does it. What it gives holds no value of a table: it is kept for a day.

        Raises:
            Conflict: the key was used for another request.
            Refusal: with 409, when nobody knows yet, or any more, whether it was done.
        """
        if self.key is None:
            return work()
        once = Once.of(self.key, self.path, asked.model_dump_json())
        here = sa.and_(_C.caller == named(self.caller), _C.key == once.key)
        known = self._begin(once, here)
        if known is not None:
            self.response.headers["Idempotent-Replayed"] = "true"
            return kind.model_validate_json(known)
        try:
            answer = work()
        except SkipperError as error:
            # Nothing was done, unless the state database failed halfway.
            if not isinstance(error, HomeError):
                with writing(self.state) as connection:
                    connection.execute(sa.delete(ANSWERED_REQUESTS).where(here))
            raise
        with writing(self.state) as connection:
            connection.execute(sa.update(ANSWERED_REQUESTS).where(here).values(answer=answer.model_dump_json()))
        return answer

    def _begin(self, once: Once, here: sa.ColumnElement[bool]) -> str | None:
        """What the same request gave before; None when it is the first."""
        now = utc_now()
        with writing(self.state) as connection:
            connection.execute(sa.delete(ANSWERED_REQUESTS).where(_C.at < now - KEPT))
            row = connection.execute(sa.select(ANSWERED_REQUESTS).where(here)).first()
            if row is None:
                values = {"caller": named(self.caller), "key": once.key, "digest": once.digest, "at": now}
                connection.execute(sa.insert(ANSWERED_REQUESTS).values(values))
                return None
        must_be_the_same(once, row.digest)
        if row.answer is None:
            raise Refusal(
                409,
                "The same request is being worked on, or its server died before it told whether it was done.",
                hint="Look at how things are now, and send it with a new key if it is still wanted.",
            )
        return str(row.answer)


def _repeats(
    request: Request,
    response: Response,
    caller: Caller,
    desk: Annotated[Desk, Depends(desk_of)],
    key: Key = None,
) -> Repeats:
    return Repeats(desk.workspace.state, caller, key, request.url.path, response)


Repeated = Annotated[Repeats, Depends(_repeats)]
