"""Two lakes that differ only in rows that a row filter hides, and statements that try to tell them apart.

An expression that fails on a hidden row would tell that the row is there, and by and by every value of it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from tests.support.databases import catalog_url
from tests.townlake.governance.conftest import Clock, Governance, open_governance
from townlake.catalog.catalog import Catalog, open_catalog
from townlake.catalog.description import TableDescription
from townlake.domain.errors import SkipperError
from townlake.domain.limits import Limits
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.domain.review import ReviewState
from townlake.engines.protocol import Engine
from townlake.engines.values import json_rows
from townlake.lake import Lake

REF: Final = TableRef.parse("shop.orders")
ANN, BEA = Principal(subject="ann"), Principal(subject="bea")
ROWS, EVERY = 120_000, 100
VISIBLE: Final = ROWS // EVERY

FILTERS: Final = (
    "region = 'EU'",
    "region LIKE 'E%' OR country LIKE 'F%'",
    "lower(region) = 'eu' OR lower(country) IN ('france', 'italy') OR upper(country) LIKE '%Q%'",
)
"""From one that the reader of files applies to one that costs more than any function of the statement."""

WRITTEN_IN_PYTHON: Final = (
    "url_decode(if(flag = 1, '%z', 'a')) IS NOT NULL",
    "hamming_distance(if(flag = 1, 'zz', 'a'), 'a') = 0",
    "soundex(if(flag = 1, 'ü', 'a')) IS NOT NULL",
    "luhn_check(if(flag = 1, 'a', '1')) IS NOT NULL",
    "from_base(if(flag = 1, 'z', '1'), 10) = 1",
    "to_base(5, if(flag = 1, 99, 2)) = '101'",
    "strpos('banana', 'an', if(flag = 1, 0, 1)) = 2",
    "json_parse(if(flag = 1, '{', '1')) IS NOT NULL",
    "CAST(json_parse(if(flag = 1, '\"a\"', '1')) AS bigint) = 1",
    "CAST(json_parse(if(flag = 1, '{}', '[1]')) AS array(bigint)) IS NOT NULL",
    "parse_datetime(if(flag = 1, 'x', '2024'), 'yyyy') IS NOT NULL",
    "parse_duration(if(flag = 1, 'x', '1s')) IS NOT NULL",
    "from_iso8601_date(if(flag = 1, 'x', '2024-01-01')) IS NOT NULL",
    "from_iso8601_timestamp(if(flag = 1, 'x', '2024-01-01T00:00:00Z')) IS NOT NULL",
    "human_readable_seconds(if(flag = 1, nan(), 1.0E0)) IS NOT NULL",
)
WRITTEN_IN_SQL: Final = (
    "split_part('a,b', ',', if(flag = 1, 0, 1)) = 'a'",
    "lpad('a', if(flag = 1, -1, 1), 'b') = 'a'",
    "element_at(ARRAY[1], if(flag = 1, 0, 1)) = 1",
    "ARRAY[1][if(flag = 1, 5, 1)] = 1",
    "cardinality(sequence(1, if(flag = 1, 20000, 1))) = 1",
    "cardinality(slice(ARRAY[1], if(flag = 1, 0, 1), 1)) = 1",
    "cardinality(map(ARRAY[1], if(flag = 1, ARRAY[1, 2], ARRAY[1]))) = 1",
    "MAP(ARRAY[1], ARRAY[2])[if(flag = 1, 5, 1)] = 2",
    "width_bucket(1.0E0, 0.0E0, if(flag = 1, 0.0E0, 2.0E0), 2) = 2",
    "1 / (1 - flag) = 1",
    "1 % (1 - flag) = 0",
)
NATIVE: Final = (
    "CAST(if(flag = 1, 'x', '1') AS integer) = 1",
    "CAST(if(flag = 1, 'x', '1.5') AS double) > 1",
    "CAST(if(flag = 1, 'x', '1.5') AS decimal(5,2)) > 1",
    "CAST(if(flag = 1, 'x', '2024-01-01') AS date) > DATE '2000-01-01'",
    "CAST(if(flag = 1, 'x', 'true') AS boolean)",
    "CAST(if(flag = 1, 300, 1) AS tinyint) = 1",
    "CAST(if(flag = 1, 1.0E30, 1.0E0) AS bigint) = 1",
    "9223372036854775806 + 1 + flag > 0",
    "9223372036854775807 * (1 + flag) > 0",
    "-(-9223372036854775807 - flag) > 0",
    "abs(-9223372036854775807 - flag) > 0",
    "from_hex(if(flag = 1, 'x', 'aa')) IS NOT NULL",
    "date_add('year', if(flag = 1, 2000000000, 1), DATE '2024-01-01') > DATE '2000-01-01'",
    "date_parse(if(flag = 1, 'x', '2024'), '%Y') IS NOT NULL",
    "chr(if(flag = 1, -5, 65)) = 'A'",
    "(SELECT max(x) FROM (VALUES 1, 2) AS v(x) WHERE x <= 1 + flag) >= 1",
)
ELSEWHERE: Final = (
    "SELECT count(*), sum(1 / (1 - flag)) FROM shop.orders",
    "SELECT count(*), count(url_decode(if(flag = 1, '%z', 'a'))) FROM shop.orders",
    "SELECT count(*) FROM shop.orders a JOIN (VALUES 1) v(x) ON v.x = 1 / (1 - a.flag)",
    "SELECT count(*) FROM shop.orders a JOIN (VALUES 'a') v(x) ON v.x = url_decode(if(a.flag = 1, '%z', 'a'))",
    "SELECT count(*) FROM (VALUES 'a') v(x) LEFT JOIN shop.orders a ON url_decode(if(a.flag = 1, '%z', v.x)) = v.x",
    "SELECT (SELECT count(*) FROM shop.orders a WHERE url_decode(if(a.flag = 1, '%z', v.x)) = v.x)"
    " FROM (VALUES 'a') v(x)",
    "SELECT count(*) FROM (VALUES 'a') v(x),"
    " LATERAL (SELECT id FROM shop.orders o WHERE url_decode(if(flag = 1, '%z', x)) = x)",
    "WITH t AS (SELECT id, flag FROM shop.orders)"
    " SELECT (SELECT count(*) FROM t WHERE url_decode(if(flag = 1, '%z', 'a')) = 'a'),"
    " (SELECT count(*) FROM t WHERE url_decode(if(flag = 1, '%z', 'a')) = 'a' AND id > 5)",
    "SELECT count(*) FROM (SELECT * FROM shop.orders UNION ALL SELECT * FROM shop.orders)"
    " WHERE url_decode(if(flag = 1, '%z', 'a')) = 'a'",
    "SELECT count(*) FROM shop.orders TABLESAMPLE BERNOULLI (100) WHERE url_decode(if(flag = 1, '%z', 'a')) = 'a'",
    "SELECT url_decode(if(flag = 1, '%z', 'a')), count(*) FROM shop.orders GROUP BY 1",
    "SELECT id FROM shop.orders ORDER BY url_decode(if(flag = 1, '%z', 'a')), id LIMIT 3",
    "SELECT max(x) FROM (SELECT row_number() OVER (PARTITION BY url_decode(if(flag = 1, '%z', 'a'))) x"
    " FROM shop.orders)",
    "SELECT count(*) FROM shop.orders WHERE id IN (SELECT id FROM shop.orders WHERE 1 / (1 - flag) = 1)",
    "SELECT count(*) FROM shop.orders WHERE flag = 1",
    "SELECT min(flag), max(flag), count(DISTINCT country), max(id) FROM shop.orders",
)


@dataclass(frozen=True)
class World:
    """A lake whose hidden rows bear a flag, or do not."""

    gov: Governance
    catalog: Catalog
    lake: Lake

    def outcome(self, sql: str) -> object:
        """All that a caller learns from a statement: rows, or the class of an error."""
        verdict = self.lake.check(sql, BEA)
        assert verdict.passed, verdict.findings
        try:
            return json_rows(self.lake.run(verdict))
        except SkipperError as error:
            return str(error)

    def hide(self, predicate: str) -> None:
        for old in self.gov.row_filters.list():
            self.gov.row_filters.remove(old.id, by=ANN, tables=())
        info = self.catalog.table(REF)
        assert info is not None
        self.gov.row_filters.add(info, "everyone", predicate, by=ANN)


def orders(hidden_flag: int) -> pa.Table:
    seen = [row % EVERY == 0 for row in range(ROWS)]
    return pa.table(
        {
            "id": pa.array(range(ROWS), pa.int64()),
            "region": ["EU" if sees else "US" for sees in seen],
            "country": ["Spain" if sees else "Chile" for sees in seen],
            "flag": pa.array([0 if sees else hidden_flag for sees in seen], pa.int64()),
        }
    )


def build(home: Path, hidden_flag: int, engine_over: Callable[[Catalog], Engine]) -> World:
    """A world whose statements run on the engine that is made for its catalog."""
    home.mkdir()
    gov = open_governance(home, Clock())
    catalog = open_catalog(home, gov.state, catalog_url(home))
    data = orders(hidden_flag)
    catalog.create(REF, data.schema, TableDescription(owner="shop-team"))
    gov.reviews.decide(ANN, catalog.append(REF, data), None, ReviewState.OPEN, unscanned=True)
    gov.grants.add("shop", "everyone", by=ANN)
    lake = Lake(catalog, gov.policy, gov.audit, engine_over(catalog), Limits(seconds=20))
    return World(gov, catalog, lake)
