"""Who somebody is, as documents."""

from typing import Any

from equipoise.application.sign_on import Known
from equipoise.dialects.vercel.installations.render import role_of
from equipoise.dialects.vercel.sign_on import documents
from equipoise.domain.installation.state import Installation
from equipoise.security.signing import ALGORITHM
from equipoise.security.tokens import digest

IDENTITY_SECONDS = 3_600
ACCOUNT_DIGITS = 24


def claims(known: Known, issuer: str, now: int) -> dict[str, Any]:
    """What an identity says. `now` in seconds since 1970."""
    of, user = known.installation, known.member
    account = digest(of.project)[:ACCOUNT_DIGITS]
    said = {
        "iss": issuer,
        "aud": of.client,
        "iat": now,
        "exp": now + IDENTITY_SECONDS,
        "sub": f"account:{account}:user:{user.id}",
        "account_id": account,
        "installation_id": of.key,
        "user_id": user.id,
        "user_role": role_of(user),
    }
    return {**said, "user_email": user.email} if user.email else said


def identity(signed: str, refresh: str) -> documents.Identity:
    return documents.Identity(signed, None, None, IDENTITY_SECONDS, refresh)


def key(of: Installation) -> documents.Key:
    return documents.Key(of.id, of.signing.modulus, of.signing.exponent, alg=ALGORITHM)
