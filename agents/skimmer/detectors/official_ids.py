"""Numbers that states give people, by their check digits (python-stdnum)."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from agents.skimmer.evidence import Evidence
from agents.skimmer.sketch import Sketch


@dataclass(frozen=True, slots=True)
class _Scheme:
    module: str
    """Under `stdnum`."""
    chance: float
    """Share of random numbers of that form that pass."""


_BY_DIGITS: Final = {
    9: (("nl.bsn", 0.09), ("ca.sin", 0.1), ("au.tfn", 0.09), ("il.idnr", 0.1), ("pt.nif", 0.09), ("cz.rc", 0.2)),
    10: (
        ("se.personnummer", 0.01),
        ("dk.cpr", 0.02),
        ("bg.egn", 0.01),
        ("cz.rc", 0.01),
        ("gb.nhs", 0.09),
        ("at.vnr", 0.05),
        ("is_.kennitala", 0.01),
        ("ua.rntrc", 0.09),
        ("do.cedula", 0.1),
    ),
    11: (
        ("pl.pesel", 0.01),
        ("be.nn", 0.01),
        ("de.idnr", 0.01),
        ("tr.tckimlik", 0.01),
        ("no.fodselsnummer", 0.01),
        ("ee.ik", 0.01),
        ("br.cpf", 0.01),
        ("gr.amka", 0.01),
        ("hr.oib", 0.1),
        ("ar.cuit", 0.05),
    ),
    12: (("in_.aadhaar", 0.09), ("ru.inn", 0.01), ("my.nric", 0.02), ("se.personnummer", 0.01)),
    13: (("ro.cnp", 0.01), ("si.emso", 0.01), ("za.idnr", 0.01), ("ch.ssn", 0.0001), ("kr.rrn", 0.01), ("th.pin", 0.1)),
    15: (("fr.nir", 0.01),),
    18: (("cn.ric", 0.001),),
}
_BY_SHAPE: Final = (
    (re.compile(r"99999999A"), (("es.dni", 0.04),)),
    (re.compile(r"A9999999A"), (("es.nie", 0.01),)),
    (re.compile(r"AAAAAA99A99A999A"), (("it.codicefiscale", 0.01),)),
    (re.compile(r"AAAA999999[A9]{8}"), (("mx.curp", 0.001),)),
    (re.compile(r"AAAAA9999A"), (("in_.pan", 0.2),)),
    (re.compile(r"9999999A{1,2}"), (("ie.pps", 0.04),)),
    (re.compile(r"9{7,8}A"), (("cl.rut", 0.1), ("ie.pps", 0.04))),
    (re.compile(r"9{17}A"), (("cn.ric", 0.001),)),
    (re.compile(r"999999A999[A9]"), (("fi.hetu", 0.001),)),
)
_WRITTEN: Final = (
    # Forms that are written so and nearly nothing else is.
    (re.compile(r"999999[-+A]999[A9]"), ("fi.hetu", 0.001)),
    (re.compile(r"(?:9{1,2}\.999\.999|9{7,8})-[9Aa]"), ("cl.rut", 0.1)),
)
_OWN_RULE: Final = frozenset({"cl.rut", "in_.pan", "de.idnr", "hr.oib", "th.pin", "do.cedula"})
"""Schemes whose check digit few other numbers have."""
_GB_NINO: Final = re.compile(r"[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?\d{2} ?\d{2} ?\d{2} ?[A-D]")
_US_SSN: Final = re.compile(r"(?!000|666)\d{3}-(?!00)\d{2}-(?!0000)\d{4}")
_SEPARATORS: Final = str.maketrans("", "", " .-/")
_CHECKED: Final = 16
_NEEDED: Final = 0.8


def official_ids(sketch: Sketch) -> Iterator[Evidence]:
    """Evidence of person numbers whose check digits hold on most distinct values."""
    if sketch.n_distinct < 3 or sketch.kind not in {"text", "integer"} or not 7 <= sketch.mean_length <= 22:
        return
    if sketch.share(_GB_NINO.fullmatch) > 0.8:
        yield Evidence("national_id", "values.proof", "the form of a British national insurance number")
        return
    if sketch.share(_US_SSN.fullmatch) > 0.9:
        yield Evidence("national_id", "values.hint", "the form of a US social security number")
        return
    found = _best(sketch)
    if found is None:
        return
    scheme, share = found
    tried = min(len(sketch.judged), _CHECKED)
    sure = scheme.chance**tried
    weight = "values.check"
    if scheme.chance <= 0.05 and sure < 1e-8:
        weight = "values.proof"
    elif scheme.chance <= 0.02 or (scheme.module in _OWN_RULE and sure < 1e-6):
        weight = "values.strong"
    yield Evidence(
        "national_id", weight, f"check digits of {scheme.module} hold: {round(share * 100)} % of those tried"
    )


def _best(sketch: Sketch) -> tuple[_Scheme, float] | None:
    tried = sketch.judged[:_CHECKED]
    best: tuple[_Scheme, float] | None = None
    for module, chance in _candidates(sketch):
        share = _passing(tried, module)
        if share >= _NEEDED and (best is None or chance < best[0].chance):
            best = _Scheme(module, chance), share
    return best


def _candidates(sketch: Sketch) -> tuple[tuple[str, float], ...]:
    shapes = sketch.shapes[:_CHECKED]
    for pattern, scheme in _WRITTEN:
        if all(map(pattern.fullmatch, shapes)):
            return (scheme,)
    bare = [shape.translate(_SEPARATORS).upper() for shape in shapes]
    # Leading zeros are lost where numbers are stored as integers, so the longest tells the form.
    common = max(set(bare), key=lambda shape: (bare.count(shape), len(shape), shape))
    if bare.count(common) < 0.6 * len(bare):
        return ()
    if set(common) == {"9"}:
        return _BY_DIGITS.get(len(common), ())
    return next((schemes for pattern, schemes in _BY_SHAPE if pattern.fullmatch(common)), ())


def _passing(values: tuple[str, ...], module: str) -> float:
    is_valid = _validator(module)
    allowed = int(len(values) * (1 - _NEEDED))
    failed = 0
    for value in values:
        if not is_valid(value):
            failed += 1
            if failed > allowed:
                return 0.0
    return 1 - failed / len(values)


@lru_cache(maxsize=64)
def _validator(module: str) -> Callable[[str], bool]:
    checker: Any = importlib.import_module(f"stdnum.{module}")

    def is_valid(value: str) -> bool:
        try:
            return bool(checker.is_valid(value))
        except (ValueError, IndexError, KeyError, TypeError, OverflowError):
            return False

    return is_valid
