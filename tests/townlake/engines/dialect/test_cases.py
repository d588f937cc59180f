"""What single expressions give, as data: `SELECT <expression>` and the JSON of its row, a pair a line.

Lines are `expression => [values]`, or `expression => !NAME` where it must fail, or
`expression => refused` where the dialect must say no.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.trino_values import same_value
from townlake.domain.errors import EngineError
from townlake.domain.rows import Rows
from townlake.domain.verdict import OutputColumn
from townlake.engines.dialect.translate import translate
from townlake.engines.duckdb.job import Job, Setup
from townlake.engines.duckdb.pool import Pool
from townlake.engines.values import json_rows

MEMORY = 1024**3
FOLDER = Path(__file__).parent / "cases"


def cases() -> list[tuple[str, str]]:
    found = []
    for path in sorted(FOLDER.glob("*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("#"):
                sql, _, expected = line.rpartition(" => ")
                found.append((sql, expected))
    return found


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pool]:
    pool = Pool(Setup(str(tmp_path_factory.mktemp("warehouse")), MEMORY), 1)
    yield pool
    pool.close()


def statement(text: str) -> str:
    return text if re.match(r"(SELECT|WITH|VALUES|\()\b", text) else f"SELECT {text}"


@pytest.mark.parametrize(("sql", "expected"), cases(), ids=[sql[:60] for sql, _ in cases()])
def test_an_expression_gives_what_trino_gives(pool: Pool, sql: str, expected: str) -> None:
    translation = translate(statement(sql), ())
    if expected == "refused":
        assert translation.refused
        assert all(finding.code.startswith("DIA") for finding in translation.findings)
        return
    if expected.startswith("!") and translation.sql is None:
        assert [finding.error for finding in translation.findings] == [expected[1:]]
        return
    assert translation.sql is not None, translation.findings
    job = Job(translation.sql, (), 1000, 10**7)
    if expected.startswith("!"):
        with pytest.raises(EngineError) as caught:
            pool.run(job, memory_bytes=MEMORY, seconds=10)
        assert caught.value.code == expected[1:]
        return
    columns = tuple(OutputColumn(name=name, type=type_) for name, type_ in translation.columns)
    table = pool.run(job, memory_bytes=MEMORY, seconds=10).table
    rows = json_rows(Rows(table=table, columns=columns, truncated=False, query_id=""))
    wanted = json.loads(expected)
    wanted = (
        wanted if wanted and all(isinstance(row, list) for row in wanted) and len(rows) == len(wanted) else [wanted]
    )
    types = [column.type for column in columns]
    assert len(rows) == len(wanted), rows
    for row, other in zip(rows, wanted, strict=True):
        assert len(row) == len(other), rows
        assert all(map(same_value, row, types, other, types)), rows
