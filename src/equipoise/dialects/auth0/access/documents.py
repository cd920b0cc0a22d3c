"""Shapes of OAuth 2.0 (RFC 6749), as far as they are served."""

from msgspec import Struct


class TokenRequest(Struct, frozen=True):
    """The client id is that of a token, the secret its secret. `audience` may be any."""

    grant_type: str
    client_id: str = ""
    client_secret: str = ""
    audience: str = ""
    scope: str = ""


class AccessToken(Struct, frozen=True):
    access_token: str
    scope: str
    expires_in: int
    token_type: str = "Bearer"
