"""A result as a spreadsheet: one sheet of rows, one that says where they come from."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from townlake.domain.errors import BadInput
from townlake.engines.values import column_values

if TYPE_CHECKING:
    import pyarrow as pa

    from townlake.domain.verdict import OutputColumn

_MOST_ROWS: Final = 1_048_575
"""What a sheet holds below its head."""
_LONGEST: Final = 32_767
"""Characters of a cell."""
_EXACT: Final = 2**53
"""Whole numbers from here on are not exact in a spreadsheet."""
_DIGITS: Final = 15
"""Of a decimal number that is exact there."""
_FIRST_DAY: Final = "1900-03-01"
"""Before it, spreadsheets count days differently."""
_LAST_DAY: Final = "9999-12-31"


class Sheet:
    """The file, row by row, without holding them. No text is ever a formula or a link."""

    def __init__(
        self, file: IO[bytes], names: Sequence[str], columns: Sequence[OutputColumn], about: Mapping[str, str]
    ) -> None:
        import xlsxwriter

        options = {
            "constant_memory": True,
            # What it puts aside meanwhile are rows: they lie where the file will lie.
            "tmpdir": str(Path(file.name).parent),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "nan_inf_to_errors": True,
        }
        self._book = xlsxwriter.Workbook(file, options)
        self._types = [column.type for column in columns]
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        bold = self._book.add_format({"bold": True})
        self._rows = self._book.add_worksheet("rows")
        self._rows.freeze_panes(1, 0)
        for place, name in enumerate(names):
            self._rows.write_string(0, place, name, bold)
        self._about = {
            **about,
            "masked columns": ", ".join(n for n, column in zip(names, columns, strict=True) if column.masked) or "none",
        }
        self._count = 0

    def write(self, batch: pa.RecordBatch) -> None:
        """Write one batch.

        Raises:
            BadInput: there are more rows, or a longer text, than a sheet holds.
        """
        import pyarrow as pa

        if self._count + batch.num_rows > _MOST_ROWS:
            raise BadInput(
                f"There are more than {_MOST_ROWS:,} rows, which is all that a spreadsheet holds.",
                hint="Take csv, parquet or arrow.",
            )
        arrays = zip(batch.columns, self._types, strict=True)
        columns = [column_values(pa.chunked_array([array]), kind) for array, kind in arrays]
        for row in zip(*columns, strict=True):
            self._count += 1
            for place, value in enumerate(row):
                self._cell(self._count, place, value)

    def _cell(self, row: int, place: int, value: Any) -> None:
        kind = self._types[place]
        if value is None:
            return
        if isinstance(value, bool):
            self._rows.write_boolean(row, place, value)
        elif isinstance(value, int | float) and abs(value) < _EXACT:
            self._rows.write_number(row, place, value)
        elif kind.startswith("decimal") and len(value.strip("-").replace(".", "")) <= _DIGITS:
            self._rows.write_number(row, place, float(value))
        elif kind == "date" and _FIRST_DAY < value < _LAST_DAY and len(value) == len(_LAST_DAY):
            self._rows.write_datetime(row, place, datetime.fromisoformat(value), self._day)
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            if len(text) > _LONGEST:
                raise BadInput(
                    f"Row {row:,} has a text of {len(text):,} characters, and a cell holds {_LONGEST:,}.",
                    hint="Take csv, parquet or arrow.",
                )
            self._rows.write_string(row, place, text)

    def close(self) -> None:
        """Write where the rows come from, and end the file."""
        sheet = self._book.add_worksheet("about")
        for row, (name, text) in enumerate(self._about.items()):
            sheet.write_string(row, 0, name)
            sheet.write_string(row, 1, text[:_LONGEST])
        self._book.close()
