"""Reads the knowledge directory.

Loading 30 files takes a few tens of milliseconds with the C loader of YAML, so nothing is cached.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from townlake.catalog.knowledge.faults import Fault, Report
from townlake.catalog.knowledge.metric_file import read_metric
from townlake.catalog.knowledge.model import Knowledge, Metric, Page, Term, VerifiedQuery
from townlake.catalog.knowledge.prose_files import read_glossary, read_page
from townlake.catalog.knowledge.query_file import read_query
from townlake.domain.errors import BadInput

T = TypeVar("T", Metric, VerifiedQuery, Page)

_GLOSSARY = "glossary.yaml"


def load_knowledge(path: Path) -> Knowledge:
    """All that is written below `path`; nothing, when there is no such directory.

    Raises:
        BadInput: files are wrong. The message has a line for each fault: file, field, what is wrong, what to write.
    """
    knowledge, faults = read_knowledge(path)
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise BadInput(
            "\n".join([f"The knowledge files have {count}:", *(f"  {fault}" for fault in faults)]),
            hint="The formats are described in docs/knowledge.md.",
        )
    return knowledge


def read_knowledge(path: Path) -> tuple[Knowledge, tuple[Fault, ...]]:
    """What can be read below `path`, and every fault of what cannot."""
    faults: list[Fault] = []
    digest = hashlib.sha256()
    texts = dict(_texts(path, digest, faults))
    knowledge = Knowledge(
        metrics=_read(texts, "metrics", ".yaml", lambda text, _, report: read_metric(text, report), faults),
        queries=_read(texts, "queries", ".sql", read_query, faults),
        pages=_read(texts, "pages", ".md", read_page, faults),
        terms=_terms(texts, faults),
        digest=digest.hexdigest() if texts else "",
    )
    return knowledge, tuple(faults)


def _texts(path: Path, digest: hashlib._Hash, faults: list[Fault]) -> Iterable[tuple[str, str]]:
    """(name, text) of every file, by name; their contents go into the digest."""
    for file in sorted(path.rglob("*")) if path.is_dir() else ():
        name = file.relative_to(path).as_posix()
        if not file.is_file() or file.name.startswith(".") or file.name.lower() == "readme.md":
            continue
        try:
            content = file.read_bytes()
        except OSError as error:
            faults.append(Fault(name, "", f"cannot be read: {error.strerror}."))
            continue
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
        try:
            yield name, content.decode("utf-8-sig")
        except UnicodeDecodeError:
            faults.append(Fault(name, "", "is not UTF-8.", "Save it as UTF-8."))
            continue
        if not _expected(name):
            faults.append(
                Fault(
                    name,
                    "",
                    "is not one of the files that are read.",
                    "Name it metrics/*.yaml, queries/*.sql, pages/*.md or glossary.yaml.",
                )
            )


def _expected(name: str) -> bool:
    folder, _, file = name.rpartition("/")
    endings = {"metrics": ".yaml", "queries": ".sql", "pages": ".md"}
    return name == _GLOSSARY or (folder in endings and file.endswith(endings[folder]))


def _read(
    texts: dict[str, str],
    folder: str,
    ending: str,
    read: Callable[[str, str, Report], T | None],
    faults: list[Fault],
) -> tuple[T, ...]:
    """The values of one folder's files, by file name, and a fault where two have one name."""
    found: dict[str, T] = {}
    files: dict[str, str] = {}
    for file, text in texts.items():
        if not (file.startswith(f"{folder}/") and _expected(file)):
            continue
        report = Report(file)
        value = read(text, file.rpartition("/")[2].removesuffix(ending), report)
        if value is not None and value.name in found:
            report.add("name", f"`{value.name}` is also the name in {files[value.name]}.", "Give it another name.")
        elif value is not None:
            found[value.name], files[value.name] = value, file
        faults.extend(report.faults)
    return tuple(found.values())


def _terms(texts: dict[str, str], faults: list[Fault]) -> tuple[Term, ...]:
    if _GLOSSARY not in texts:
        return ()
    report = Report(_GLOSSARY)
    terms = read_glossary(texts[_GLOSSARY], report)
    faults.extend(report.faults)
    return terms
