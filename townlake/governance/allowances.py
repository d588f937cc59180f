"""The registry of allowances: what named users, services and groups may take instead of what the settings say."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from townlake.domain.allowance import Allowance
from townlake.domain.errors import AccessDenied, BadInput, NotFound
from townlake.domain.principal import Principal
from townlake.domain.value import Value
from townlake.governance.audit import Audit
from townlake.governance.deciding import may_decide
from townlake.governance.grants import parse_group
from townlake.governance.tables import ALLOWANCES
from townlake.state.store import reading
from townlake.state.versions import POLICY, bump

_MOST: Final = 2**60
"""An exbibyte, or as many seconds: what all databases can add up."""


class Holder(StrEnum):
    """Whom an allowance is for."""

    USER = "user"
    SERVICE = "service"
    GROUP = "group"


class GivenAllowance(Value):
    """An allowance that a reviewer gave."""

    id: int
    kind: Holder
    name: str
    allowance: Allowance
    set_by: str
    at: datetime

    @property
    def who(self) -> str:
        """As a person writes it: `user:ann`."""
        return f"{self.kind.value}:{self.name}"


def parse_holder(text: str) -> tuple[Holder, str]:
    """Whom a person means.

    >>> parse_holder("group:analysts"), parse_holder("user:auth0|5f3")
    ((<Holder.GROUP: 'group'>, 'analysts'), (<Holder.USER: 'user'>, 'auth0|5f3'))

    Raises:
        BadInput: it names no user, service or group.
    """
    kind, colon, name = text.strip().partition(":")
    if not colon or kind not in set(Holder):
        raise BadInput(f"{text!r} says not whom it is for.", hint="Write user:ann, service:reports or group:analysts.")
    return Holder(kind), parse_group(name) if kind == Holder.GROUP else _parse_subject(name)


def _parse_subject(text: str) -> str:
    """A name as identity providers give it: `auth0|5f3`, `ann@example.com`."""
    name = text.strip()
    if not name or not name.isprintable() or any(sign.isspace() for sign in name):
        raise BadInput(f"{text!r} cannot be a name.", hint="Write it as the way in gives it, without spaces.")
    return name


class Allowances:
    """What reviewers gave. Every change is in the audit, in the transaction that makes it."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], audit: Audit) -> None:
        self._state = state
        self._clock = clock
        self._audit = audit

    def add(self, who: str, allowance: Allowance, *, by: Principal, four_eyes: bool = True) -> GivenAllowance:
        """Give an allowance, in place of the one that this holder has.

        Args:
            who: whom it is for: `user:ann`, `service:reports` or `group:analysts`.
            allowance: the figures.
            by: a person.
            four_eyes: False lets people give to themselves and to their own groups.

        Raises:
            AccessDenied: `by` is not a person, or it is for themselves.
            BadInput: it says nothing, or a figure that cannot be.
        """
        may_decide(by)
        kind, name = parse_holder(who)
        _must_be_for_others(by, kind, name, four_eyes=four_eyes)
        _must_be_possible(allowance)
        same = _same(kind, name)
        with self._audit.transaction() as work:
            before = work.connection.execute(sa.select(ALLOWANCES).where(same)).first()
            if before is not None:
                work.connection.execute(sa.delete(ALLOWANCES).where(same))
                work.record("limit.removed", by, _told(_given(before)))
            figures = allowance.model_dump_json(exclude_none=True)
            values = {"kind": kind.value, "name": name, "figures": figures, "set_by": by.subject, "at": self._clock()}
            work.connection.execute(sa.insert(ALLOWANCES).values(**values))
            made = _given(work.connection.execute(sa.select(ALLOWANCES).where(same)).one())
            bump(work.connection, POLICY)
            work.record("limit.added", by, _told(made))
        return made

    def remove(self, who: str, *, by: Principal, four_eyes: bool = True) -> GivenAllowance:
        """Take an allowance back: what groups and settings say holds from the next statement on.

        Raises:
            AccessDenied: `by` is not a person, or it is their own.
            NotFound: there is none.
        """
        may_decide(by)
        kind, name = parse_holder(who)
        _must_be_for_others(by, kind, name, four_eyes=four_eyes)
        same = _same(kind, name)
        with self._audit.transaction() as work:
            row = work.connection.execute(sa.select(ALLOWANCES).where(same)).first()
            if row is None:
                raise NotFound(f"{who} has no limits of its own.", hint="`skipper limit list` shows all.")
            gone = _given(row)
            work.connection.execute(sa.delete(ALLOWANCES).where(same))
            bump(work.connection, POLICY)
            work.record("limit.removed", by, _told(gone))
        return gone

    def list(self) -> tuple[GivenAllowance, ...]:
        """All of them, by kind and name."""
        query = sa.select(ALLOWANCES).order_by(ALLOWANCES.c.kind, ALLOWANCES.c.name)
        with reading(self._state) as connection:
            return tuple(_given(row) for row in connection.execute(query))


def _must_be_for_others(by: Principal, kind: Holder, name: str, *, four_eyes: bool) -> None:
    """Nobody says how much they may take themselves: by their name, or by a group that they are in."""
    own = {Holder.USER: {by.subject}, Holder.GROUP: by.memberships}.get(kind, ())
    if four_eyes and name.casefold() in {each.casefold() for each in own}:
        raise AccessDenied(
            f"{by.subject} may not change what holds for {kind.value}:{name}: that is a limit of their own.",
            hint="Ask another reviewer, say it for everybody in the settings, or set four_eyes to false in a lake of "
            "one person.",
        )


def _must_be_possible(allowance: Allowance) -> None:
    figures = allowance.model_dump(exclude_none=True)
    if not figures:
        raise BadInput("No limit was given.", hint="Name at least one figure; `skipper limit add --help` lists them.")
    for name, figure in figures.items():
        # Nothing a day keeps somebody out for a while; a statement that may take nothing is none.
        least_is_met = figure >= 0 if name.startswith("day_") else figure > 0
        if not (least_is_met and figure <= _MOST):
            raise BadInput(
                f"{name} cannot be {figure}.", hint="Limits are numbers from 0 up, those of a statement more."
            )


def _same(kind: Holder, name: str) -> sa.ColumnElement[bool]:
    return sa.and_(ALLOWANCES.c.kind == kind.value, ALLOWANCES.c.name == name)


def _given(row: sa.Row[builtins.tuple[object, ...]]) -> GivenAllowance:
    return GivenAllowance(
        id=row.id,
        kind=Holder(row.kind),
        name=row.name,
        allowance=Allowance.model_validate_json(row.figures),
        set_by=row.set_by,
        at=row.at,
    )


def _told(given: GivenAllowance) -> dict[str, object]:
    return {"who": given.who, "limits": given.allowance.model_dump(mode="json", exclude_none=True)}
