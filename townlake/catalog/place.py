"""Whether the tables lie where they should: Iceberg writes whole addresses, so that tables cannot be moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from townlake.catalog.files import Files
from townlake.domain.errors import HomeError
from townlake.domain.location import location_of, path_of
from townlake.domain.names import TableRef


def must_lie_in_home(locations: Iterable[str], given: Path, real: Path) -> None:
    """Refuse a copied home: its tables would be those of the original.

    Args:
        locations: of the metadata files.
        given: the home as it was named.
        real: the same behind all links.

    Raises:
        HomeError: it tells where they lie.
    """
    inside = tuple(location_of(home / "warehouse") + "/" for home in (given, real))
    stray = next((location for location in locations if not location.startswith(inside)), None)
    if stray is None:
        return
    origin, found, _ = str(path_of(stray)).rpartition("/warehouse/")
    if not found:
        raise HomeError(
            f"The lake in {str(given)!r} has tables elsewhere, such as {stray}.",
            hint="Let the setting `warehouse` name the place where they are.",
        )
    raise HomeError(
        f"The lake in {str(given)!r} was copied or moved: its tables lie in {origin!r}.",
        hint="Put it back there, or set SKIPPER_HOME to that place; load the data again to have a second lake.",
    )


def must_lie_below(locations: Iterable[str], warehouse: str) -> None:
    """Refuse a lake whose tables lie elsewhere than its setting says.

    Raises:
        HomeError: it names one of them.
    """
    stray = next((location for location in locations if not location.startswith(f"{warehouse}/")), None)
    if stray is not None:
        raise HomeError(
            f"The setting `warehouse` names {warehouse}, and this lake has tables elsewhere, such as {stray}.",
            hint="Let the setting name the place where they are; load the data again to have them in another one.",
        )


def used_folders(locations: Iterable[str], files: Files) -> frozenset[str]:
    """Every folder in which a table lies, at whatever depth: another tool may put one into that of another.

    Args:
        locations: of the metadata files.
        files: where they lie.
    """
    found = set[str]()
    for folder in map(files.folder_of, locations):
        while folder and folder not in found:
            found.add(folder)
            folder = folder.rpartition("/")[0]
    return frozenset(found)


def remove_dropped(ref: TableRef, location: str, locations: Callable[[], Iterable[str]], files: Files) -> None:
    """Delete the files of a table that was dropped, unless another one lies in its folder.

    Args:
        ref: the table that was dropped.
        location: of its metadata file.
        locations: gives those of all tables that are left, also of other programs.
        files: where they lie. What lies elsewhere is not ours to delete, and stays.

    Raises:
        HomeError: not all of them could be deleted.
    """
    folder = files.folder_of(location)
    try:
        if folder not in used_folders(locations(), files):
            files.remove(folder)
    except HomeError as error:
        raise HomeError(
            f"The table {ref} is dropped, and some of its files are still there: {error.message}",
            hint=f"Delete {folder} when that is mended, if no other table lies in it.",
        ) from error
