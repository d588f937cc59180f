"""Where one kind of saved things lies: whose they are, who finds them, and which version each has.

What a caller neither owns nor was shown reads as missing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, Generic, TypeVar
from uuid import uuid4

import sqlalchemy as sa
from pydantic import ValidationError

from agents.runs import person_of, subject_of
from app.contract.saved import Reach, Sharing
from app.saved.cursor import read_cursor, write_cursor
from app.saved.tables import SAVED, SAVED_GROUPS
from townlake.domain.errors import AccessDenied, HomeError, LimitExceeded, NotFound, Outdated
from townlake.domain.principal import EVERYONE, Principal, PrincipalKind
from townlake.domain.value import Value
from townlake.governance.grants import parse_group
from townlake.governance.rights import rights_of
from townlake.state.store import reading, writing

C = TypeVar("C", bound=Value)
MOST: Final = 1_000
"""Things of one kind that a caller may keep."""


class Changed(Outdated):
    """Somebody changed it since the caller looked at it."""


class Kind(StrEnum):
    """What is saved."""

    QUESTION = "question"
    DASHBOARD = "dashboard"


@dataclass(frozen=True, slots=True)
class Saved(Generic[C]):
    """One saved thing, as one caller finds it."""

    id: str
    owner: str
    subject: str
    person: str
    mine: bool
    sharing: Sharing
    created_at: datetime
    changed_at: datetime
    version: int
    content: C

    def is_of_same_owner(self, other: Saved[Any]) -> bool:
        """Whether both belong to one caller."""
        return (self.subject, self.person) == (other.subject, other.person)


class Shelf(Generic[C]):
    """The saved things of one kind.

    Args:
        state: the state database.
        clock: the time.
        kind: which kind.
        content: the value that each holds; checked again whenever it is read.
        name: what a person calls one.
    """

    def __init__(
        self, state: sa.Engine, clock: Callable[[], datetime], kind: Kind, content: type[C], name: str
    ) -> None:
        self._state = state
        self._clock = clock
        self._kind = kind
        self._content = content
        self._name = name

    def add(self, content: C, sharing: Sharing, caller: Principal) -> Saved[C]:
        """Keep one.

        Raises:
            LimitExceeded: they keep too many.
            BadInput: a group can be none.
        """
        now, new_id = self._clock(), uuid4().hex[:16]
        row = {
            "id": new_id,
            "kind": self._kind.value,
            "subject": subject_of(caller),
            "person": person_of(caller),
            "owner": _shown(caller),
            "created_at": now,
            "version": 1,
            **self._changing(content, sharing, now),
        }
        groups = _groups(sharing)
        with writing(self._state) as connection:
            mine = sa.select(sa.func.count()).select_from(SAVED).where(self._is_kind, _is_mine(caller))
            if (connection.execute(mine).scalar() or 0) >= MOST:
                raise LimitExceeded(
                    f"You keep {MOST} of them already.", limit="saved", hint="Delete one that nobody needs."
                )
            connection.execute(sa.insert(SAVED).values(row))
            _share(connection, new_id, groups)
        return self.get(new_id, caller)

    def get(self, saved_id: str, caller: Principal) -> Saved[C]:
        """One that the caller finds.

        Raises:
            NotFound: there is none, or it is not shared with them.
        """
        with reading(self._state) as connection:
            return self._found(connection, saved_id, caller)

    def find(self, ids: Collection[str], caller: Principal | None) -> dict[str, Saved[C]]:
        """Those of these that a caller finds; for None all that there are, whoever asks."""
        query = sa.select(SAVED).where(self._is_kind, SAVED.c.id.in_(ids))
        if caller is not None:
            query = query.where(_is_found(caller))
        with reading(self._state) as connection:
            rows = connection.execute(query).all()
            return {row.id: self._read(connection, row, caller) for row in rows}

    def list(
        self, caller: Principal, *, mine: bool, cursor: str | None, limit: int
    ) -> tuple[tuple[Saved[C], ...], str | None]:
        """Those that the caller finds, the newest first, and the cursor of the next ones.

        Args:
            caller: who asks.
            mine: only their own.
            cursor: what the page before gave.
            limit: at most so many.

        Raises:
            BadInput: the cursor is none.
        """
        query = sa.select(SAVED).where(self._is_kind, _is_mine(caller) if mine else _is_found(caller))
        if cursor is not None:
            at, last = read_cursor(cursor)
            here = SAVED.c.created_at
            query = query.where(sa.or_(here < at, sa.and_(here == at, SAVED.c.id < last)))
        query = query.order_by(SAVED.c.created_at.desc(), SAVED.c.id.desc()).limit(limit + 1)
        with reading(self._state) as connection:
            rows = connection.execute(query).all()
            page = tuple(self._read(connection, row, caller) for row in rows[:limit])
        return page, write_cursor(page[-1].created_at, page[-1].id) if len(rows) > limit else None

    def own(self, saved_id: str, caller: Principal, versions: Collection[int] | None) -> Saved[C]:
        """One of the caller's own, to be changed.

        Args:
            saved_id: which one.
            caller: who asks.
            versions: those that they have seen; None for any.

        Raises:
            NotFound: there is none, or it is not shared with them.
            AccessDenied: it is somebody else's.
            Changed: it is of another version meanwhile.
        """
        with reading(self._state) as connection:
            return self._own(connection, saved_id, caller, versions)

    def replace(
        self, saved_id: str, caller: Principal, versions: Collection[int] | None, content: C, sharing: Sharing
    ) -> Saved[C]:
        """Put another content in the place of one of the caller's own.

        Args:
            saved_id: which one.
            caller: who asks.
            versions: those that they have seen; None for any.
            content: what it holds from now on.
            sharing: with whom it is shared from now on.

        Raises:
            NotFound: there is none, or it is not shared with them.
            AccessDenied: it is somebody else's.
            Changed: it is of another version meanwhile.
            BadInput: a group can be none.
        """
        groups = _groups(sharing)
        with writing(self._state) as connection:
            kept = self._own(connection, saved_id, caller, versions)
            here = sa.update(SAVED).where(SAVED.c.id == saved_id)
            changed = self._changing(content, sharing, self._clock())
            connection.execute(here.values(version=kept.version + 1, **changed))
            connection.execute(sa.delete(SAVED_GROUPS).where(SAVED_GROUPS.c.saved_id == saved_id))
            _share(connection, saved_id, groups)
            return self._found(connection, saved_id, caller)

    def delete(self, saved_id: str, caller: Principal, versions: Collection[int] | None) -> None:
        """Forget one of the caller's own.

        Raises:
            NotFound: there is none, or it is not shared with them.
            AccessDenied: it is somebody else's.
            Changed: it is of another version meanwhile.
        """
        with writing(self._state) as connection:
            self._own(connection, saved_id, caller, versions)
            connection.execute(sa.delete(SAVED_GROUPS).where(SAVED_GROUPS.c.saved_id == saved_id))
            connection.execute(sa.delete(SAVED).where(SAVED.c.id == saved_id))

    @property
    def _is_kind(self) -> sa.ColumnElement[bool]:
        return SAVED.c.kind == self._kind.value

    def _found(self, connection: sa.Connection, saved_id: str, caller: Principal) -> Saved[C]:
        query = sa.select(SAVED).where(self._is_kind, SAVED.c.id == saved_id, _is_found(caller))
        row = connection.execute(query).first()
        if row is None:
            raise NotFound(
                f"There is no {self._name} {saved_id!r} that is yours or shared with you.",
                hint="Ask whoever sent you here to share it with a group of yours.",
            )
        return self._read(connection, row, caller)

    def _own(
        self, connection: sa.Connection, saved_id: str, caller: Principal, versions: Collection[int] | None
    ) -> Saved[C]:
        kept = self._found(connection, saved_id, caller)
        if not kept.mine:
            raise AccessDenied(
                f"This {self._name} is {kept.owner}'s.", hint="Save one of your own, or ask them to change it."
            )
        if versions is not None and kept.version not in versions:
            raise Changed(
                f"This {self._name} was changed meanwhile: it is of version {kept.version}.",
                hint="Read it again, then change what is there now.",
            )
        return kept

    def _changing(self, content: C, sharing: Sharing, now: datetime) -> dict[str, object]:
        return {"content": content.model_dump_json(), "reach": sharing.reach.value, "changed_at": now}

    def _read(self, connection: sa.Connection, row: Any, caller: Principal | None) -> Saved[C]:
        mine = caller is not None and (row.subject, row.person) == (subject_of(caller), person_of(caller))
        groups: list[str] = []
        if row.reach == Reach.GROUPS.value:
            query = sa.select(SAVED_GROUPS.c.member_of).where(SAVED_GROUPS.c.saved_id == row.id)
            if caller is not None and not mine:
                # With whom else it is shared is its owner's business.
                query = query.where(SAVED_GROUPS.c.member_of.in_(_memberships(caller)))
            groups = sorted(connection.execute(query).scalars())
        try:
            content = self._content.model_validate_json(row.content)
        except ValidationError as error:
            raise HomeError(
                f"The {self._name} {row.id} cannot be read: it was written by another release, or damaged.",
                hint="Delete it and save it again.",
            ) from error
        return Saved(
            id=row.id,
            owner=row.owner,
            subject=row.subject,
            person=row.person,
            mine=mine,
            sharing=Sharing(reach=Reach(row.reach), groups=tuple(groups)),
            created_at=row.created_at,
            changed_at=row.changed_at,
            version=row.version,
            content=content,
        )


def _shown(caller: Principal) -> str:
    """The owner's name for others; no service passes for a person."""
    if caller.kind is PrincipalKind.USER:
        return caller.subject
    return f"service {caller.subject}" + (f" for {caller.on_behalf_of}" if caller.on_behalf_of else "")


def _groups(sharing: Sharing) -> frozenset[str]:
    return frozenset(map(parse_group, sharing.groups))


def _share(connection: sa.Connection, saved_id: str, groups: Collection[str]) -> None:
    if groups:
        rows = [{"saved_id": saved_id, "member_of": group} for group in sorted(groups)]
        connection.execute(sa.insert(SAVED_GROUPS), rows)


def _memberships(caller: Principal) -> frozenset[str]:
    """The groups that a caller is in; of a service that acts for a person those that both are in."""
    sets = [rights.groups for rights in rights_of(caller) if rights.groups is not None]
    return frozenset.intersection(*sets) if sets else frozenset({EVERYONE})


def _is_mine(caller: Principal) -> sa.ColumnElement[bool]:
    return sa.and_(SAVED.c.subject == subject_of(caller), SAVED.c.person == person_of(caller))


def _is_found(caller: Principal) -> sa.ColumnElement[bool]:
    shared = sa.select(SAVED_GROUPS.c.saved_id).where(SAVED_GROUPS.c.member_of.in_(_memberships(caller)))
    return sa.or_(
        _is_mine(caller),
        SAVED.c.reach == Reach.EVERYBODY.value,
        sa.and_(SAVED.c.reach == Reach.GROUPS.value, SAVED.c.id.in_(shared)),
    )
