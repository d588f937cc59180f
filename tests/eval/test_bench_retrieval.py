"""How the retrieval benchmark reads its sets and counts."""

import gzip
import json
from pathlib import Path

from eval.bench_retrieval import families, measure, read_questions, read_tables
from memory.indexer import build
from memory.search import Memory
from memory.sight import Sight
from tests.memory.lake import WordModel

SCHOOL = {
    "table": "School.Has Pupil",
    "db": "School",
    "columns": [["PupilID", "TEXT"], ["Class", "TEXT", "class of the pupil"]],
    "foreign_keys": [["pupilid", "Pupil", "PupilId"], ["Class", "Missing", "id"]],
}
PUPIL = {"table": "School.Pupil", "db": "School", "columns": [["PupilId", "TEXT"], ["Name", "TEXT"]]}
COPY = {**PUPIL, "table": "Academy.Pupil", "db": "Academy"}


def write(path: Path) -> None:
    with gzip.open(path / "tables.jsonl.gz", "wt") as file:
        file.writelines(json.dumps(said) + "\n" for said in (SCHOOL, PUPIL, COPY))
    said = {"id": "q1", "question": "Name of each pupil?", "evidence": "pupils", "gold_tables": ["Academy.Pupil"]}
    (path / "questions.jsonl").write_text(json.dumps(said))


def test_names_become_those_of_a_lake_and_keys_find_their_columns(tmp_path: Path) -> None:
    write(tmp_path)
    first, pupil, _ = read_tables(tmp_path / "tables.jsonl.gz")
    assert str(first.ref) == "lake.school.has_pupil"
    (key,) = first.foreign_keys
    assert (key.columns, key.ref_table, key.ref_columns) == (("PupilID",), pupil.ref, ("PupilId",))


def test_any_copy_of_a_gold_table_counts_and_the_strict_count_stands_beside(tmp_path: Path) -> None:
    write(tmp_path)
    tables = read_tables(tmp_path / "tables.jsonl.gz")
    assert len(set(families(tables).values())) == 2
    build(tmp_path / "index", embedder=WordModel(), tables=tables)
    memory = Memory.open(tmp_path / "index", WordModel())
    seen = [info for info in tables if info.ref.namespace == "school"]
    score = measure(memory, Sight.whole(seen), tables, read_questions(tmp_path / "questions.jsonl"))
    memory.close()
    assert (score.complete_at_5, score.strict_at_20) == (100, 0)
