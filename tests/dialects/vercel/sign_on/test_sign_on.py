"""Single sign-on: a code becomes an identity, once; a refresh token becomes another."""

from time import process_time
from typing import Any
from urllib.parse import urlencode

import httpx
import jwt
import pytest
from msgspec.structs import replace

from tests.dialects.vercel.provider import KEY, OTHER, OURS, ROOT, Provider, installed, theirs

TOKEN, KEYS = "/v1/integrations/sso/token", "/.well-known/jwks"
FORM = "application/x-www-form-urlencoded"
CODE_MS, REFRESH_MS, IDENTITY_SECONDS = 600_000, 30 * 86_400_000, 3_600


class Visitor:
    """A member of the project who comes to the provider; `exchange` is what the provider does then."""

    def __init__(self, provider: Provider) -> None:
        self.provider, self.surface = provider, provider.surface
        self.member = self.surface.owner

    def code(self, path: str = OURS) -> str:
        code: str = self.provider.speak("POST", f"{path}/codes", {"member": self.member})["code"]
        return code

    def body(self, **said: Any) -> dict[str, Any]:
        own = {"client_id": self.provider.client, "client_secret": self.provider.client_secret}
        return {name: value for name, value in (own | said).items() if value is not ...}

    def ask(self, form: bool = False, **said: Any) -> httpx.Response:
        body = self.body(**said)
        if form:
            headers = {"Content-Type": FORM}
            content = urlencode(body).encode()
            return self.provider.ask("POST", TOKEN, token=None, content=content, headers=headers)
        return self.provider.ask("POST", TOKEN, body, token=None)

    def exchange(self, **said: Any) -> Any:
        response = self.ask(**said)
        assert response.status_code == 200, response.text
        assert response.headers["cache-control"] == "no-store"
        return self.provider.held(response)

    def refused(self, status: int = 403, **said: Any) -> str:
        return str(self.provider.refused("POST", TOKEN, self.body(**said), status, token=None)["message"])

    def refresh(self, token: str, **said: Any) -> Any:
        return self.exchange(grant_type="refresh_token", refresh_token=token, **said)

    def verified(self, id_token: str, **said: Any) -> dict[str, Any]:
        """The claims, if the key that is served under its id signed them, whatever the time is here."""
        served = jwt.PyJWKSet.from_dict(self.provider.get(KEYS, token=None))
        key = served[jwt.get_unverified_header(id_token)["kid"]]
        claims: dict[str, Any] = jwt.decode(
            id_token,
            key.key,
            algorithms=["RS256"],
            audience=self.provider.client,
            options={"verify_exp": False, "verify_iat": False},
            **said,
        )
        return claims


@pytest.fixture
def visitor(provider: Provider) -> Visitor:
    return Visitor(provider)


# a code


def test_a_code_becomes_a_signed_identity(visitor: Visitor) -> None:
    said = visitor.exchange(code=visitor.code())
    now = visitor.surface.clock.now // 1_000
    assert (said["access_token"], said["token_type"]) == (None, None)
    assert said["expires_in"] == IDENTITY_SECONDS
    claims = visitor.verified(said["id_token"])
    assert claims["installation_id"] == KEY
    assert (claims["user_id"], claims["user_role"]) == (visitor.member, "ADMIN")
    assert claims["aud"] == visitor.provider.client
    assert claims["sub"] == f"account:{claims['account_id']}:user:{visitor.member}"
    assert (claims["iat"], claims["exp"]) == (now, now + IDENTITY_SECONDS)


def test_an_identity_is_issued_by_the_address_of_the_server(visitor: Visitor) -> None:
    gateway = visitor.surface.gateway
    gateway._services = replace(gateway._services, url="https://equipoise.test")
    said = visitor.exchange(code=visitor.code())
    assert visitor.verified(said["id_token"], issuer="https://equipoise.test")["user_id"] == visitor.member


def test_an_identity_that_somebody_changed_is_none(visitor: Visitor) -> None:
    head, body, signature = visitor.exchange(code=visitor.code())["id_token"].split(".")
    spoiled = body[:-2] + ("AA" if body[-2:] != "AA" else "BB")
    for token in (f"{head}.{spoiled}.{signature}", f"{head}.{body}.{signature[::-1]}"):
        with pytest.raises(jwt.InvalidTokenError):
            visitor.verified(token)


@pytest.mark.parametrize("form", [False, True])
def test_it_may_be_asked_for_by_form_or_by_json(visitor: Visitor, form: bool) -> None:
    rest = {"state": "s", "redirect_uri": "https://provider.test/cb", "grant_type": "authorization_code"}
    said = visitor.exchange(form=form, code=visitor.code(), **rest)
    again = visitor.exchange(form=form, grant_type="refresh_token", refresh_token=said["refresh_token"])
    assert visitor.verified(again["id_token"])["user_id"] == visitor.member


@pytest.mark.parametrize("form", [False, True])
def test_a_code_works_once(visitor: Visitor, form: bool) -> None:
    code = visitor.code()
    visitor.exchange(form=form, code=code)
    visitor.refused(code=code)
    assert visitor.ask(form=True, code=code).status_code == 403


def test_each_code_works_for_itself(visitor: Visitor) -> None:
    first, second = visitor.code(), visitor.code()
    visitor.exchange(code=second)
    visitor.exchange(code=first)


def test_a_code_lives_for_ten_minutes(visitor: Visitor) -> None:
    early, late = visitor.code(), visitor.code()
    clock = visitor.surface.clock
    begun = clock.now
    clock.now = begun + CODE_MS - 2_002
    visitor.exchange(code=early)
    clock.now = begun + CODE_MS - 1_000
    visitor.refused(code=late)


def test_a_code_is_of_its_own_installation(visitor: Visitor) -> None:
    another = neighbours_client(visitor)
    code = visitor.code()
    visitor.refused(code=code, **another)
    visitor.refused(code=visitor.code(theirs(OURS)))
    visitor.exchange(code=code)


# who is refused


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_secret": "wrong"},
        {"client_secret": ""},
        {"client_id": "oac_wrong"},
        {"client_id": ""},
        {"client_id": KEY},
        {"code": "sso-wrong"},
        {"code": ""},
        {"grant_type": "refresh_token", "refresh_token": "wrong"},
        {"grant_type": "refresh_token", "refresh_token": ""},
    ],
    ids=str,
)
def test_whatever_is_wrong_is_refused_alike_and_uses_no_code_up(
    visitor: Visitor, wrong: dict[str, Any]
) -> None:
    code = visitor.code()
    assert visitor.refused(**{"code": code} | wrong) == visitor.refused(code="sso-none")
    visitor.exchange(code=code)


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": ...},
        {"client_secret": ...},
        {"code": ...},
        {"code": None},
        {"client_secret": None},
        {"client_secret": ["s3cret"]},
        {"grant_type": "password"},
        {"grant_type": "client_credentials"},
        {"grant_type": "refresh_token"},
    ],
    ids=str,
)
def test_a_request_that_is_not_well_said_is_refused_and_not_repeated(visitor: Visitor, wrong: Any) -> None:
    code = visitor.code()
    message = visitor.refused(400, **{"code": code} | wrong)
    assert code not in message
    assert "s3cret" not in message


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"\xff"])
def test_a_body_that_is_no_request_is_refused(visitor: Visitor, content: bytes) -> None:
    visitor.provider.refused("POST", TOKEN, content=content, token=None)
    form = {"Content-Type": FORM}
    visitor.provider.refused("POST", TOKEN, content=content, token=None, headers=form)


def test_an_uninstalled_installation_lets_nobody_in(visitor: Visitor) -> None:
    code, refresh = visitor.code(), visitor.exchange(code=visitor.code())["refresh_token"]
    visitor.provider.told("PATCH", ROOT, {"status": "uninstalled"}, 204)
    visitor.refused(code=code)
    visitor.refused(grant_type="refresh_token", refresh_token=refresh)


def test_every_thing_that_a_body_misses_is_named_at_once(visitor: Visitor) -> None:
    ask = visitor.provider.refused
    message = ask("POST", TOKEN, {}, token=None)["message"]
    assert all(f"{name}: is required" in message for name in ("client_id", "client_secret", "code"))
    message = ask("POST", TOKEN, {"grant_type": "refresh_token"}, token=None)["message"]
    assert "refresh_token: is required" in message
    assert "code:" not in message
    message = ask("POST", TOKEN, {"grant_type": "none", "code": 1}, token=None)["message"]
    assert all(f"{name}: " in message for name in ("client_id", "client_secret", "grant_type", "code"))


# a refresh token


def test_a_refresh_token_leads_to_an_identity_again_and_again(visitor: Visitor) -> None:
    said = visitor.exchange(code=visitor.code())
    for _ in range(2):
        again = visitor.refresh(said["refresh_token"])
        assert visitor.verified(again["id_token"])["user_id"] == visitor.member
        visitor.refresh(again["refresh_token"])


def test_a_refresh_token_lasts_thirty_days(visitor: Visitor) -> None:
    begun = visitor.surface.clock.now + 2_000
    token = visitor.exchange(code=visitor.code())["refresh_token"]
    visitor.surface.clock.now = begun + REFRESH_MS - 1_001
    visitor.refresh(token)
    visitor.refused(grant_type="refresh_token", refresh_token=token)


def test_a_refresh_token_is_of_its_own_client(visitor: Visitor) -> None:
    another = neighbours_client(visitor)
    token = visitor.exchange(code=visitor.code())["refresh_token"]
    visitor.refused(grant_type="refresh_token", refresh_token=token, **another)


def test_a_refresh_token_is_no_code_and_a_code_no_refresh_token(visitor: Visitor) -> None:
    code = visitor.code()
    visitor.refused(grant_type="refresh_token", refresh_token=code)
    visitor.refused(code=visitor.exchange(code=code)["refresh_token"])


def test_neither_opens_anything_else(visitor: Visitor) -> None:
    said = visitor.exchange(code=visitor.code())
    for token in (said["refresh_token"], said["id_token"], visitor.code(), visitor.provider.client_secret):
        visitor.provider.refused("GET", ROOT, status=401, token=token)


# what is served and kept


def test_the_keys_are_public_and_hold_nothing_private(visitor: Visitor) -> None:
    keys = visitor.provider.get(KEYS, token=None)["keys"]
    assert {key["kid"] for key in keys} >= {visitor.provider.id}
    for key in keys:
        assert key.keys() == {"kid", "n", "e", "kty", "alg", "use"}
        assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")


def test_what_lets_somebody_in_lies_sealed_or_as_a_digest(visitor: Visitor) -> None:
    code = visitor.code()
    said = visitor.exchange(code=visitor.code())
    written = visitor.provider.written()
    hidden = (code, said["id_token"], said["refresh_token"], visitor.provider.client_secret, "PRIVATE KEY")
    assert all(each not in written for each in hidden)


def test_only_a_member_of_the_project_comes_with_a_code(visitor: Visitor) -> None:
    response = visitor.surface.call("POST", f"{OURS}/codes", json={"member": "0" * 24})
    assert response.status_code == 404


def neighbours_client(visitor: Visitor) -> dict[str, Any]:
    found = installed(visitor.surface, OTHER)
    return {"client_id": found.installation.client, "client_secret": found.client_secret}


def test_an_installation_that_came_back_knows_no_code_and_no_refresh_token_from_before(
    visitor: Visitor,
) -> None:
    refresh, code = visitor.exchange(code=visitor.code())["refresh_token"], visitor.code()
    visitor.provider.told("PATCH", ROOT, {"status": "uninstalled"}, 204)
    again = installed(visitor.surface, KEY)
    assert again.client_secret != visitor.provider.client_secret
    visitor.refused(code=code, client_secret=again.client_secret)
    visitor.refused(
        grant_type="refresh_token", refresh_token=refresh, code=..., client_secret=again.client_secret
    )


def test_a_body_of_a_megabyte_is_not_read(visitor: Visitor) -> None:
    """Anybody may send one."""
    began = process_time()
    headers = {"Content-Type": FORM}
    response = visitor.provider.ask("POST", TOKEN, token=None, content=b"a=%" * 300_000, headers=headers)
    assert response.status_code == 413
    assert process_time() - began < 1.0


def test_a_dry_run_uses_no_code_up(visitor: Visitor) -> None:
    code = visitor.code()
    for _ in range(2):
        response = visitor.provider.ask("POST", f"{TOKEN}?dryRun=true", visitor.body(code=code), token=None)
        assert response.status_code == 200, response.text
    visitor.exchange(code=code)
    visitor.refused(code=code)
