"""Shapes of single sign-on."""

from msgspec import UNSET, Struct, UnsetType


class Exchange(Struct, frozen=True):
    """A code, or a refresh token with `grant_type` refresh_token."""

    client_id: str
    client_secret: str
    code: str | UnsetType = UNSET
    refresh_token: str | UnsetType = UNSET
    grant_type: str | UnsetType = UNSET
    state: str | UnsetType = UNSET
    redirect_uri: str | UnsetType = UNSET


class Identity(Struct, frozen=True):
    """There is no access token: a provider has that of its installation."""

    id_token: str
    access_token: str | None
    token_type: str | None
    expires_in: int
    refresh_token: str


class Key(Struct, frozen=True):
    """A public key (RFC 7517)."""

    kid: str
    n: str
    e: str
    kty: str = "RSA"
    alg: str = "RS256"
    use: str = "sig"


class Keys(Struct, frozen=True):
    keys: list[Key]
