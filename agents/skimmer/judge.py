"""Stage two: a model looks at what the rules cannot clear. It is asked once for a table, and never believed to open."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from agents.model import Request
from agents.skimmer.judge_case import Case, case_of, to_ask
from agents.skimmer.judge_reply import JudgeReply, opinions
from agents.skimmer.judge_rules import combined
from agents.skimmer.judge_sheet import Chunk, sheet
from prompts.loader import load_prompt
from townlake.domain.errors import LimitExceeded, ModelError, ModelOverloaded, ModelUnavailable
from townlake.governance.scan_records import Judgement, Opinion, ScanFinding

if TYPE_CHECKING:
    from agents.budget import Meter
    from agents.model import Model
    from agents.usage import ModelCall
    from townlake.domain.table import TableInfo

MOST_COLUMNS: Final = 40
"""Columns that are asked about in one call."""
COMBINING: Final = 1
"""Raised with any change of what is asked, shown, or made of an answer; the prompts have versions of their own."""
_RESTS_SECONDS: Final = 300.0
_IN_A_ROW: Final = 2
"""After so many calls without reaching the model it is left alone for a while: each waits for minutes."""
_RESTS: Final = "It could not be reached twice in a row, and was left alone for five minutes."
_USELESS: Final = "Its answer left them out, or contradicted itself."


def judge_version() -> str:
    """The version of the whole stage: what is shown and combined, and the two prompts."""
    prompts = load_prompt("skimmer/judge"), load_prompt("skimmer/tables")
    return ".".join((f"judge-{COMBINING}", *(prompt.version for prompt in prompts)))


@dataclass
class Spending:
    """What judging took."""

    tables: int = 0
    """With a column that was asked about."""
    columns: int = 0
    """That were asked about."""
    calls: list[ModelCall] = field(default_factory=list)
    silent: Counter[str] = field(default_factory=Counter)
    """Columns without a usable answer, by why."""

    def __add__(self, other: Spending) -> Spending:
        """Both together."""
        tables, columns = self.tables + other.tables, self.columns + other.columns
        return Spending(tables, columns, [*self.calls, *other.calls], self.silent + other.silent)


@dataclass
class ModelJudge:
    """Asks a model, keeps to a budget, and fails closed."""

    model: Model
    open_meter: Callable[[], Meter]
    """Allows and counts the calls for one table: it has the budget of a question."""
    clock: Callable[[], float] = time.monotonic
    version: str = field(default_factory=judge_version)
    spending: Spending = field(default_factory=Spending)
    """Since it was last taken."""
    _faults: int = 0
    _rests_until: float = 0.0

    def __call__(
        self, table: TableInfo, findings: tuple[ScanFinding, ...], before: Iterable[ScanFinding] = ()
    ) -> tuple[ScanFinding, ...]:
        """The findings on a table of the lake, in their order.

        Args:
            table: the table.
            findings: what the rules found.
            before: what was found last time: where the model would be shown the same, it is not asked again.
        """
        return self.judge((case_of(table, findings),), before)[0]

    def judge(self, cases: Sequence[Case], before: Iterable[ScanFinding] = ()) -> tuple[tuple[ScanFinding, ...], ...]:
        """The findings on some tables. Small tables share a call; one of more than 40 open columns takes several."""
        meter = self.open_meter()
        kept = {f.field_id: f.judgement for f in before if f.judgement is not None}
        judged: dict[tuple[int, int], ScanFinding] = {}
        try:
            for chunks in calls(cases):
                for chunk, answers in zip(chunks, self._asked(chunks, kept, meter), strict=True):
                    judged |= {(chunk.place, f.field_id): each for f, each in zip(chunk.asked, answers, strict=True)}
        finally:
            self.spending.calls += meter.calls
        return tuple(
            tuple(judged.get((place, finding.field_id), finding) for finding in case.findings)
            for place, case in enumerate(cases)
        )

    def taken(self) -> Spending:
        """What was spent since this was last called."""
        spent, self.spending = self.spending, Spending()
        return spent

    def _asked(
        self, chunks: Sequence[Chunk], kept: Mapping[int, Judgement], meter: Meter
    ) -> Iterator[tuple[ScanFinding, ...]]:
        request = request_for(chunks)
        shown = _digest(request)
        said = _said_before(chunks, kept, shown, self)
        fault = ""
        if said is None:
            said, fault = self._ask(request, chunks, meter)
        for chunk, of_chunk in zip(chunks, said, strict=True):
            yield tuple(
                self._with(finding, opinion, shown, fault)
                for finding, opinion in zip(chunk.asked, of_chunk, strict=True)
            )

    def _ask(
        self, request: Request, chunks: Sequence[Chunk], meter: Meter
    ) -> tuple[Sequence[Sequence[Opinion | None]], str]:
        nothing = tuple((None,) * len(chunk.asked) for chunk in chunks)
        said: Sequence[Sequence[Opinion | None]] = nothing
        fault, why = "", _USELESS
        # Counted first: whoever is told a sheet was told it, answer or not.
        self.spending.tables += sum(chunk.asked[0] is to_ask(chunk.case)[0] for chunk in chunks)
        self.spending.columns += sum(len(chunk.asked) for chunk in chunks)
        if self.clock() < self._rests_until:
            fault, why = ModelUnavailable.__name__, _RESTS
        else:
            try:
                said = opinions(self.model.write(request, JudgeReply, meter, tries=1), chunks)
                self._faults = 0
            except (ModelError, LimitExceeded) as error:
                fault, why = type(error).__name__, str(error)
                self._note(error)
        if missing := sum(opinion is None for of_chunk in said for opinion in of_chunk):
            self.spending.silent[why] += missing
        return said, fault

    def _note(self, error: Exception) -> None:
        unreachable = isinstance(error, ModelUnavailable | ModelOverloaded)
        self._faults = self._faults + 1 if unreachable else 0
        if self._faults >= _IN_A_ROW:
            self._faults, self._rests_until = 0, self.clock() + _RESTS_SECONDS

    def _with(self, finding: ScanFinding, said: Opinion | None, shown: str, fault: str) -> ScanFinding:
        known = finding.classification.model_copy(update={"recommendation": finding.recommendation})
        judgement = Judgement(
            version=self.version,
            model=self.model.name,
            shown=shown,
            said=said,
            fault=fault,
            rules_said=known,
            rules_said_personal=finding.is_personal,
        )
        return combined(finding, said).model_copy(update={"judgement": judgement})


def calls(cases: Iterable[Case]) -> Iterator[tuple[Chunk, ...]]:
    """What is asked together: at most 40 columns, of one table after the other."""
    pending: list[Chunk] = []
    for place, case in enumerate(cases):
        asked = to_ask(case)
        for start in range(0, len(asked), MOST_COLUMNS):
            chunk = Chunk(case, asked[start : start + MOST_COLUMNS], place)
            if pending and sum(len(each.asked) for each in (*pending, chunk)) > MOST_COLUMNS:
                yield tuple(pending)
                pending = []
            pending.append(chunk)
    if pending:
        yield tuple(pending)


def request_for(chunks: Sequence[Chunk]) -> Request:
    """What a model is asked about some columns."""
    tables = load_prompt("skimmer/tables")
    return Request(
        step="judge",
        rules=load_prompt("skimmer/judge"),
        content=tables.fill(tables=sheet(chunks)),
        made_from=(tables,),
    )


def _digest(request: Request) -> str:
    told = [request.rules.text, request.content, JudgeReply.model_json_schema()]
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]


def _said_before(
    chunks: Sequence[Chunk], kept: Mapping[int, Judgement], shown: str, judge: ModelJudge
) -> Sequence[Sequence[Opinion | None]] | None:
    """The answers that were given when the same model was shown just the same; None where it must be asked."""
    found = [[kept.get(finding.field_id) for finding in chunk.asked] for chunk in chunks]
    for of_chunk in found:
        for one in of_chunk:
            if one is None or (one.shown, one.model, one.version) != (shown, judge.model.name, judge.version):
                return None
            if one.fault:
                return None
    return [[one.said if one else None for one in of_chunk] for of_chunk in found]
