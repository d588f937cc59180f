"""Knowledge files are read, and their faults are told to the person who edits them."""

from datetime import date
from pathlib import Path

import pytest

from townlake.catalog.knowledge.loader import load_knowledge, read_knowledge
from townlake.catalog.knowledge.model import Knowledge, TimeKind, TimeType
from townlake.domain.errors import BadInput
from townlake.domain.names import TableRef

METRIC = """
name: invoiced_revenue
title: invoiced revenue
synonyms: [billings]
description: What was invoiced.
owner: finance
expression: sum(i.amount * fx.rate)
table: billing.invoices
alias: i
joins:
  - {table: billing.rates, alias: fx, on: fx.currency = i.currency}
  - {table: crm.accounts, alias: a, on: a.id = i.account_id, kind: left}
  - {table: crm.countries, alias: c, on: c.code = a.country, needs: [a]}
required_joins: [fx]
filters: [NOT i.is_test]
assumptions: [Test invoices are left out.]
dimensions:
  - {name: country, synonyms: [countries], expression: c.name, joins: [c]}
time: {column: i.issued_at, type: timestamp}
unit: EUR
"""

QUERY = """/*---
question: Which invoices of {account} are above {amount}?
paraphrases: ["{account}: invoices over {amount}"]
parameters:
  - {name: account, type: varchar, dimension: crm.accounts.name}
  - {name: amount, type: bigint}
  - {name: top, type: bigint, default: 10}
owner: finance
verified_on: 2026-05-01
---*/
WITH mine AS (SELECT * FROM billing.invoices WHERE account = :account)
SELECT * FROM mine JOIN crm.accounts ON true WHERE amount > :amount LIMIT :top;
"""

PAGE = """---
title: How invoices work
tables: [billing.invoices]
owner: finance
---
An invoice has lines.
"""

GLOSSARY = """
- term: MRR
  synonyms: [run rate]
  meaning: Money a month.
"""


def write(root: Path, **files: str) -> Path:
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def whole(root: Path) -> Path:
    return write(
        root,
        metrics__revenue_DOT_yaml=METRIC,
        queries__large_invoices_DOT_sql=QUERY,
        pages__invoices_DOT_md=PAGE,
        glossary_DOT_yaml=GLOSSARY,
    )


def faults_of(root: Path) -> list[str]:
    return [str(fault) for fault in read_knowledge(root)[1]]


def test_all_kinds_of_files_are_read(tmp_path: Path) -> None:
    knowledge = load_knowledge(whole(tmp_path))
    (metric,) = knowledge.metrics
    assert metric.table == TableRef.parse("billing.invoices")
    assert metric.joins[1].kind == "left"
    assert metric.dimensions[0].joins == ("c",)
    assert metric.time is not None
    assert (metric.time.kind, metric.time.type) == (TimeKind.FLOW, TimeType.TIMESTAMP)
    (query,) = knowledge.queries
    assert query.name == "large_invoices"
    assert query.verified_on == date(2026, 5, 1)
    assert [str(table) for table in query.tables] == ["lake.billing.invoices", "lake.crm.accounts"]
    assert query.parameters[2].default == "10"
    assert query.sql.endswith("LIMIT :top")
    (page,) = knowledge.pages
    assert (page.name, page.text) == ("invoices", "An invoice has lines.")
    assert knowledge.terms[0].synonyms == ("run rate",)


def test_no_directory_is_no_knowledge(tmp_path: Path) -> None:
    assert load_knowledge(tmp_path / "absent") == Knowledge()


def test_the_digest_follows_every_file(tmp_path: Path) -> None:
    before = load_knowledge(whole(tmp_path)).digest
    assert before == load_knowledge(tmp_path).digest
    write(tmp_path, pages__invoices_DOT_md=PAGE + "One more line.")
    assert load_knowledge(tmp_path).digest != before


def test_only_true_and_false_are_booleans(tmp_path: Path) -> None:
    write(tmp_path, metrics__m_DOT_yaml=METRIC.replace("[billings]", "[NO, yes, on]"))
    assert load_knowledge(tmp_path).metrics[0].synonyms == ("NO", "yes", "on")


def test_readme_and_hidden_files_are_passed_over(tmp_path: Path) -> None:
    write(whole(tmp_path), README_DOT_md="# How to edit")
    (tmp_path / ".gitkeep").write_text("")
    assert faults_of(tmp_path) == []


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        metrics__a_DOT_yaml=METRIC.replace("owner: finance\n", "").replace(
            "synonyms: [billings]", "synonyms: billings"
        ),
        queries__b_DOT_sql="SELECT 1",
        pages__c_DOT_md="text",
        glossary_DOT_yaml="- term: x",
    )
    with pytest.raises(BadInput) as error:
        load_knowledge(tmp_path)
    lines = error.value.message.splitlines()
    assert lines[0] == "The knowledge files have 5 faults:"
    assert [line.split(":")[0].strip() for line in lines[1:]] == [
        "metrics/a.yaml",
        "metrics/a.yaml",
        "queries/b.sql",
        "pages/c.md",
        "glossary.yaml",
    ]
    assert "docs/knowledge.md" in error.value.hint


def test_what_is_right_is_kept_beside_what_is_wrong(tmp_path: Path) -> None:
    write(whole(tmp_path), metrics__bad_DOT_yaml="name: x")
    knowledge, faults = read_knowledge(tmp_path)
    assert [metric.name for metric in knowledge.metrics] == ["invoiced_revenue"]
    assert {fault.file for fault in faults} == {"metrics/bad.yaml"}


METRIC_FAULTS = [
    ("owner: finance\n", "", "owner: is missing. Add `owner: ...`."),
    ("owner:", "ownr:", "ownr: is not a field that is known here. Did you mean `owner`?"),
    ("synonyms: [billings]", "synonyms: [2026]", "synonyms[0]: must be a text. Put it in quotes."),
    (
        "synonyms: [billings]",
        "synonyms: billings",
        "synonyms: must be a list. Write `[one, two]`, or one `- item` a line.",
    ),
    ("table: billing.invoices", "table: invoices", "table: 'invoices' is not a table name."),
    ("name: invoiced_revenue", "name: Invoiced Revenue", "name: `Invoiced Revenue` is not in snake case."),
    ("sum(i.amount * fx.rate)", "sum(i.amount", "expression: is not Trino SQL"),
    ("sum(i.amount * fx.rate)", "i.amount", "expression: must aggregate every column it reads."),
    ("sum(i.amount * fx.rate)", "sum(i.amount) / fx.rate", "expression: must aggregate every column it reads."),
    ("sum(i.amount * fx.rate)", "sum(amount)", "expression: `amount` has no alias. Write `i.amount`."),
    ("sum(i.amount * fx.rate)", "sum(z.amount)", "expression: no table with alias `z` is joined here. Aliases of this"),
    ("sum(i.amount * fx.rate)", "sum(c.amount)", "expression: no table with alias `c` is joined here. Add `c` to"),
    ("sum(i.amount * fx.rate)", "(SELECT sum(i.amount) FROM x)", "expression: must be an expression."),
    ("sum(i.amount * fx.rate)", "sum(i.a) + (SELECT 1)", "expression: must hold no query of its own"),
    ("sum(i.amount * fx.rate)", "sum(i.a) OVER ()", "expression: must"),
    ("sum(i.amount * fx.rate)", "sum(i.a) AS total", "expression: must have no `AS`"),
    ("sum(i.amount * fx.rate)", "sum(i.a); DROP TABLE x", "expression: must be exactly one piece of Trino SQL."),
    ("sum(i.amount * fx.rate)", "sum(i.a * :measured_on)", "expression: `:measured_on` is not known here."),
    ("NOT i.is_test", "count(i.x) > 1", "filters[0]: must not aggregate"),
    ("required_joins: [fx]", "required_joins: [fy]", "required_joins[0]: there is no join with alias `fy`."),
    (
        "joins: [c]",
        "joins: [d]",
        "dimensions[0].joins[0]: there is no join with alias `d`. Joins of this metric: fx, a, c.",
    ),
    ("joins: [c]", "joins: []", "dimensions[0].expression: no table with alias `c` is joined here."),
    ("needs: [a]", "needs: []", "joins[2].on: no table with alias `a` is joined here."),
    ("kind: left", "kind: full", "joins[1].kind: `full` is not known. Write `inner` or `left`."),
    ("alias: fx", "alias: i", "joins: `i` stands there 2 times."),
    ("name: country", "name: month", "dimensions[0].name: `month` is a grain of time."),
    ("column: i.issued_at", "kind: stock", "time.valid_from: is missing; a stock needs it."),
    ("column: i.issued_at", "valid_from: i.x", "time.column: is missing; a flow needs it."),
    ("type: timestamp", "type: text", "time.type: must be 'date', 'timestamp'"),
    ("title: invoiced revenue", "title: a: b", "cannot be read at line 3"),
]


@pytest.mark.parametrize(("old", "new", "told"), METRIC_FAULTS)
def test_a_fault_in_a_metric_names_field_and_remedy(old: str, new: str, told: str, tmp_path: Path) -> None:
    assert old in METRIC
    faults = faults_of(write(tmp_path, metrics__m_DOT_yaml=METRIC.replace(old, new, 1)))
    assert any(fault.startswith(f"metrics/m.yaml: {told}") for fault in faults), faults


QUERY_FAULTS = [
    ("/*---", "/*", "has no head."),
    ("LIMIT :top", "", "parameters[2]: `:top` does not stand in the SQL."),
    ("LIMIT :top", "LIMIT :top OFFSET :start", "sql: `:start` is not declared."),
    ("above {amount}?", "large?", "question: does not name `{amount}`."),
    ("over {amount}", "over {number}", "paraphrases[0]: `{number}` is not a parameter."),
    ("{name: amount, type: bigint}", "{name: amount, type: money}", "parameters[1].type: `money` is not known."),
    ("crm.accounts.name", "name", "parameters[0].dimension: `name` is not a column."),
    ("FROM billing.invoices", "FROM invoices", "sql: 'invoices' is not a table name."),
    ("FROM billing.invoices", "FRM billing.invoices", "sql: is not Trino SQL"),
    ("verified_on: 2026-05-01", "verified_on: soon", "verified_on: "),
]


@pytest.mark.parametrize(("old", "new", "told"), QUERY_FAULTS)
def test_a_fault_in_a_query_names_field_and_remedy(old: str, new: str, told: str, tmp_path: Path) -> None:
    assert old in QUERY
    faults = faults_of(write(tmp_path, queries__q_DOT_sql=QUERY.replace(old, new, 1)))
    assert any(fault.startswith(f"queries/q.sql: {told}") for fault in faults), faults


def test_a_statement_that_is_no_query_is_refused(tmp_path: Path) -> None:
    text = "/*---\nquestion: q\nowner: o\nverified_on: 2026-01-01\n---*/\nDELETE FROM a.b"
    assert faults_of(write(tmp_path, queries__q_DOT_sql=text)) == [
        "queries/q.sql: sql: must be a query: SELECT, or WITH and SELECT."
    ]


def test_two_metrics_of_one_name_are_told(tmp_path: Path) -> None:
    assert faults_of(write(tmp_path, metrics__a_DOT_yaml=METRIC, metrics__b_DOT_yaml=METRIC)) == [
        "metrics/b.yaml: name: `invoiced_revenue` is also the name in metrics/a.yaml. Give it another name."
    ]


def test_a_stock_may_use_the_day_on_which_it_is_measured(tmp_path: Path) -> None:
    stock = METRIC.replace("{column: i.issued_at, type: timestamp}", "{kind: stock, valid_from: i.a, valid_to: i.b}")
    stock = stock.replace("fx.currency = i.currency", "fx.currency = i.currency AND fx.day = :measured_on")
    assert faults_of(write(tmp_path, metrics__m_DOT_yaml=stock)) == []


@pytest.mark.parametrize("name", ["metrics/m.yml", "metric/m.yaml", "notes.txt", "metrics/deep/m.yaml"])
def test_a_file_that_nobody_reads_is_told(name: str, tmp_path: Path) -> None:
    write(tmp_path, **{name.replace("/", "__"): METRIC})
    (fault,) = faults_of(tmp_path)
    assert fault.startswith(f"{name}: is not one of the files that are read.")


def test_bytes_that_are_no_text_are_told(tmp_path: Path) -> None:
    (tmp_path / "glossary.yaml").write_bytes(b"\xff\xfe\x00")
    assert faults_of(tmp_path) == ["glossary.yaml: is not UTF-8. Save it as UTF-8."]


@pytest.mark.parametrize("text", ["", "- a\n- b", "just text", "1: 2", "name: [", "\t"])
def test_a_metric_file_of_another_shape_has_one_fault(text: str, tmp_path: Path) -> None:
    assert len(faults_of(write(tmp_path, metrics__m_DOT_yaml=text))) == 1
