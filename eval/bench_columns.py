"""How long retrieval takes over 100,000 columns, for callers who see 1 %, 30 % and all of them.

    python -m eval.bench_columns [COLUMNS]

The lake is made up: 20 columns a table, names and comments from words whose frequency falls as in a language. Vectors
of its texts are the means of their words' vectors, since the model would need minutes for so many; questions go
through the model. Everything that is timed is the product's: `Memory.search` with its embedding.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from memory.embedder import Embedder
from memory.export import export_embedder
from memory.indexer import build
from memory.search import Memory
from memory.sight import Sight
from memory.words import split
from townlake.domain.names import DEFAULT_CATALOG, TableRef
from townlake.domain.table import ColumnInfo, TableInfo
from townlake.domain.value import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SHARES: Final = (0.01, 0.3, 1.0)
TARGET_MS: Final = 30.0
_A_TABLE: Final = 20
_QUESTIONS: Final = 200
_WORDS: Final = 3000
_SHARED: Final = ("tenant_id", "account_id", "batch_id")


class Latency(Value):
    """Milliseconds of a search, question in, tables out."""

    columns: int
    median_ms: float
    p95_ms: float
    cpu_p95_ms: float
    """What of it was work of this process: the figure to compare when the machine has other work to do."""


class MeanOfWords(Embedder):
    """Embeds a text as the mean of its words' vectors, each word once through the model."""

    def __init__(self, model: Embedder) -> None:
        super().__init__(model._session, model._tokenizer, model.digest)
        self._of_word: dict[str, NDArray[np.float32]] = {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length one for each text."""
        import numpy as np

        words = [split(text) for text in texts]
        new = sorted({word for said in words for word in said} - set(self._of_word))
        if new:
            self._of_word.update(zip(new, super().embed(new), strict=True))
        means = np.stack([np.mean([self._of_word[word] for word in said], axis=0) for said in words])
        vectors: NDArray[np.float32] = (means / np.linalg.norm(means, axis=1, keepdims=True)).astype(np.float32)
        return vectors


class Vocabulary:
    """Words of the model, the first ones drawn much more often than the last."""

    def __init__(self, words: Iterable[str], chance: random.Random) -> None:
        known = sorted(word for word in words if word.isascii() and 3 < len(word) < 11)
        self._words = chance.sample(known, _WORDS)
        self._weights = [1 / (place + 10) for place in range(_WORDS)]
        self._chance = chance

    def draw(self, least: int, most: int) -> list[str]:
        """Some words."""
        return self._chance.choices(self._words, self._weights, k=self._chance.randint(least, most))


def make_tables(words: Vocabulary, columns: int) -> list[TableInfo]:
    """A made-up lake of that many columns."""
    return [_table(words, number) for number in range(columns // _A_TABLE)]


def some_columns(tables: Sequence[TableInfo], share: float, chance: random.Random) -> Sight:
    """The sight of a caller who sees that share of the columns, spread over all tables."""
    seen: dict[TableRef, frozenset[str]] = {}
    whole = Sight.whole(tables)
    for info in tables:
        names = [column.name for column in info.columns if chance.random() < share]
        if names:
            seen[info.ref] = frozenset(names)
    return whole.model_copy(update={"columns": seen, "open_columns": seen, "clear_columns": seen})


def time_searches(memory: Memory, sight: Sight, questions: Sequence[str]) -> Latency:
    """Time each search; one question is asked before, as in a process that is warm."""
    memory.search("what is there", sight)
    wall, cpu = [], []
    for question in questions:
        began = time.perf_counter(), time.process_time()
        memory.search(question, sight)
        wall.append(1000 * (time.perf_counter() - began[0]))
        cpu.append(1000 * (time.process_time() - began[1]))
    place = int(0.95 * len(questions))
    return Latency(
        columns=sum(len(names) for names in sight.columns.values()),
        median_ms=statistics.median(wall),
        p95_ms=sorted(wall)[place],
        cpu_p95_ms=sorted(cpu)[place],
    )


def share_keys(tables: Sequence[TableInfo]) -> list[TableInfo]:
    """The same tables in one schema, each beginning with the same three keys."""
    keys = [ColumnInfo(name=name, type="varchar", field_id=100 + at) for at, name in enumerate(_SHARED)]
    return [
        info.model_copy(
            update={
                "ref": info.ref.model_copy(update={"namespace": "schema"}),
                "columns": (*keys, *(c for c in info.columns[len(keys) :] if c.name not in _SHARED)),
            }
        )
        for info in tables
    ]


def run(
    work: Path, columns: int = 100_000, *, threads: int = 2, one_schema: bool = False
) -> Iterable[tuple[float, Latency]]:
    """Build the index below `work`, then time each kind of caller.

    Args:
        work: an empty folder.
        columns: how many, about.
        threads: of the model.
        one_schema: all tables lie in one schema and share three key names, the worst case for following joins.
    """
    chance = random.Random(20261125)  # noqa: S311 - the same lake every time
    export_embedder(work / "models")
    embedder = Embedder.open(work / "models", threads=threads)
    words = Vocabulary(embedder.vocabulary(), chance)
    tables = make_tables(words, columns)
    if one_schema:
        tables = share_keys(tables)
    build(work / "columns", embedder=MeanOfWords(embedder), tables=tables)
    memory = Memory.open(work / "columns", embedder)
    for share in SHARES:
        sight = Sight.whole(tables) if share == 1 else some_columns(tables, share, chance)
        questions = [
            f"what is the {' '.join(words.draw(2, 4))} of each {' '.join(words.draw(3, 6))}" for _ in range(_QUESTIONS)
        ]
        yield share, time_searches(memory, sight, questions)
    memory.close()


def _table(words: Vocabulary, number: int) -> TableInfo:
    columns: dict[str, Any] = {}
    while len(columns) < _A_TABLE:
        columns.setdefault("_".join(words.draw(1, 3)), " ".join(words.draw(3, 8)))
    return TableInfo(
        ref=TableRef(
            catalog=DEFAULT_CATALOG, namespace=f"schema_{number % 50}", name=f"{'_'.join(words.draw(1, 2))}_{number}"
        ),
        uuid=str(number),
        columns=tuple(
            ColumnInfo(name=name, type="varchar", field_id=place, comment=comment)
            for place, (name, comment) in enumerate(columns.items(), start=1)
        ),
        metadata_location="",
        comment=" ".join(words.draw(5, 12)),
    )


def main(arguments: Sequence[str]) -> int:
    """Print the figures; the exit code is 1 when a target was missed."""
    slow = False
    for one_schema in (False, True):
        with tempfile.TemporaryDirectory(prefix="skipper-bench-") as folder:
            columns = int(arguments[0]) if arguments else 100_000
            for share, latency in run(Path(folder), columns, one_schema=one_schema):
                slow |= latency.p95_ms > TARGET_MS
                sys.stdout.write(
                    f"retrieval{', one schema with shared keys' if one_schema else ''}, "
                    f"caller sees {share:.0%} ({latency.columns:,} columns): "
                    f"median {latency.median_ms:.1f} ms, p95 {latency.p95_ms:.1f} ms, "
                    f"CPU p95 {latency.cpu_p95_ms:.1f} ms (target p95 {TARGET_MS:.0f} ms)\n"
                )
                sys.stdout.flush()
    return int(slow)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
