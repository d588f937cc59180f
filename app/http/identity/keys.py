"""The registry of keys: who made them, for which service, what they open and until when."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from app.http.identity.key_form import KEY_ID, Key, new_key, write_key
from app.http.identity.names import is_name
from app.http.identity.scopes import Scope
from app.http.identity.tables import API_KEYS
from app.webhooks.ending import switch_off_all
from app.workspace import utc_now
from townlake.domain.errors import BadInput, NotFound
from townlake.domain.principal import Principal, PrincipalKind
from townlake.domain.value import Value
from townlake.governance.audit import Audit
from townlake.governance.deciding import may_decide
from townlake.governance.grants import parse_group
from townlake.state.store import reading, writing

if TYPE_CHECKING:
    from app.workspace import Workspace

MOST_LIVE: Final = 2
"""Keys of one service that hold at a time: the old and the new one of a rotation."""
MOST_DAYS: Final = 366
_USE_NOTED_EVERY: Final = timedelta(minutes=1)


class ApiKey(Value):
    """A key without its secret."""

    id: str
    service: str
    owner: str
    """Who answers for it."""
    member_of: frozenset[str]
    """The groups that the service is in."""
    scopes: frozenset[Scope]
    created_by: str
    created_at: datetime
    until: datetime
    """The first moment at which it no longer holds."""
    used_at: datetime | None = None
    """When it was last used, to the minute."""
    revoked_at: datetime | None = None

    def holds(self, now: datetime) -> bool:
        """True before its end, unless it was revoked."""
        return self.revoked_at is None and now < self.until

    @property
    def principal(self) -> Principal:
        """The service; never a person."""
        return Principal(subject=self.service, kind=PrincipalKind.SERVICE, groups=self.member_of)


class ApiKeys:
    """The registry. Every change is in the audit, in the transaction that makes it."""

    def __init__(self, state: sa.Engine, clock: Callable[[], datetime], audit: Audit) -> None:
        self._state = state
        self._clock = clock
        self._audit = audit

    def create(
        self, service: str, *, owner: str, member_of: Iterable[str], scopes: Collection[Scope], days: int, by: Principal
    ) -> tuple[ApiKey, str]:
        """Make a key for a service.

        Args:
            service: its name.
            owner: the person or group that answers for it.
            member_of: the groups whose rights it has.
            scopes: what of the server it opens.
            days: so long it holds.
            by: the person who makes it.

        Returns:
            The key, and as what the service sends it. That is kept nowhere.

        Raises:
            AccessDenied: `by` is not a person.
            BadInput: a name, the scopes or the days are not possible, or the service has two keys that hold.
        """
        may_decide(by)
        if not scopes:
            raise BadInput("A key without a scope opens nothing.", hint=f"There are {', '.join(Scope)}.")
        if not is_name(owner):
            raise BadInput(f"{owner!r} can be nobody's name.", hint="Name the person or group that answers for it.")
        if not 1 <= days <= MOST_DAYS:
            raise BadInput(f"A key holds for 1 to {MOST_DAYS} days.", hint="Make a new one before it ends.")
        now, key = self._clock(), new_key()
        made = ApiKey(
            id=key.id,
            service=parse_group(service),
            owner=owner,
            member_of=frozenset(map(parse_group, member_of)),
            scopes=frozenset(scopes),
            created_by=by.subject,
            created_at=now,
            until=now + timedelta(days=days),
        )
        with self._audit.transaction() as work:
            query = sa.select(API_KEYS).where(API_KEYS.c.service == made.service).order_by(API_KEYS.c.created_at)
            live = [each for each in map(_read, work.connection.execute(query)) if each.holds(now)]
            if len(live) >= MOST_LIVE:
                raise BadInput(
                    f"{made.service} has {len(live)} keys that hold: {', '.join(each.id for each in live)}.",
                    hint=f"Revoke one: `skipper key revoke {live[0].id}`.",
                )
            work.connection.execute(sa.insert(API_KEYS).values(**_row(made), digest=key.digest))
            work.record("key.created", by, _told(made))
        return made, write_key(key)

    def revoke(self, key_id: str, *, by: Principal) -> ApiKey:
        """End a key. It opens nothing from the next request on, and with a service's last key its webhooks end.

        Raises:
            AccessDenied: `by` is not a person.
            NotFound: there is no key of that id that was not revoked before.
        """
        may_decide(by)
        with self._audit.transaction() as work:
            mine = sa.and_(API_KEYS.c.id == key_id, API_KEYS.c.revoked_at.is_(None))
            row = work.connection.execute(sa.select(API_KEYS).where(mine)).first() if KEY_ID.fullmatch(key_id) else None
            if row is None:
                raise NotFound("There is no such key that holds.", hint="`skipper key list` shows all by their ids.")
            gone = _read(row).model_copy(update={"revoked_at": self._clock()})
            work.connection.execute(sa.update(API_KEYS).where(mine).values(revoked_at=gone.revoked_at))
            work.record("key.revoked", by, _told(gone))
            left = map(_read, work.connection.execute(sa.select(API_KEYS).where(API_KEYS.c.service == gone.service)))
            now = self._clock()
            if not any(each.holds(now) for each in left):
                switch_off_all(work, gone.principal, by, now, "The last key of the service was revoked.")
        return gone

    def list(self) -> tuple[ApiKey, ...]:
        """All keys, also those that have ended, by service and age."""
        query = sa.select(API_KEYS).order_by(API_KEYS.c.service, API_KEYS.c.created_at, API_KEYS.c.id)
        with reading(self._state) as connection:
            return tuple(map(_read, connection.execute(query)))

    def proven(self, key: Key) -> ApiKey | None:
        """The key that somebody sends, also one that has ended; None where id and secret are no pair."""
        with reading(self._state) as connection:
            row = connection.execute(sa.select(API_KEYS).where(API_KEYS.c.id == key.id)).first()
        if row is None or not hmac.compare_digest(row.digest, key.digest):
            return None
        return _read(row)

    def note_use(self, key: ApiKey) -> None:
        """Remember that a key was used, at most once a minute: a write for each request would be the slowest part."""
        now = self._clock()
        if key.used_at is not None and now - key.used_at < _USE_NOTED_EVERY:
            return
        with writing(self._state) as connection:
            connection.execute(sa.update(API_KEYS).where(API_KEYS.c.id == key.id).values(used_at=now))


def keys_of(workspace: Workspace) -> ApiKeys:
    """The registry of a home."""
    return ApiKeys(workspace.state, utc_now, workspace.audit)


def _row(key: ApiKey) -> dict[str, object]:
    lists = {"member_of": "\n".join(sorted(key.member_of)), "scopes": "\n".join(sorted(key.scopes))}
    return key.model_dump() | lists


def _read(row: sa.Row[tuple[object, ...]]) -> ApiKey:
    values = {name: value for name, value in row._mapping.items() if name != "digest"}
    lists = {name: frozenset(str(values[name]).split("\n")) - {""} for name in ("member_of", "scopes")}
    return ApiKey.model_validate(values | lists)


def _told(key: ApiKey) -> dict[str, object]:
    return {
        "key": key.id,
        "service": key.service,
        "owner": key.owner,
        "groups": sorted(key.member_of),
        "scopes": sorted(key.scopes),
        "until": key.until.isoformat(),
    }
