"""Reading `pages/*.md` and `glossary.yaml`."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from townlake.catalog.knowledge.faults import Report
from townlake.catalog.knowledge.fields import read_mapping, read_value, read_yaml
from townlake.catalog.knowledge.model import Page, Term

_HEAD: Final = re.compile(r"\A---[ \t]*\n(?P<head>.*?)\n?---[ \t]*\n(?P<text>.*)\Z", re.DOTALL)


def read_page(text: str, name: str, report: Report) -> Page | None:
    """The page of one file; None, and its faults in the report, when anything is wrong with it."""
    parts = _HEAD.match(text.replace("\r\n", "\n"))
    if parts is None:
        report.add("", "has no head.", "Begin with a line `---`, then YAML, then a line `---`, then the text.")
        return None
    head = read_mapping(parts["head"], report, "head")
    if not report.clean:
        return None
    return read_value(Page, {"name": name, **head, "text": parts["text"].strip()}, report)


def read_glossary(text: str, report: Report) -> tuple[Term, ...]:
    """The terms of the glossary, without those that have a fault."""
    raw = read_yaml(text, report)
    if raw is None:
        return ()
    if not isinstance(raw, list):
        report.add("", "must be a list of terms.", "Write `- term: ...` and `meaning: ...` below it.")
        return ()
    terms = [read_value(Term, item, report, f"[{i}]") for i, item in enumerate(raw)]
    for term, count in Counter(term.term.casefold() for term in terms if term).items():
        if count > 1:
            report.add("", f"`{term}` is explained {count} times.", "Put it all in one entry.")
    return tuple(term for term in terms if term)
