"""Review states and masks: what a person decided about a column."""

import hashlib
from enum import StrEnum

from townlake.domain.value import Value


class ReviewState(StrEnum):
    """Where a column stands. Whatever has no state is PENDING, and PENDING is invisible."""

    PENDING = "pending"
    PROPOSED = "proposed"
    OPEN = "open"
    MASKED = "masked"
    DENIED = "denied"
    STALE = "stale"
    """The schema or the values drifted; the stricter of the old and the new state holds."""


class MaskMethod(StrEnum):
    """How a masked column reads. The first two are the defaults; the partial ones need a reviewer's choice."""

    REDACT = "redact"
    """`'[redacted]'` for text, NULL for every other type."""
    NULL = "null"
    """NULL of the column's type."""
    LAST4 = "last4"
    """Four stars and the last four characters, for text of eight and more; else redacted."""
    DOMAIN = "domain"
    """The `@` of an address and what follows it."""
    YEAR = "year"
    """The first day of the year, for dates and timestamps."""
    BAND = "band"
    """A number rounded down to a multiple of ten to the power of its digits less one."""


class Classification(Value):
    """What a column holds, and whose it is."""

    label: str = ""
    """A label of the taxonomy, perhaps with a sub-type: `email`, `credential.api_key`, `none.uuid`; empty for none."""
    subject: str = ""
    tier: int = 0
    confidence: float = 0.0
    """Probability that the values are personal data, 0 to 1."""
    evidence: tuple[str, ...] = ()
    """Reasons that quote no raw value."""
    recommendation: str = ""
    """`open`, `mask`, `review` or `deny`; empty where nobody recommended anything."""
    shapes: tuple[str, ...] = ()
    """What typical values look like, class of character by class: `Aaaa 999`. Never a value."""
    rules: str = ""
    """The version of the rules that found it; empty where a person did."""
    taxonomy: int = 0
    """The version of the taxonomy that the label is of."""

    @property
    def digest(self) -> str:
        """Differs with anything that was found: what a decision was made on."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()[:16]
