"""Learning from the reviews of a workspace: a report, perhaps a proposal, and what of it is in use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from townlake.domain.errors import HomeError

if TYPE_CHECKING:
    from agents.skimmer.learning.learned import LearnedVersion
    from agents.skimmer.learning.report import Report
    from app.workspace import Workspace
    from townlake.domain.principal import Principal
    from townlake.governance.learning_reports import LearningReport, LearningReports

NIGHTLY: Final = timedelta(days=1)
"""So often decisions are looked at by themselves, at most."""


class Proposal(NamedTuple):
    """A report that was kept."""

    number: int
    proposes: bool
    """False when nothing differs from the version in use."""
    report: Report


def reports_of(workspace: Workspace) -> LearningReports:
    """The registry of what was learned, and which of it people accepted."""
    from app.workspace import utc_now
    from townlake.governance.learning_reports import LearningReports

    return LearningReports(workspace.state, utc_now, workspace.audit)


def version_in_use(workspace: Workspace) -> LearnedVersion:
    """What a person accepted.

    Raises:
        HomeError: it was written by a release that this one cannot read. Nothing is scanned by other rules than those
            that were accepted.
    """
    return read_version(reports_of(workspace).accepted())


def read_version(kept: LearningReport | None) -> LearnedVersion:
    """The version that a report proposes; the rules alone for None."""
    from pydantic import ValidationError

    from agents.skimmer.learning.learned import Learned, LearnedVersion

    if kept is None:
        return LearnedVersion()
    try:
        return LearnedVersion(number=kept.number, learned=Learned.model_validate_json(kept.content))
    except ValidationError as error:
        raise HomeError(
            f"What was learned as version {kept.number} cannot be read: another release wrote it.",
            hint="Go back to the rules alone, and learn again: `skipper review learn --accept 0`.",
        ) from error


def propose(workspace: Workspace, by: Principal) -> Proposal:
    """Learn from all decisions so far, and keep the report. Nothing changes by it.

    Args:
        workspace: the lake.
        by: a reviewer, or the scanner.
    """
    from agents.skimmer.learning.examples import examples
    from agents.skimmer.learning.neighbours import PEOPLE
    from agents.skimmer.learning.report import learn, newest
    from townlake.governance.review_history import last_event

    last = last_event(workspace.state)
    scanned = workspace.scans.of_tables()
    findings = {uuid: known.findings for uuid, known in scanned.items()}
    disputed = {
        (one.table_uuid, one.field_id)
        for one in workspace.reviews.asked.open()
        if one.field_id is not None and one.is_dispute
    }
    told = examples(workspace.reviews.history(), newest(findings), disputed)
    tables = {table.uuid: table for table in workspace.catalog.tables()}
    names = {uuid: {column.field_id: column.name for column in table.columns} for uuid, table in tables.items()}
    there = {
        (str(tables[uuid].ref), names[uuid][finding.field_id]): finding
        for uuid, found in findings.items()
        for finding in found
        if finding.field_id in names.get(uuid, {})
    }
    current = version_in_use(workspace)
    learned, report = learn(told, there, current, PEOPLE if workspace.settings.four_eyes else 1)
    content = "" if learned == current.learned else learned.model_dump_json()
    alone = learned.taught_alone(current.learned)
    told_as = report.model_dump_json()
    number = reports_of(workspace).propose(by, content, told_as, learned.people, last, taught_alone=alone)
    return Proposal(number, bool(content), report)


def propose_nightly(workspace: Workspace) -> Proposal | None:
    """The same under the scanner's identity, once a day at most, when people have decided since; it accepts nothing."""
    from app.workspace import utc_now
    from townlake.governance.review_history import last_event
    from townlake.governance.scanner import SCANNER

    newest = reports_of(workspace).newest()
    if newest is not None and (utc_now() - newest.at < NIGHTLY or newest.last_event == last_event(workspace.state)):
        return None
    return propose(workspace, SCANNER)
