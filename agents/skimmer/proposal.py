"""What a reviewer is told of a finding. It quotes no value: forms are those that at least five values share."""

from __future__ import annotations

from typing import Final

from agents.skimmer.classify import RULES_VERSION
from agents.skimmer.drift import OTHER, Look
from townlake.domain.review import Classification
from townlake.domain.taxonomy import TAXONOMY_VERSION
from townlake.governance.scan_records import ScanFinding

_MOST_FORMS: Final = 3


def proposal(finding: ScanFinding, rules: str = RULES_VERSION) -> Classification:
    """The finding as it is proposed: with what it recommends, what values look like, and the versions behind it.

    Args:
        finding: what was found.
        rules: the version of the rules, with what was learned.
    """
    return finding.classification.model_copy(
        update={
            "recommendation": finding.recommendation,
            "shapes": _forms(finding.sketch),
            "rules": versions(finding, rules),
            "taxonomy": TAXONOMY_VERSION,
        }
    )


def versions(finding: ScanFinding, rules: str = RULES_VERSION) -> str:
    """The version of the rules with what was learned, and of the judge where a model was asked."""
    return rules + (f"+{finding.judgement.version}" if finding.judgement else "")


def _forms(sketch: str) -> tuple[str, ...]:
    forms = Look.model_validate_json(sketch).forms if sketch else {}
    common = sorted((form for form in forms if form != OTHER), key=lambda form: (-forms[form], form))
    return tuple(common[:_MOST_FORMS])
