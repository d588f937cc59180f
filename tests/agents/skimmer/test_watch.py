"""What the watch does beside scanning."""

from __future__ import annotations

from threading import Event

from agents.skimmer.watch import watch


class _Idle:
    """A scanner without work."""

    def due(self) -> tuple[()]:
        return ()

    def scan(self, due: object, report: object) -> tuple[()]:
        return ()


def test_after_each_look_at_all_tables_the_rest_is_done() -> None:
    stop, done = Event(), []

    def also() -> None:
        done.append(1)
        stop.set()

    assert list(watch(_Idle(), lambda: "1", stop, lambda *_: None, every_seconds=0.0, also=also)) == []  # type: ignore[arg-type]
    assert done == [1]
