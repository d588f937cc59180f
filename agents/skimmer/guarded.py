"""What comes of one table, faults included: one table stops no other."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from agents.skimmer.scan_state import Outcome
from townlake.domain.errors import AuditUnavailable, Cancelled, SkipperError
from townlake.domain.names import TableRef
from townlake.governance.scan_records import Reason

_LOG: Final = logging.getLogger(__name__)
_Found = TypeVar("_Found", bound="Outcome | None")


def guarded(ref: TableRef, reasons: tuple[Reason, ...], look: Callable[[], _Found]) -> _Found | Outcome:
    """What a look at a table gives; an outcome that tells the fault where it fails.

    Args:
        ref: the table.
        reasons: why it is looked at.
        look: looks.

    Raises:
        AuditUnavailable: nothing can be written down, so nothing is read.
        Cancelled: whoever asked wants it no more.
    """
    try:
        return look()
    except (AuditUnavailable, Cancelled):
        raise
    except SkipperError as error:
        return Outcome(table=ref, reasons=reasons, fault=str(error))
    except Exception as error:
        # Values may stand in the words of the error: only its kind is told.
        _LOG.error("the scan of %s failed with %s", ref, type(error).__name__)
        fault = f"Something went wrong that nobody foresaw ({type(error).__name__})."
        return Outcome(table=ref, reasons=reasons, fault=fault)
