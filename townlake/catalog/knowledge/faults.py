"""What is wrong in the files, in words for the person who edits them."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend.

    >>> print(Fault("metrics/mrr.yaml", "owner", "is missing.", "Add `owner: a person or a team`."))
    metrics/mrr.yaml: owner: is missing. Add `owner: a person or a team`.
    """

    file: str
    """Relative to the knowledge directory."""
    field: str
    """Where in the file: `dimensions[2].joins`; empty for the file as a whole."""
    wrong: str
    write: str = ""
    """What to write instead."""
    doubt: bool = False
    """True for what may well be right, but that nothing shows to be."""

    def __str__(self) -> str:
        place = f"{self.file}: {self.field}" if self.field else self.file
        return f"{place}: {self.wrong} {self.write}".rstrip()


@dataclass(slots=True)
class Report:
    """Collects the faults of one file, so that all of them are told at once."""

    file: str
    faults: list[Fault] = field(default_factory=list)

    def add(self, at: str, wrong: str, write: str = "", *, doubt: bool = False) -> None:
        """Note that the field `at` is wrong."""
        self.faults.append(Fault(self.file, at, wrong, write, doubt))

    @property
    def clean(self) -> bool:
        """True while nothing was noted."""
        return not self.faults
