"""Single steps of the guard, where a whole statement cannot reach their corners."""

from decimal import Decimal

import pytest
import sqlglot
from sqlglot import exp

from tests.townlake.governance.guard.lakes import ALICE, SHOP, FakeLake, table
from townlake.domain.names import TableRef
from townlake.domain.verdict import Verdict
from townlake.governance.guard.admit import ALLOWED, admit
from townlake.governance.guard.allow import EXPRESSIONS, FUNCTIONS, SHAPES
from townlake.governance.guard.check import check
from townlake.governance.guard.findings import Refusal
from townlake.governance.guard.limits import MAX_JOINS, MAX_NODES, MAX_TREE_DEPTH, check_size, constant
from townlake.governance.guard.metadata import MAX_ROWS, metadata_relation, values_query
from townlake.governance.guard.parse import tokenize
from townlake.governance.guard.regenerate import regenerate
from townlake.governance.guard.show import like_pattern
from townlake.governance.guard.sight import Sight

ORDERS = TableRef.parse("shop.orders")


def _check(sql: str) -> Verdict:
    return check(sql, ALICE, SHOP, SHOP)


def _codes(sql: str) -> list[str]:
    return [finding.code for finding in _check(sql).findings]


# The text that runs is inspected as if a stranger had written it.


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM lake.hr.payroll",
        "SELECT * FROM hr.payroll",
        "SELECT * FROM payroll",
        "SELECT id FROM lake.shop.orders",
        "SELECT * FROM (SELECT * FROM lake.shop.orders) AS o",
        "SELECT * FROM (SELECT note FROM lake.shop.orders) AS o",
        "SELECT * FROM (SELECT o.id FROM lake.shop.orders AS o) AS o",
        "SELECT * FROM (SELECT id FROM lake.shop.orders LIMIT 1) AS o",
        "SELECT * FROM (SELECT id FROM lake.shop.orders CROSS JOIN lake.shop.orders) AS o",
        "SELECT * FROM (SELECT id FROM lake.shop.orders WHERE id IN (SELECT 1)) AS o",
        "SELECT * FROM (SELECT DISTINCT id FROM lake.shop.orders) AS o",
        "WITH w AS (SELECT id FROM lake.shop.orders) SELECT * FROM w",
        "SELECT * FROM (SELECT 1 FROM (SELECT id FROM lake.shop.orders) CROSS JOIN lake.shop.orders) AS o",
        "SELECT no_such_function(1)",
        "SELECT ?",
    ],
)
def test_a_text_with_anything_but_scans_is_refused(text: str) -> None:
    tree = sqlglot.parse_one(text, read="trino")
    with pytest.raises(Refusal) as caught:
        regenerate(tree, {ORDERS: {"id"}})
    assert caught.value.finding.code == "SQL040"


def test_a_text_of_scans_is_given_back() -> None:
    tree = sqlglot.parse_one(
        "WITH w AS (SELECT 1 AS x) SELECT * FROM (SELECT id FROM lake.shop.orders) AS o, w", read="trino"
    )
    assert 'FROM "lake"."shop"."orders"' in regenerate(tree, {ORDERS: {"id"}})


def test_a_text_that_reads_back_as_another_is_refused() -> None:
    broken = exp.Select(expressions=[exp.Var(this="1 AS a, 2")])
    with pytest.raises(Refusal):
        regenerate(broken, {})
    with pytest.raises(Refusal):
        regenerate(exp.Select(expressions=[exp.Var(this="1; SELECT 2")]), {})


def test_a_literal_that_got_lost_is_noticed() -> None:
    with pytest.raises(Refusal):
        regenerate(sqlglot.parse_one("SELECT 1", read="trino"), {}, tokenize("SELECT 1, 'lost'"))
    assert regenerate(sqlglot.parse_one("SELECT .5", read="trino"), {}, tokenize("SELECT .5")) == "SELECT 0.5"


# Every kind of node is on a list.


def test_a_root_that_is_no_query_is_refused() -> None:
    assert [finding.code for finding in admit("", exp.Command(this="SHOW"))] == ["SQL016"]
    assert [finding.code for finding in admit("", exp.Drop())] == ["SQL020"]


def test_the_lists_do_not_overlap_and_most_of_sqlglot_is_on_none() -> None:
    assert not set(SHAPES) & (EXPRESSIONS | FUNCTIONS)
    assert not EXPRESSIONS & FUNCTIONS
    everything = {kind for kind in vars(exp).values() if isinstance(kind, type) and issubclass(kind, exp.Expr)}
    assert len(everything - set(SHAPES) - EXPRESSIONS - FUNCTIONS) > 600


def test_a_kind_of_node_that_is_on_no_list_is_refused() -> None:
    tree = exp.Select(expressions=[exp.Qualify(this=exp.true())])
    assert [finding.code for finding in admit("", tree)] == ["SQL029"]
    assert exp.Qualify not in ALLOWED


# Sizes.


def test_a_tree_has_bounds() -> None:
    check_size(MAX_NODES, MAX_TREE_DEPTH, MAX_JOINS)
    for size, code in (
        ((0, MAX_TREE_DEPTH + 1, 0), "SQL003"),
        ((MAX_NODES + 1, 0, 0), "SQL032"),
        ((0, 0, MAX_JOINS + 1), "SQL031"),
    ):
        with pytest.raises(Refusal) as caught:
            check_size(*size)
        assert caught.value.finding.code == code


def test_long_chains_and_many_joins_are_refused_as_statements() -> None:
    assert _codes("SELECT 1 WHERE " + " OR ".join(["1 = 1"] * 500)) == ["SQL003"]
    joins = "".join(f" CROSS JOIN shop.orders AS o{at}" for at in range(MAX_JOINS + 1))
    assert _codes(f"SELECT 1 FROM shop.payments{joins}") == ["SQL031"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-(3)", Decimal(-3)),
        ("2 - 5", Decimal(-3)),
        ("CAST(4 AS integer) * 2", Decimal(8)),
        ("-x", None),
        ("1 + x", None),
        ("'1'", None),
        ("1 / 2", None),
    ],
)
def test_constants_are_worked_out_as_far_as_plain_arithmetic_goes(text: str, value: Decimal | None) -> None:
    assert constant(sqlglot.parse_one(text, read="trino")) == value


def test_a_number_that_is_none_has_no_value() -> None:
    assert constant(exp.Literal.number("1x")) is None
    assert constant(None) is None


def test_constants_within_bounds_and_unknown_sizes_pass() -> None:
    assert _check("SELECT sequence(1, 100), repeat('x', 10), lpad('x', 10, ' '), sequence(1, 100000, 100)").passed
    assert _check("SELECT repeat(note, id), lpad(note, id, ' '), sequence(1, id) FROM shop.orders").passed


# Metadata.


def test_metadata_answers_what_the_caller_may_see() -> None:
    said = str(_check("SHOW TABLES").sql)
    assert "'shop.orders'" in said
    assert "payroll" not in said
    described = str(_check("DESCRIBE shop.customers").sql)
    assert "'email', 'varchar', 'masked'" in described
    assert "ssn" not in described
    assert "'hr'" not in str(_check("SHOW SCHEMAS").sql)
    assert "'ssn'" not in str(_check("SELECT column_name FROM information_schema.columns").sql)
    assert "'orders'" in str(check("SHOW TABLES", ALICE, SHOP, SHOP, namespace="shop").sql)


def test_an_empty_answer_keeps_its_types() -> None:
    assert _check("SHOW TABLES FROM nowhere").sql == 'SELECT CAST(NULL AS VARCHAR) AS "Table" WHERE FALSE'
    said = str(_check("SELECT * FROM nowhere.information_schema.columns").sql)
    assert 'CAST(NULL AS BIGINT) AS "ordinal_position"' in said


def test_patterns_are_those_of_like() -> None:
    assert "'shop.orders'" in str(_check("SHOW TABLES LIKE '%order_'").sql)
    assert "NULL" in str(_check("SHOW TABLES LIKE 'order'").sql)
    assert "'shop.big_orders'" in str(_check("SHOW TABLES LIKE '%!_%' ESCAPE '!'").sql)
    assert like_pattern("a!!b", "!") == "a!b"


def test_a_very_long_answer_is_refused() -> None:
    with pytest.raises(Refusal) as caught:
        values_query(("a",), [("x",)] * (MAX_ROWS + 1))
    assert caught.value.finding.code == "SQL034"
    lake = FakeLake([table("big.t", "; ".join(f"c{at} bigint" for at in range(MAX_ROWS + 1)))])
    assert [f.code for f in check("SELECT * FROM information_schema.columns", ALICE, lake, lake).findings] == ["SQL034"]
    asked = "SELECT column_name FROM information_schema.columns WHERE table_name = 'small'"
    both = FakeLake([*lake.tables(), table("big.small", "id bigint")])
    assert "'id'" in str(check(asked, ALICE, both, both).sql)


def _relation(sql: str) -> str:
    tree = sqlglot.parse_one(sql, read="trino")
    node = next(tree.find_all(exp.Table))
    sight = Sight(ALICE, SHOP, SHOP, None)
    found = metadata_relation(sight, [part.name for part in node.parts], node)
    assert found is not None
    return found[0].sql("trino")


def test_what_where_leaves_out_is_not_looked_at() -> None:
    one = _relation("SELECT 1 FROM information_schema.columns WHERE table_name = 'orders' AND table_schema = 'shop'")
    assert "'orders'" in one
    assert "'customers'" not in one
    assert "WHERE FALSE" in _relation("SELECT 1 FROM information_schema.tables WHERE 'payroll' = table_name")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 FROM information_schema.columns",
        "SELECT 1 FROM information_schema.columns WHERE table_name = 'orders' OR table_schema = 'shop'",
        "SELECT 1 FROM information_schema.columns WHERE NOT table_name = 'orders'",
        "SELECT 1 FROM information_schema.columns WHERE other.table_name = 'orders'",
        "SELECT 1 FROM information_schema.columns WHERE lower(table_name) = 'orders'",
        "SELECT 1 FROM information_schema.columns LEFT JOIN shop.orders ON TRUE WHERE table_name = 'orders'",
        "SELECT 1 FROM information_schema.columns AS c(table_name, b, c, d, e, f, g, h) WHERE table_name = 'orders'",
    ],
)
def test_where_leaves_out_only_what_it_plainly_says(sql: str) -> None:
    assert "'customers'" in _relation(sql)


def test_the_schemata_know_no_table() -> None:
    assert "'crm'" in _relation("SELECT 1 FROM information_schema.schemata WHERE table_name = 'orders'")


def test_a_column_of_nothing_but_null_has_a_type() -> None:
    assert "CAST(NULL AS VARCHAR)" in values_query(("a",), [(None,)]).sql("trino")
    columns = {c.name: c.type for c in _check("SELECT * FROM information_schema.columns").columns}
    assert columns["column_default"] == "varchar"


def test_hidden_names_do_not_crowd_out_one_that_may_be_told() -> None:
    hidden = [table(f"hr.payment{at}", "id bigint", restricted=True) for at in range(20)]
    closed = frozenset(f"hr.{info.ref.name}" for info in hidden)
    lake = FakeLake([*hidden, table("shop.payments", "id bigint")], hidden=closed)
    assert "shop.payments" in check("SELECT 1 FROM shop.payment", ALICE, lake, lake).findings[0].hint


@pytest.mark.parametrize(
    "sql",
    [
        "DESCRIBE a.b.c.d",
        "SHOW TABLES FROM",
        "SHOW COLUMNS",
        "SHOW TABLES LIKE",
        "SHOW SCHEMAS FROM a.b",
        "DESCRIBE shop.orders x",
        "SHOW TABLES FROM shop LIMIT 1",
    ],
)
def test_other_forms_of_show_are_refused(sql: str) -> None:
    assert _codes(sql) == ["SQL011"]


# Names.


def test_the_hint_helps_with_names() -> None:
    assert "amount" in _check("SELECT amout FROM shop.payments").findings[0].hint
    assert "repeat the expression" in _check("SELECT id AS x FROM shop.orders WHERE x = 1").findings[0].hint
    assert "DESCRIBE" in _check("SELECT zzzzz FROM shop.payments").findings[0].hint
    assert "shop.payments" in _check("SELECT 1 FROM shop.payment").findings[0].hint
    assert "SHOW TABLES" in _check("SELECT 1 FROM shop.zzzzzzz").findings[0].hint
    assert "tpch.tiny.orders" in check("SELECT 1 FROM order_s", ALICE, _tpch(), _tpch()).findings[0].hint


def _tpch() -> FakeLake:
    return FakeLake([table("tpch.tiny.orders", "id bigint")])


@pytest.mark.parametrize(
    ("sql", "codes"),
    [
        ("SELECT 1 FROM shop.orders a JOIN shop.orders b ON true JOIN shop.payments c USING (id)", ["NAM003"]),
        ("SELECT 1 FROM shop.orders a JOIN shop.payments b USING (nope)", ["NAM002"]),
        ("SELECT 1 FROM shop.orders CROSS JOIN LATERAL unnest(tags) AS t(x)", ["SQL021"]),
        ("SELECT x.* FROM (SELECT 1 AS a) AS y", ["NAM002"]),
        ("SELECT nope FROM hr.payroll", ["NAM001"]),
        ("SELECT t.a, t.b.c FROM hr.payroll AS t(a, b)", ["NAM001"]),
        ("WITH RECURSIVE r(x) AS (SELECT x FROM r UNION ALL SELECT 1) SELECT y FROM r", ["SQL030", "NAM002"]),
    ],
)
def test_faults_of_names_are_told_without_those_that_follow_from_them(sql: str, codes: list[str]) -> None:
    assert _codes(sql) == codes or _codes(sql) == codes[:1]


@pytest.mark.parametrize(
    ("sql", "text"),
    [
        ("SELECT (id) FROM shop.orders", '("orders"."id")'),
        ("SELECT * FROM (shop.orders JOIN shop.payments USING (id))", '"payments"."attrs"'),
        ("SELECT payments.* FROM shop.orders JOIN shop.payments USING (id)", '"payments"."order_id"'),
        ("SELECT u.* FROM UNNEST(ARRAY[CAST(ROW(1) AS ROW(a integer))]) AS u", '"u".*'),
        ("SELECT x FROM UNNEST(ARRAY[1]) WITH ORDINALITY AS t(x, n) WHERE n = 1", '"t"."n" = 1'),
        ("SELECT shop.customers.address.* FROM shop.customers", '("customers"."address").*'),
        ("SELECT o.ID FROM shop.orders AS O", '"O"."id"'),
        ("SELECT a.x FROM (SELECT 1 AS X) AS a", '"a"."X"'),
        ("SELECT transform(ARRAY[CAST(ROW(ROW(1)) AS ROW(f ROW(g integer)))], x -> x.f.g)", '"x"."f"."g"'),
        ("SELECT (address).city FROM shop.customers", '("customers"."address")."city"'),
        ("SELECT count(*) FROM (SELECT 1 AS a, 2 AS a)", "COUNT(*)"),
        ("SELECT * FROM (VALUES 1) AS a(x) JOIN (VALUES (1, 2)) AS b(x, y) USING (x), (VALUES 3)", "USING"),
        ("SELECT note, region FROM shop.orders UNION SELECT * FROM (SELECT (address).* FROM shop.customers)", "UNION"),
        ("SELECT t.a FROM (SELECT (address).* FROM shop.customers) AS t(a, b)", '"t"."a"'),
        ("SELECT id FROM shop.orders ORDER BY orders.total", 'ORDER BY "orders"."total"'),
    ],
)
def test_names_are_written_in_one_way(sql: str, text: str) -> None:
    verdict = _check(sql)
    assert verdict.passed, verdict.findings
    assert text in str(verdict.sql)


def test_what_is_not_known_by_name_counts_as_masked() -> None:
    lake = FakeLake([table("a.t", "x row(f bigint)")], masks={"a.t.x": SHOP.masks["shop.customers.email"]})
    for sql in (
        "SELECT (x).* FROM a.t",
        "SELECT y.f FROM (SELECT (x).* FROM a.t) AS y",
        "SELECT f FROM a.t CROSS JOIN UNNEST(ARRAY[x])",
        "SELECT 1 UNION SELECT * FROM (SELECT (x).* FROM a.t)",
        "SELECT y.* FROM UNNEST((SELECT ARRAY[x] FROM a.t)) AS y",
    ):
        verdict = check(sql, ALICE, lake, lake)
        assert verdict.passed, verdict.findings
        assert all(column.masked for column in verdict.columns), sql
