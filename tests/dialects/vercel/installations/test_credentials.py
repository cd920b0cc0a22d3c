"""Tokens of an installation: one more by rotation, one fewer by revoking, for its client's secret."""

from typing import Any

import pytest

from tests.dialects.vercel.provider import ROOT, SHOP, Provider

ROTATE, REVOKE = f"{ROOT}/credentials/rotate", f"{ROOT}/credentials/revoke"


def rotated(provider: Provider, **said: Any) -> str:
    body = {"client_secret": provider.client_secret, **said}
    credential = provider.told("POST", ROTATE, body)
    assert credential["token_type"] == "oauth2-token"
    token: str = credential["access_token"]
    return token


def revoke(provider: Provider, token: str, **said: Any) -> Any:
    return provider.told("POST", REVOKE, {"token": token, "client_secret": provider.client_secret, **said})


def test_rotation_answers_one_more_token_and_leaves_those_before_it_valid(provider: Provider) -> None:
    token = rotated(provider)
    assert token != provider.surface.tokens["provider"]
    provider.get(SHOP, token=token)
    provider.get(SHOP)
    assert token not in provider.written()


def test_a_new_token_opens_no_more_than_the_old_one(provider: Provider) -> None:
    provider.refused("GET", SHOP.replace("icfg_shop", "icfg_other"), status=403, token=rotated(provider))


def test_a_token_that_is_revoked_opens_nothing(provider: Provider) -> None:
    token = rotated(provider)
    assert revoke(provider, token) == {"revoked": True, "already_revoked": False}
    provider.refused("GET", SHOP, status=401, token=token)
    provider.get(SHOP)


def test_it_is_revoked_once_and_for_all(provider: Provider) -> None:
    token = rotated(provider)
    revoke(provider, token)
    before = provider.everything()
    assert revoke(provider, token) == {"revoked": True, "already_revoked": True}
    assert provider.everything() == before


def test_a_provider_may_revoke_the_token_that_it_comes_with(provider: Provider) -> None:
    old, new = provider.surface.tokens["provider"], rotated(provider)
    revoke(provider, old)
    provider.refused("GET", SHOP, status=401)
    provider.get(SHOP, token=new)


@pytest.mark.parametrize("token", ["", "ins-never", "x"])
def test_a_token_that_never_was_is_missing(provider: Provider, token: str) -> None:
    provider.refused("POST", REVOKE, {"token": token, "client_secret": provider.client_secret}, 404)


def test_a_token_of_another_installation_is_none_of_this_one(provider: Provider) -> None:
    body = {"token": provider.surface.tokens["neighbour"], "client_secret": provider.client_secret}
    provider.refused("POST", REVOKE, body, 404)


@pytest.mark.parametrize("secret", ["", "wrong", "cls-" + "x" * 43])
def test_whoever_has_not_the_clients_secret_changes_nothing(provider: Provider, secret: str) -> None:
    token = rotated(provider)
    provider.refused("POST", ROTATE, {"client_secret": secret}, 403)
    message = provider.refused("POST", REVOKE, {"client_secret": secret, "token": token}, 403)["message"]
    assert token not in message


def test_a_client_that_is_named_is_the_installations_own(provider: Provider) -> None:
    rotated(provider, client_id=provider.client)
    body = {"client_secret": provider.client_secret, "client_id": "oac_another"}
    provider.refused("POST", ROTATE, body, 403)
    provider.refused("POST", REVOKE, body | {"token": "x"}, 403)


@pytest.mark.parametrize(
    "body", [{}, {"client_secret": None}, {"client_secret": 1}, [], {"client_secret": ["s3cret"]}]
)
def test_what_is_not_well_said_is_refused_and_not_repeated(provider: Provider, body: Any) -> None:
    for path in (ROTATE, REVOKE):
        message = provider.refused("POST", path, body)["message"]
        assert "s3cret" not in message


def test_the_token_to_revoke_must_be_said(provider: Provider) -> None:
    assert "token" in provider.refused("POST", REVOKE, {"client_secret": provider.client_secret})["message"]


def test_an_installation_has_twenty_valid_tokens_at_most(provider: Provider) -> None:
    tokens = [rotated(provider) for _ in range(19)]
    provider.refused("POST", ROTATE, {"client_secret": provider.client_secret})
    revoke(provider, tokens[0])
    rotated(provider)


def test_a_token_is_told_once_even_to_who_asks_again(provider: Provider) -> None:
    once, body = {"Idempotency-Key": "once"}, {"client_secret": provider.client_secret}
    first, again = (provider.told("POST", ROTATE, body, headers=once) for _ in range(2))
    assert first["access_token"] != again["access_token"]
    provider.get(SHOP, token=first["access_token"])
    provider.refused("GET", SHOP, status=401, token=again["access_token"])
