"""How many bytes of a question reach the model, and whether that grows with the catalog.

    python -m eval.bench_prompt

The lake is made up: schemas of 11 tables with keys, comments, stored values and a page of notes each, from words whose
frequency falls as in a language. The same questions about the first schema are asked with that schema alone, then with
10 and 100 times as many tables around it. Everything between question and model is the product's; in the model's place
stands one that measures what it is sent. Measured is the first question of a conversation: the rules (the same for
every question), the question with its tables, and the form of the answer.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from agents.ask.asker import Asker, Collaborators
from agents.budget import Budget, Meter, Uncounted
from agents.model import Model, Request
from agents.prices import PriceList
from eval.bench_columns import MeanOfWords, Vocabulary
from eval.open_lake import OpenLake
from memory.embedder import Embedder
from memory.export import export_embedder
from memory.indexer import build
from memory.search import Memory
from memory.sight import Sight
from memory.value_index import ValueIndex, build_values
from townlake.catalog.knowledge.model import Knowledge, Page
from townlake.domain.names import DEFAULT_CATALOG, ColumnRef, TableRef
from townlake.domain.principal import Principal
from townlake.domain.table import ColumnInfo, ForeignKey, TableInfo
from townlake.domain.value import Value
from townlake.governance.table_view import TableView
from townlake.state.store import open_state

if TYPE_CHECKING:
    from agents.model import R

TARGET_BYTES: Final = 12_000
SIZES: Final = (1, 10, 100)
_TABLES: Final = 11
_COLUMNS: Final = (5, 15)
_QUESTIONS: Final = 60
_TYPES: Final = ("varchar", "varchar", "bigint", "decimal(12,2)", "date", "timestamp(6)")
_ANYBODY: Final = Principal(subject="bench")


class Sent(Value):
    """What one request held, in bytes."""

    rules: int
    question: int
    form: int

    @property
    def all(self) -> int:
        """The whole request."""
        return self.rules + self.question + self.form


class Scale(Model):
    """Weighs what it is asked, and answers that nothing can be said."""

    def __init__(self) -> None:
        super().__init__("scale", _no_chat, PriceList.flat("scale", 0, 0))
        self.sent: list[Sent] = []

    def write(self, request: Request, form: type[R], meter: Meter, *, tries: int = 1) -> R:
        """The measured answer."""
        rules, question = (len(str(message.text).encode()) for message in self.messages(request))
        self.sent.append(Sent(rules=rules, question=question, form=len(json.dumps(form.model_json_schema()))))
        said = {"reading": "", "status": "unanswerable", "sql": "", "assumptions": (), "question": "", "options": ()}
        return form.model_validate(said)


class MadeUpLake:
    """As much of a lake as a question needs before anything runs; everybody sees all of it."""

    def __init__(self, tables: Sequence[TableInfo]) -> None:
        access = OpenLake(()).access
        self._views = tuple(TableView(info=info, access=access(_ANYBODY, info)) for info in tables)

    def version(self) -> str:
        """Nothing ever changes."""
        return "made up"

    def tables(self, principal: Principal) -> Sequence[TableView]:
        """All tables."""
        return self._views


def make_schema(words: Vocabulary, chance: random.Random, number: int) -> list[TableInfo]:
    """A schema of tables of which each but the first points to one before it."""
    made: list[TableInfo] = []
    for place in range(_TABLES):
        target = chance.choice(made) if made else None
        keys = {f"{target.ref.name}_id": target} if target else {}
        names = dict.fromkeys(["id", *keys])
        while len(names) < chance.randint(*_COLUMNS):
            names["_".join(words.draw(1, 2))] = None
        name = f"{'_'.join(words.draw(1, 2))}_{number}_{place}"
        made.append(
            TableInfo(
                ref=TableRef(catalog=DEFAULT_CATALOG, namespace=f"schema_{number}", name=name),
                uuid=f"{number}-{place}",
                columns=tuple(
                    ColumnInfo(
                        name=name,
                        type="bigint" if name == "id" or name in keys else chance.choice(_TYPES),
                        field_id=field,
                        comment=" ".join(words.draw(4, 10)),
                    )
                    for field, name in enumerate(names, 1)
                ),
                metadata_location="",
                comment=" ".join(words.draw(6, 14)),
                primary_key=("id",),
                row_count=1000,
                foreign_keys=tuple(
                    ForeignKey(columns=(key,), ref_table=target.ref, ref_columns=("id",))
                    for key, target in keys.items()
                ),
            )
        )
    return made


def make_questions(tables: Sequence[TableInfo], values: Callable[[ColumnRef], Sequence[str]], seed: int) -> list[str]:
    """Questions in the words of some tables, a stored value in each."""
    chance = random.Random(seed)  # noqa: S311 - the same questions every time
    asked = []
    for _ in range(_QUESTIONS):
        info, other = chance.sample(list(tables), 2)
        column = chance.choice(info.columns)
        value = chance.choice(values(ColumnRef(table=info.ref, column=column.name)))
        told = chance.choice(other.columns).name.replace("_", " ")
        asked.append(f"What is the {told} of each {info.ref.name.replace('_', ' ')} with {column.name} {value}?")
    return asked


def weigh(work: Path, embedder: Embedder, schemas: int) -> list[Sent]:
    """Ask all questions of a lake of that many schemas."""
    chance = random.Random(20261125)  # noqa: S311 - the same lake every time
    words = Vocabulary(embedder.vocabulary(), chance)
    tables = [info for number in range(schemas) for info in make_schema(words, chance, number)]
    of_column: dict[ColumnRef, list[str]] = {}

    def values_of(column: ColumnRef) -> Sequence[str]:
        return of_column.setdefault(column, sorted({" ".join(words.draw(1, 2)) for _ in range(chance.randint(2, 40))}))

    asked = make_questions(tables[:_TABLES], values_of, seed=1)
    knowledge = Knowledge(pages=tuple(_page(words, info) for info in tables[::_TABLES]))
    sight = Sight.whole(tables)
    build(work / "index", embedder=MeanOfWords(embedder), tables=tables, knowledge=knowledge)
    build_values(work / "values", tables=tables, sight=sight, fetch=values_of)
    memory, values, state = (
        Memory.open(work / "index", embedder),
        ValueIndex.open(work / "values"),
        open_state(f"sqlite:///{work / 'state.db'}"),
    )
    scale = Scale()
    asker = Asker(
        Collaborators(
            lake=MadeUpLake(tables),  # type: ignore[arg-type]  # nothing is checked, nothing runs
            knowledge=knowledge,
            values=values,
            memory=lambda: memory,
            state=state,
            checkpoints=work / "checkpoints.db",
            clock=lambda: datetime.now(UTC),
            day_of=lambda principal: Uncounted(),
            today=lambda: date(2026, 11, 25),
            model=scale,
            budget=Budget(),
        )
    )
    for question in asked:
        asker.ask(question, _ANYBODY)
    memory.close()
    values.close()
    state.dispose()
    return scale.sent


def run(work: Path, sizes: Iterable[int] = SIZES) -> Iterable[tuple[int, list[Sent]]]:
    """The requests of each size of the catalog."""
    export_embedder(work / "models")
    embedder = Embedder.open(work / "models", threads=2)
    for size in sizes:
        folder = work / str(size)
        folder.mkdir()
        yield size, weigh(folder, embedder, size)


def _page(words: Vocabulary, info: TableInfo) -> Page:
    text = " ".join(words.draw(80, 120))
    return Page(name=info.ref.name, title=f"About {info.ref.name}", tables=(info.ref,), owner="bench", text=text)


def _no_chat() -> Any:
    raise NotImplementedError("nothing is asked of a real model here")


def main() -> int:
    """Print the figures; the exit code is 1 when a request was too large."""
    too_large = False
    with tempfile.TemporaryDirectory(prefix="skipper-bench-") as folder:
        for size, sent in run(Path(folder)):
            whole = [each.all for each in sent]
            too_large |= max(whole) > TARGET_BYTES
            sys.stdout.write(
                f"prompt, {size * _TABLES:,} tables in schemas of {_TABLES}, {len(sent)} questions: "
                f"median {statistics.median(whole):,.0f} bytes, max {max(whole):,} "
                f"(rules {sent[0].rules:,}, form {sent[0].form:,}; target at most {TARGET_BYTES:,}, not growing)\n"
            )
            sys.stdout.flush()
    return int(too_large)


if __name__ == "__main__":
    sys.exit(main())
