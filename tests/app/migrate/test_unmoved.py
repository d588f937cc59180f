"""A home with a lake of its own begins no second audit elsewhere with its key."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from app.migrate.old_files import empty_file, must_be_moved
from townlake.domain.errors import HomeError
from townlake.state.store import open_state, writing


def test_only_a_home_that_was_moved_or_never_held_a_lake_goes_on_elsewhere(tmp_path: Path) -> None:
    must_be_moved(tmp_path)
    state = open_state(sa.URL.create("sqlite", database=str(tmp_path / "state.db")))
    with pytest.raises(HomeError, match="in its own files") as caught:
        must_be_moved(tmp_path)
    assert "skipper migrate" in caught.value.hint
    with writing(state) as connection:
        empty_file(connection)
    state.dispose()
    must_be_moved(tmp_path)
