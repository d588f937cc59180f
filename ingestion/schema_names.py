"""Compares the names in a `schema.json` with those of the data: whatever is misspelt would be left out in silence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from ingestion.names import lake_name
from ingestion.schema_file import DescribedKey, DescribedSchema, DescribedTable, table_named
from ingestion.schema_reading import raise_faults
from townlake.catalog.knowledge.faults import Report
from townlake.domain.errors import InvalidName

_SAME_WORD: Final = 0.85
"""How like a table's name another must be to be taken for a slip: keys may speak of tables that come later."""


def check_names(
    path: Path,
    described: DescribedSchema,
    namespace: str,
    loaded: Mapping[str, Sequence[str]],
    there: Mapping[str, Sequence[str]],
) -> None:
    """Refuse a description that speaks of what is not there.

    A described table that is not loaded now is no fault, as a file may describe more than is loaded at once; it is
    one where its name is like that of a table of which nothing is said, or where nothing described is there at all.

    Args:
        path: where the description was read from.
        described: what it says.
        namespace: the schema of the lake.
        loaded: the columns of each table that is loaded now, as its files call them, by its name in the lake.
        there: the columns of each table that the schema holds already.

    Raises:
        BadInput: with a line for each fault and the nearest names.
    """
    report = Report(str(path))
    known = {**there, **{name: [*there.get(name, ()), *columns] for name, columns in loaded.items()}}
    told = [lake_name(table.name) for table in described.tables]
    silent = [name for name in (loaded or there) if name not in told]
    for i, (table, name) in enumerate(zip(described.tables, told, strict=True)):
        at = f"tables[{i}]"
        if name in told[:i]:
            report.add(f"{at}.name", f"`{table.name}` stands there twice.", "Say it once.")
        elif name in known:
            _check_table(at, table, known[name], namespace, report)
        elif near := get_close_matches(name, silent, n=1, cutoff=0.6):
            report.add(f"{at}.name", f"there is no table `{table.name}`.", f"Did you mean `{near[0]}`?")
        elif not loaded or not known.keys() & set(told):
            report.add(f"{at}.name", f"there is no table `{table.name}`.", f"There are: {_some(loaded or there)}.")
    for table, name in zip(described.tables, told, strict=True):
        known[name] = _called(table, known.get(name, ()))
    for i, key in enumerate(described.foreign_keys or ()):
        _check_key(f"foreign_keys[{i}]", key, known, report)
    raise_faults(report)


def absent_targets(described: DescribedSchema, name: str, known: Iterable[str]) -> tuple[str, ...]:
    """The tables that keys of a table point to and that are neither described nor in the lake."""
    names = {*known, *(lake_name(table.name) for table in described.tables)}
    own = (key for key in described.foreign_keys or () if lake_name(key.table) == name)
    return tuple(dict.fromkeys(target for key in own if (target := lake_name(key.ref_table)) not in names))


def _check_table(at: str, table: DescribedTable, columns: Sequence[str], namespace: str, report: Report) -> None:
    given = [column for column in columns if table.column(column) is None]
    for j, column in enumerate(table.columns):
        if not any(map(column.called, columns)):
            wrong = f"`{column.name}` is no column of {lake_name(table.name)}."
            report.add(f"{at}.columns[{j}].name", wrong, nearest(column.name, given or columns))
        elif column in table.columns[:j] or any(column.name == other.name for other in table.columns[:j]):
            report.add(f"{at}.columns[{j}].name", f"`{column.name}` stands there twice.", "Say it once.")
    names = _called(table, columns)
    named = {"primary_key": table.primary_key, "partition_filter": table.partition_filter}
    for key, listed in named.items():
        for k, name in enumerate(listed if isinstance(listed, tuple) else ()):
            if name not in names:
                report.add(f"{at}.{key}[{k}]", f"`{name}` is no column of the table.", nearest(name, names))
    _check_links(at, table, names, namespace, report)


def _check_links(at: str, table: DescribedTable, names: Sequence[str], namespace: str, report: Report) -> None:
    interval = table.sampling.interval_column if table.sampling else None
    if interval is not None and interval not in names:
        report.add(f"{at}.sampling", f"`{interval}` is no column of the table.", nearest(interval, names))
    if table.replaced_by is not None:
        try:
            table_named(table.replaced_by, namespace)
        except InvalidName as error:
            report.add(f"{at}.replaced_by", error.message, error.hint)


def _called(table: DescribedTable, columns: Sequence[str]) -> list[str]:
    """What the columns of a table may be called: as the lake does, and as described; all of the latter without data."""
    told = [column.name for column in table.columns if not columns or any(map(column.called, columns))]
    return sorted({*map(lake_name, columns), *told})


def _check_key(at: str, key: DescribedKey, known: Mapping[str, Sequence[str]], report: Report) -> None:
    for side, table, column in (("", key.table, key.column), ("ref_", key.ref_table, key.ref_column)):
        name = lake_name(table)
        if name in known:
            columns = sorted(map(lake_name, known[name]))
            if columns and lake_name(column) not in columns:
                wrong = f"`{column}` is no column of {name}."
                report.add(f"{at}.{side}column", wrong, nearest(column, columns))
        elif not side or get_close_matches(name, known, n=1, cutoff=_SAME_WORD):
            report.add(f"{at}.{side}table", f"there is no table `{table}`.", nearest(table, known))


def nearest(name: str, names: Iterable[str]) -> str:
    """The names that may be meant, as a sentence.

    >>> nearest("amout", ["id", "amount"]), nearest("x", ["id", "amount"])
    ('Did you mean `amount`?', 'There are: amount, id.')
    """
    near = get_close_matches(lake_name(name), sorted(set(names)), n=2, cutoff=0.6)
    return f"Did you mean {' or '.join(f'`{each}`' for each in near)}?" if near else f"There are: {_some(names)}."


def _some(names: Iterable[str], most: int = 12) -> str:
    found = sorted(set(names))
    return ", ".join(found[:most]) + (f" and {len(found) - most} more" if len(found) > most else "") or "none"
