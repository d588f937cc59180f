"""The knowledge files of the demo fit its tables."""

from __future__ import annotations

import pytest
from sqlglot import exp

from ingestion.demo.build import KNOWLEDGE
from ingestion.demo.described import demo_tables
from ingestion.demo.lineage import demo_edges
from townlake.catalog.knowledge.expressions import columns, parse_expression, parse_query
from townlake.catalog.knowledge.loader import load_knowledge
from townlake.catalog.knowledge.model import Metric, VerifiedQuery
from townlake.domain.names import ColumnRef, TableRef

LOADED = load_knowledge(KNOWLEDGE)
COLUMNS = {table.ref: set(table.description.column_comments) for table in demo_tables().values()}


def test_there_is_enough_of_everything() -> None:
    assert len(LOADED.metrics) >= 14
    assert len(LOADED.queries) >= 8
    assert len(LOADED.pages) >= 4
    assert len(LOADED.terms) >= 20


@pytest.mark.parametrize("metric", LOADED.metrics, ids=lambda metric: metric.name)
def test_a_metric_reads_columns_that_exist(metric: Metric) -> None:
    aliases = {metric.alias: metric.table} | {join.alias: join.table for join in metric.joins}
    time = metric.time
    assert time is not None
    texts = [metric.expression, *metric.filters, *(join.on for join in metric.joins)]
    texts += [dimension.expression for dimension in metric.dimensions]
    texts += [text for text in (time.column, time.valid_from, time.valid_to) if text]
    read = {(aliases[alias], name) for text in texts for alias, name in columns(parse_expression(text))}
    assert read
    assert {pair for pair in read if pair[1] not in COLUMNS[pair[0]]} == set()
    assert metric.synonyms
    assert metric.assumptions
    assert metric.dimensions


@pytest.mark.parametrize("metric", LOADED.metrics, ids=lambda metric: metric.name)
def test_our_own_and_test_accounts_are_left_out(metric: Metric) -> None:
    if any(join.table == TableRef.parse("crm.accounts") for join in metric.joins):
        assert {"NOT a.is_internal", "NOT coalesce(a.is_test, false)"} <= set(metric.filters)


@pytest.mark.parametrize("query", LOADED.queries, ids=lambda query: query.name)
def test_a_query_reads_tables_and_columns_that_exist(query: VerifiedQuery) -> None:
    known = set().union(*(COLUMNS[table] for table in query.tables))
    tree = parse_query(query.sql)
    made = {alias.alias for alias in tree.find_all(exp.Alias)}
    assert {column.name for column in tree.find_all(exp.Column)} <= known | made


def test_pages_and_terms_speak_of_tables_that_exist() -> None:
    told = {table for page in LOADED.pages for table in page.tables} | {t for term in LOADED.terms for t in term.tables}
    assert told <= set(COLUMNS)


def test_lineage_joins_columns_that_exist() -> None:
    def exists(column: ColumnRef) -> bool:
        return column.column in COLUMNS[column.table]

    assert all(exists(edge.source) and exists(edge.target) for edge in demo_edges())
