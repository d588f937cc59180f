"""One look at the lake: catalog and policy of one moment, as one caller sees them."""

from __future__ import annotations

from dataclasses import dataclass

from townlake.catalog.look import Look
from townlake.domain.decision import TableAccess
from townlake.domain.names import TableRef
from townlake.domain.principal import Principal
from townlake.governance.policy import PolicyLook
from townlake.governance.table_view import TableView, view_table


@dataclass(frozen=True, slots=True)
class LakeLook:
    """Made for one request, and thrown away with it."""

    catalog: Look
    policy: PolicyLook
    principal: Principal

    def table(self, ref: TableRef) -> TableView | None:
        """A table as the caller may see it; None when it does not exist for the caller, for whatever reason."""
        info = self.catalog.table(ref)
        return None if info is None else view_table(info, self.policy.access(self.principal, info), self._findable)

    def _findable(self, ref: TableRef) -> TableAccess | None:
        info = self.catalog.table(ref)
        if info is None:
            return None
        access = self.policy.access(self.principal, info)
        return None if info.restricted and not access.visible else access
