"""A small grammar of Trino SQL over alice's lake, with hidden and closed names among the open ones."""

from __future__ import annotations

from hypothesis import strategies as st

TABLES = {
    "shop.orders": ("id", "customer_id", "total", "placed", "note", "region"),
    "shop.customers": ("id", "name", "email", "born", "region", "ssn"),
    "shop.payments": ("id", "order_id", "amount"),
    "crm.contacts": ("id", "customer_id", "phone", "region"),
    "hr.payroll": ("id", "gross"),
    "hr.secret_plans": ("id", "plan"),
}
OPEN = ("shop.orders", "shop.customers", "shop.payments", "crm.contacts")


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A statement: mostly of open tables, so that most of them run."""
    return draw(_query(draw(st.integers(0, 2))))


@st.composite
def _query(draw: st.DrawFn, depth: int) -> str:
    form = draw(st.sampled_from(["select"] * 6 + ["union", "with", "values", "nested"]))
    if depth == 0 or form == "select":
        return draw(_select(depth))
    if form == "union":
        word = draw(st.sampled_from(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"]))
        return f"SELECT region FROM ({draw(_select(depth - 1))}) AS u {word} {draw(_one_column(depth - 1))}"
    if form == "with":
        return f"WITH w AS ({draw(_query(depth - 1))}) SELECT {draw(st.sampled_from(['*', 'count(*)', 'w.id']))} FROM w"
    if form == "values":
        return f"VALUES (1, ({draw(_one_column(depth - 1))} LIMIT 1))"
    return f"SELECT * FROM ({draw(_query(depth - 1))}) AS d"


@st.composite
def _one_column(draw: st.DrawFn, depth: int) -> str:
    table = draw(_table())
    column = draw(st.sampled_from(TABLES[table]))
    return f"SELECT max(CAST({column} AS varchar)) FROM {table}"


@st.composite
def _select(draw: st.DrawFn, depth: int) -> str:
    table = draw(_table())
    source, columns = f"{table} AS a", [f"a.{column}" for column in TABLES[table]]
    if draw(st.booleans()):
        other = draw(_table())
        join = draw(st.sampled_from(["JOIN", "LEFT JOIN", "FULL JOIN"]))
        source += f" {join} {other} AS b ON a.id = b.id"
        columns += [f"b.{column}" for column in TABLES[other]]
    if draw(st.integers(0, 5)) == 0:
        return f"SELECT * FROM {source}"
    items = draw(st.lists(_value(columns, depth), min_size=1, max_size=3))
    listed = ", ".join(f"{item} AS c{at}" for at, item in enumerate(items))
    if draw(st.booleans()):
        listed = f"a.id, {columns[-1]} AS region, {listed}"
    where = f" WHERE {draw(_condition(columns, depth))}" if draw(st.booleans()) else ""
    order = draw(st.sampled_from(["", " ORDER BY 1", " ORDER BY c0", f" ORDER BY {columns[-1]}"]))
    return f"SELECT {listed} FROM {source}{where}{order}"


def _table() -> st.SearchStrategy[str]:
    return st.sampled_from([*OPEN * 5, "hr.payroll", "hr.secret_plans"])


@st.composite
def _value(draw: st.DrawFn, columns: list[str], depth: int) -> str:
    column = draw(st.sampled_from(columns))
    forms = [
        column,
        column,
        f"CAST({column} AS varchar)",
        f"TRY_CAST(CAST({column} AS varchar) AS bigint)",
        f"length(CAST({column} AS varchar))",
        f"coalesce(CAST({column} AS varchar), 'none')",
        f"CASE WHEN CAST({column} AS varchar) LIKE 'a%' THEN 1 ELSE 0 END",
        f"substr(CAST({column} AS varchar), 1, 1)",
        f"count(*) OVER (PARTITION BY {column})",
        f"rank() OVER (ORDER BY {column})",
        f"max({column}) OVER ()",
        f"ARRAY[CAST({column} AS varchar)]",
        f"1 / (length(CAST({column} AS varchar)) - 3)",
        f"CAST(CAST({column} AS varchar) AS integer)",
        f"transform(ARRAY[1], x -> CAST({column} AS varchar))",
    ]
    if depth:
        forms.append(f"({draw(_one_column(depth - 1))})")
        forms.append(
            f"(SELECT count(*) FROM shop.customers k WHERE CAST(k.email AS varchar) = CAST({column} AS varchar))"
        )
    return draw(st.sampled_from(forms))


@st.composite
def _condition(draw: st.DrawFn, columns: list[str], depth: int) -> str:
    column = draw(st.sampled_from(columns))
    forms = [
        f"{column} IS NULL",
        f"CAST({column} AS varchar) = 'ann@example.com'",
        f"CAST({column} AS varchar) LIKE '1%'",
        f"NOT (CAST({column} AS varchar) < 'm')",
        f"CAST({column} AS varchar) IN ('1', '222-22', 'EU')",
        f"CAST(CAST({column} AS varchar) AS integer) = 1",
    ]
    if depth:
        forms.append(f"CAST({column} AS varchar) IN ({draw(_one_column(depth - 1))})")
        forms.append(
            f"EXISTS (SELECT 1 FROM crm.contacts e WHERE CAST(e.phone AS varchar) = CAST({column} AS varchar))"
        )
    return draw(st.sampled_from(forms))
