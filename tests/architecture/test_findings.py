"""Every code of a finding is explained, and every explanation is of a code that is in use."""

import re
from collections import Counter

from tests.support.shared import ROOT

FINDINGS = ROOT / "docs" / "findings"
CODE = re.compile(r"\b[A-Z]{3}\d{3}\b")
HEADING = re.compile(r"^## ([A-Z]{3}\d{3}) \S", re.MULTILINE)
FOLDERS = ("agents", "app", "eval", "ingestion", "memory", "prompts", "tools", "townlake")


def _headings() -> Counter[str]:
    texts = {path.stem: path.read_text(encoding="utf-8") for path in FINDINGS.glob("*.md")}
    return Counter(code for text in texts.values() for code in HEADING.findall(text))


def _used() -> set[str]:
    prefixes = {path.stem.upper() for path in FINDINGS.glob("*.md")}
    sources = (path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))
    found = {code for path in sources for code in CODE.findall(path.read_text(encoding="utf-8"))}
    return {code for code in found if code[:3] in prefixes}


def test_every_code_has_one_heading() -> None:
    headings = _headings()
    assert sorted(_used() - headings.keys()) == []
    assert [code for code, number in headings.items() if number > 1] == []


def test_every_heading_has_a_use() -> None:
    assert sorted(_headings().keys() - _used()) == []


def test_a_heading_stands_in_the_file_of_its_prefix() -> None:
    for path in FINDINGS.glob("*.md"):
        codes = HEADING.findall(path.read_text(encoding="utf-8"))
        assert {code[:3].lower() for code in codes} <= {path.stem}, path.name
        assert codes == sorted(codes), path.name
