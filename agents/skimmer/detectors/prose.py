"""Running text, log lines, JSON and links of which a few hold personal data: here a few hits are many."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from agents.skimmer import formats
from agents.skimmer.detectors.contacts import is_address
from agents.skimmer.evidence import Evidence
from agents.skimmer.folding import fold
from agents.skimmer.lexicon import name_words
from agents.skimmer.naming import read
from agents.skimmer.sketch import Sketch

_KEY: Final = re.compile(r"[\"'<&?{,\s]([A-Za-z_][\w\-]{1,30})[\"']?\s{0,2}[:=>]\s{0,2}[\"']?[^\s\"'<>{}\[\],&]")
_PHONE_WITHIN: Final = re.compile(
    r"(?<![\w.\-/=#])(?:\+|"
    r"00)?\(?\d{2,4}\)?[ .\-/]?\d{2,4}[ .\-/]\d{2,4}(?:[ .\-/]?\d{2,4}){0,3}(?:x\d{1,5})?(?![\w\-/])|"
    r"(?<![\w.\-/=])(?:\+\d{9,14}|0\d{8,11})(?![\w.\-])"
)
_CARD_WITHIN: Final = re.compile(r"(?<!\d)\d{4}[ \-]?\d{4}[ \-]?\d{4}[ \-]?\d{3,4}(?!\d)")
_SSN_WITHIN: Final = re.compile(r"(?<![\d\-])\d{3}-\d{2}-\d{4}(?![\d\-])")
_IBAN_WITHIN: Final = re.compile(r"(?<!\w)[A-Z]{2}\d{2}[A-Z0-9]{11,30}(?!\w)")
_TITLED: Final = re.compile(
    r"(?:^|\W)(?:Mr|Mrs|Ms|Miss|Dr|Prof|Herr|Frau|Hr|Fr|Mme|M\.|Mlle|Sr|Sra|Sig|Dhr|Mevr|Pan|Pani|Señor|"
    r"Señora|Signora?|Monsieur|Madame)\.? [A-ZÀ-ŽА-Я][\w'’\-]{1,30}"
)
_PAIR: Final = re.compile(
    r"(?=(?<![\w@])([A-ZÀ-ŽΑ-ΩА-Я][a-zà-žα-ωάέήίόύώа-яё'’\-]{1,20}),? "
    r"(?:[A-Z]\. ?)?([A-ZÀ-ŽΑ-ΩА-Я][\w'’\-]{1,25})(?![\w@]))"
)
_STREET_WITHIN: Final = re.compile(
    r"(?<![\w.])\d{1,6} (?:[A-Z][\w'’.\-]{1,20} ){1,3}"
    r"(?:St|Street|Rd|Road|Ave|Avenue|Lane|Ln|Drive|Court|Way|Place|Apt|Suite|Blvd|Close|Square)\b"
)
_COORDINATES_WITHIN: Final = re.compile(r"(?<![\w.])-?\d{1,3}\.\d{4,8}[,; ]{1,2}-?\d{1,3}\.\d{4,8}(?![\w.])")
_MRZ: Final = re.compile(r"[PIACV][A-Z<][A-Z<]{3}[A-Z<]{8,40}.{0,60}", re.DOTALL)
_SELF: Final = re.compile(
    r"(?i)(?:\bi'?m |\bi am |my name is |this is |ich bin |mein name|je m'appelle |me llamo |mi chiamo |"
    r"signed-off-by: |co-authored-by: |regards,? |best,? |cheers,? |thanks,? |attn:? |contact:? |call |"
    r"ask for |spoke (?:to|with) |neighbou?r )([A-ZÀ-Ž][\w'’\-]{1,20})"
)
_STRUCTURED: Final = re.compile(r"\s*[\[{<]|BEGIN:V|[\w.%\-]{1,40}=[^&\s]{0,80}&")
_PERSONAL_KEYS: Final = frozenset(
    "person_name email phone street_address date_of_birth national_id passport_number driver_license "
    "payment_card bank_account "
    "credential username gender ip_address device_id health".split()
)


def prose(sketch: Sketch) -> Iterator[Evidence]:
    """Evidence that some of the texts hold personal data, and that all are text."""
    if sketch.kind != "text" or sketch.is_empty:
        return
    if not is_prose(sketch):
        yield Evidence("free_text_pii", "text.clean", "no running text", 0.8)
        return
    if sketch.mean_length < 110 and sketch.share(is_address) > 0.5:
        return
    hits: dict[str, int] = {}
    touched = 0
    for value in sketch.judged:
        found = set(within(value))
        touched += bool(found)
        for name in found:
            hits[name] = hits.get(name, 0) + 1
    yield Evidence("none.text", "text.plain", "running text or structured text")
    if not touched:
        yield Evidence("free_text_pii", "text.clean", "nothing personal in the texts")
        return
    share = touched / len(sketch.judged)
    if set(hits) == {"names"}:
        weight = "text.names" if share >= 0.1 else "text.few_names"
        yield Evidence("free_text_pii", weight, f"words as names of people in {round(share * 100)} % of texts")
        return
    seen = ", ".join(sorted(hits))
    weight = "text.personal" if share >= 0.04 or touched >= 2 else "text.little"
    yield Evidence("free_text_pii", weight, f"{seen} in {round(share * 100)} % of texts", 0.8 + share / 2)


def is_prose(sketch: Sketch) -> bool:
    """True for columns of texts rather than of single values."""
    if not sketch.judged:
        return False
    long = sketch.share(
        lambda value: len(value) > 24 and (" " in value or not value.isascii()) and not value.replace(" ", "").isdigit()
    )
    structured = sketch.share(_STRUCTURED.match)
    linked = sketch.share(lambda value: "://" in value or ("?" in value and "=" in value))
    wordy = sketch.share(_is_sentence)
    return long > 0.25 or structured > 0.3 or linked > 0.3 or wordy > 0.3


def _is_sentence(value: str) -> bool:
    """True for three words and more of which one is no name: it begins small."""
    words = [word.strip(".,;:!?()") for word in value.split()]
    return sum(map(str.isalpha, words)) > 2 and any(word[:1].islower() and len(word) > 1 for word in words[1:])


def within(value: str) -> Iterator[str]:
    """Kinds of personal data in one text.

    >>> sorted(within("Call Maria Lopez on +44 20 7946 0958 or mail m.lopez@mail.example"))
    ['e-mail addresses', 'names', 'telephone numbers']
    """
    if ("@" in value and formats.EMAIL_WITHIN.search(value)) or ("%40" in value and formats.EMAIL_WITHIN.search(value)):
        yield "e-mail addresses"
    if any(map(str.isdigit, value)):
        yield from _numbers(value)
    if _TITLED.search(value) or _has_full_name(value):
        yield "names"
    if _MRZ.fullmatch(value):
        yield "travel documents"
    if _STRUCTURED.match(value) or any(mark in value for mark in ('":', "=", "</")):
        yield from _keys(value)


def _numbers(value: str) -> Iterator[str]:
    if any(sum(map(str.isdigit, m.group())) >= 9 for m in _PHONE_WITHIN.finditer(value)) and "Mozilla" not in value:
        yield "telephone numbers"
    if any(
        formats.passes_luhn(formats.digits_of(m.group())) and m.group()[0] in "3456"
        for m in _CARD_WITHIN.finditer(value)
    ):
        yield "card numbers"
    if _SSN_WITHIN.search(value):
        yield "person numbers"
    if any(formats.passes_mod97(m.group()) for m in _IBAN_WITHIN.finditer(value)):
        yield "bank accounts"
    if _STREET_WITHIN.search(value):
        yield "street addresses"
    if _COORDINATES_WITHIN.search(value):
        yield "coordinates"


def _has_full_name(value: str) -> bool:
    given = name_words().given
    for match in _PAIR.finditer(value):
        if fold(match.group(1)) in given or fold(match.group(2)) in given:
            return True
    said = _SELF.search(value)
    return said is not None and fold(said.group(1)) in given


def _keys(value: str) -> Iterator[str]:
    for match in list(_KEY.finditer(" " + value))[:24]:
        labels = read(match.group(1)).labels
        if any(label in _PERSONAL_KEYS and strength == "strong" for label, strength in labels):
            yield "fields of people"
            return
