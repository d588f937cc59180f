"""Where unfinished runs lie, so that a killed one goes on and nobody opens another's."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, get_args

from agents.ask.state import VALUES
from townlake.domain.errors import HomeError
from townlake.domain.principal import Principal
from townlake.state.wal import empty_wal

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.checkpoint.sqlite import SqliteSaver

KEPT: Final = timedelta(days=7)
"""Who does not go on within a week has given a question up. By then its caller may have lost what it was shown."""
NOBODYS: Final = ""
"""The run of a thread that cannot be read."""
_BUSY_SECONDS: Final = 15.0
_UUID_BEGAN: Final = datetime(1582, 10, 15, tzinfo=UTC)


def thread_id(principal: Principal, conversation: str | None, question: str, run_id: str | None = None) -> str:
    """The thread of a question: the same person asking the same thing in the same conversation finds it again.

    A run that somebody brings to its end under a name of its own is found again by that name alone.

    Whoever asks is part of it, with their groups, so a name of a conversation opens nothing of anybody else.
    """
    who = [principal.subject, principal.kind, sorted(principal.groups)]
    whom = [principal.on_behalf_of, sorted(principal.behalf_groups)]
    named = [] if run_id is None else [run_id]
    return hashlib.sha256(json.dumps([who, whom, conversation, question, *named]).encode()).hexdigest()


class Checkpoints:
    """The checkpoints of unfinished runs; a finished run leaves none."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._claimed: set[str] = set()
        self._lock = Lock()

    @cached_property
    def saver(self) -> SqliteSaver:
        """The saver, which rebuilds nothing but the values of the state.

        Raises:
            HomeError: the file cannot be opened.
        """
        from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
        from langgraph.checkpoint.sqlite import SqliteSaver

        with self.reported():
            connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, check_same_thread=False)
            self._path.chmod(0o600)
            # What is deleted was shown to one caller only, and is not to be read out of the file by another.
            connection.execute("PRAGMA secure_delete = ON")
            saver = SqliteSaver(connection, serde=JsonPlusSerializer(allowed_msgpack_modules=allowed()))
            saver.setup()
        return saver

    @contextmanager
    def reported(self) -> Iterator[None]:
        """Turn a fault of the file into an error that a person can act on."""
        try:
            yield
        except sqlite3.Error as error:
            raise HomeError(
                "The file of unfinished questions cannot be used: it is damaged, locked, full or not writable.",
                hint=f"Check the disk. Unfinished questions are all it holds: {self._path.name} may be deleted.",
            ) from error

    @contextmanager
    def claim(self, thread: str) -> Iterator[bool]:
        """Hold a thread, so that two processes never go on with one run. False when somebody else holds it.

        The lock is the operating system's: it ends with the process, however that ends.
        """
        with self._lock:
            mine = thread not in self._claimed and self._lock_range(thread)
            if mine:
                self._claimed.add(thread)
        try:
            yield mine
        finally:
            if mine:
                with self._lock:
                    self._claimed.discard(thread)
                    fcntl.lockf(self._lock_file, fcntl.LOCK_UN, 1, _offset(thread))

    def close(self) -> None:
        """Let go of the files; a claim that is still held ends with it."""
        if saver := self.__dict__.pop("saver", None):
            saver.conn.close()
        if lock := self.__dict__.pop("_lock_file", None):
            os.close(lock)

    def forget(self, thread: str) -> None:
        """Delete what is kept of a thread."""
        with self.reported():
            self.saver.delete_thread(thread)

    def unfinished(self, besides: Collection[str] = ()) -> dict[str, str]:
        """The threads that are kept, each with the run that it belongs to; none where that cannot be read.

        Args:
            besides: threads that are known already.
        """
        if not self._path.exists():
            return {}
        with self.reported():
            with self.saver.cursor(transaction=False) as cursor:
                threads = [row[0] for row in cursor.execute("SELECT DISTINCT thread_id FROM checkpoints")]
            return {thread: self._run_of(thread) for thread in threads if thread not in besides}

    def _run_of(self, thread: str) -> str:
        try:
            found = self.saver.get_tuple(config_of(thread, 1))
            values = {} if found is None else found.checkpoint["channel_values"]
            question = values.get("question") or values.get("__start__", {}).get("question")
            return str(question.run_id)
        except sqlite3.Error:
            raise
        except Exception:
            # Damaged, or of another release: nobody goes on with it.
            return NOBODYS

    def forget_all(self, threads: Iterable[str]) -> None:
        """Delete what is kept of some threads, and every word of those that were deleted before."""
        if not self._path.exists():
            return
        for thread in threads:
            self.forget(thread)
        with self.reported(), self.saver.lock:
            empty_wal(self.saver.conn)

    def forget_stale(self, now: datetime) -> int:
        """Delete the threads that nobody went on with for as long as `KEPT`; gives their number."""
        if not self._path.exists():
            return 0
        newest = "SELECT thread_id, max(checkpoint_id) FROM checkpoints GROUP BY thread_id"
        with self.reported(), self.saver.cursor(transaction=False) as cursor:
            threads = cursor.execute(newest).fetchall()
        stale = [thread for thread, last in threads if made_at(last) < now - KEPT]
        for thread in stale:
            self.forget(thread)
        return len(stale)

    def _lock_range(self, thread: str) -> bool:
        try:
            fcntl.lockf(self._lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _offset(thread))
        except BlockingIOError:
            return False
        return True

    @cached_property
    def _lock_file(self) -> int:
        return os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def made_at(checkpoint_id: str) -> datetime:
    """When a checkpoint was made: its id is a UUID of version 6, which begins with the time.

    >>> str(made_at("1f0c9f44-9b80-6000-8000-000000000000"))
    '2025-11-25 11:45:49.448396+00:00'
    """
    digits = checkpoint_id.replace("-", "")
    return _UUID_BEGAN + timedelta(microseconds=int(digits[:12] + digits[13:16], 16) // 10)


def allowed() -> tuple[tuple[str, str], ...]:
    """The types that a checkpoint may rebuild, by module and name: the values of the state and the enums in them."""
    kinds = {kind for value in VALUES for kind in (value, *_enums_of(value, set()))}
    return tuple(sorted((kind.__module__, kind.__qualname__) for kind in kinds))


def _enums_of(annotation: Any, seen: set[Any]) -> Iterator[type[Enum]]:
    """The enums that a type is made of, at any depth."""
    if isinstance(annotation, type) and annotation not in seen:
        seen.add(annotation)
        if issubclass(annotation, Enum):
            yield annotation
        for field in getattr(annotation, "model_fields", {}).values():
            yield from _enums_of(field.annotation, seen)
    for part in get_args(annotation):
        yield from _enums_of(part, seen)


def config_of(thread: str, most_steps: int) -> RunnableConfig:
    """What LangGraph wants to know of a thread."""
    return {"configurable": {"thread_id": thread}, "recursion_limit": most_steps}


def _offset(thread: str) -> int:
    return int(thread[:15], 16)
