"""What a caller is told whose proof does not hold: of which kind the fault is, and nothing of what was sent."""

from __future__ import annotations

from enum import StrEnum

from app.http.problems import Refusal


class Fault(StrEnum):
    """Why a proof does not hold."""

    UNKNOWN_KEY = "unknown_key"
    REVOKED_KEY = "revoked_key"
    EXPIRED_KEY = "expired_key"
    NO_PROOF = "no_proof"
    MALFORMED = "malformed_token"
    ALGORITHM = "wrong_algorithm"
    CRITICAL = "unknown_critical_header"
    UNKNOWN_SIGNER = "unknown_signing_key"
    SIGNATURE = "bad_signature"
    EXPIRED = "expired"
    NOT_YET = "not_yet_valid"
    TOO_OLD = "too_old"
    ISSUER = "foreign_issuer"
    AUDIENCE = "foreign_audience"
    CLAIM = "missing_claim"
    NOBODY = "names_nobody"
    AMBIGUOUS = "person_or_service"
    BEHALF = "on_behalf_of"
    SESSION = "session_over"
    NOT_TAKEN = "tokens_not_taken"


def unproven(fault: Fault, message: str, hint: str) -> Refusal:
    """The refusal of a request that brings what proves nobody. No other way of identity is tried after it."""
    challenge = f'Bearer realm="skipper", error="invalid_token", error_description="{fault.value}"'
    return Refusal(401, message, hint=hint, headers={"WWW-Authenticate": challenge})
