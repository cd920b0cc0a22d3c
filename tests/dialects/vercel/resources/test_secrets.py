"""Secrets of a resource: replaced whole or in part, sealed where they lie, and never told again."""

import logging
from time import process_time
from typing import Any

import pytest

from tests.dialects.vercel.provider import (
    ANNEX,
    OURS,
    RESOURCES,
    ROOT,
    SECRETS,
    SHOP,
    Provider,
    a_resource,
    a_secret,
)

BY_PRODUCT = f"{ROOT}/products/experiments/resources/shop/secrets"
OVERRIDES = {"development": "of-development", "preview": "of-preview", "production": "of-production"}
VALUE = "correct-horse-battery-staple"


def opened(provider: Provider) -> dict[str, Any]:
    """Name → (value, prefix, overrides) of what is stored, unsealed."""
    unseal = provider.surface.vault.open
    return {
        each.name: (
            unseal(each.sealed),
            each.prefix,
            {name: unseal(value) for name, value in each.overrides.items()},
        )
        for each in provider.shop.secrets
    }


def plain(*values: str) -> dict[str, Any]:
    """As `opened` has secrets A, B, C … of these values."""
    return {name: (value, "", {}) for name, value in zip("ABCDE", values, strict=False)}


def set_by_put(provider: Provider, secrets: Any, partial: bool | None = None) -> None:
    said = {} if partial is None else {"partial": partial}
    provider.told("PUT", SECRETS, {"secrets": secrets, **said}, 201)


def set_by_product(provider: Provider, secrets: Any, partial: bool | None = None) -> None:
    said = {} if partial is None else {"partial": partial}
    provider.told("PUT", BY_PRODUCT, {"secrets": secrets, **said}, 201)


def set_by_patch(provider: Provider, secrets: Any, partial: bool | None = None) -> None:
    said = {} if partial is None else {"partial": partial}
    provider.update(secrets={"secrets": secrets, **said})


over_ways = pytest.mark.parametrize("way", [set_by_put, set_by_product, set_by_patch])


def two(value: str = "1") -> list[dict[str, Any]]:
    return [a_secret("A", value), a_secret("B", "2")]


# what is set


@over_ways
@pytest.mark.parametrize("partial", [None, False])
def test_secrets_are_replaced_whole(provider: Provider, way: Any, partial: bool | None) -> None:
    way(provider, two(), partial)
    way(provider, [a_secret("B", "3")], partial)
    assert opened(provider) == {"B": ("3", "", {})}
    way(provider, [], partial)
    assert opened(provider) == {}


def test_a_list_of_them_in_a_patch_replaces_them_whole(provider: Provider) -> None:
    provider.update(secrets=two())
    provider.update(secrets=[a_secret("B", "3")])
    assert opened(provider) == {"B": ("3", "", {})}
    provider.update(secrets=[])
    assert opened(provider) == {}


@over_ways
def test_in_a_part_the_others_stay(provider: Provider, way: Any) -> None:
    way(provider, two())
    way(provider, [a_secret("B", "new"), a_secret("C", "3")], True)
    assert opened(provider) == plain("1", "new", "3")
    way(provider, [], True)
    assert opened(provider) == plain("1", "new", "3")


@over_ways
def test_a_secret_has_a_prefix_and_values_for_other_deployments(provider: Provider, way: Any) -> None:
    way(provider, [a_secret("A", "1", prefix="SHOP_", environmentOverrides=OVERRIDES)])
    assert opened(provider) == {"A": ("1", "SHOP_", OVERRIDES)}


@over_ways
def test_one_that_is_said_anew_is_replaced_with_all_that_was_said_of_it(provider: Provider, way: Any) -> None:
    way(provider, [a_secret("A", "1", prefix="SHOP_", environmentOverrides=OVERRIDES)])
    way(provider, [a_secret("A", "1")], True)
    assert opened(provider) == plain("1")


@pytest.mark.parametrize("value", ["", " ", "é𝄞", "line\nbreak", "x" * 65_536])
def test_a_value_is_any_text_within_its_limit(provider: Provider, value: str) -> None:
    set_by_put(provider, [a_secret("A", value, environmentOverrides={"preview": value})])
    assert opened(provider) == {"A": (value, "", {"preview": value})}


@pytest.mark.parametrize("name", ["TOKEN", "token", "_", "WITH-DASH", "with.dot", "9", "é", "a b", "X" * 256])
def test_a_name_is_any_text_within_its_limit(provider: Provider, name: str) -> None:
    set_by_put(provider, [a_secret(name)])
    assert opened(provider).keys() == {name}


def test_a_hundred_secrets_are_kept_and_one_more_is_refused(provider: Provider) -> None:
    many = [a_secret(f"S{number}") for number in range(100)]
    set_by_put(provider, many)
    assert len(opened(provider)) == 100
    provider.refused("PUT", SECRETS, {"secrets": [a_secret("ONE_MORE")], "partial": True})
    provider.refused("PUT", SECRETS, {"secrets": [*many, a_secret("ONE_MORE")]})


@over_ways
def test_secrets_that_are_as_they_were_write_nothing(provider: Provider, way: Any) -> None:
    same = [a_secret("A", "1", prefix="P_", environmentOverrides=OVERRIDES), a_secret("B", "")]
    way(provider, same)
    before = provider.everything()
    way(provider, same)
    way(provider, same[:1], True)
    assert provider.everything() == before


def test_a_map_of_deployments_is_open_and_three_of_them_are_kept(provider: Provider) -> None:
    set_by_put(provider, [a_secret("A", "1", environmentOverrides={"preview": "2", "staging": VALUE})])
    assert opened(provider) == {"A": ("1", "", {"preview": "2"})}
    assert VALUE not in provider.written()


# what is refused


@pytest.mark.parametrize(
    ("secrets", "where"),
    [
        ([{"name": "A"}], "secrets[0].value"),
        ([{"value": VALUE}], "secrets[0].name"),
        ([a_secret("A"), {"name": "B"}], "secrets[1].value"),
        ([a_secret("A", more=1)], "secrets[0].more"),
        ([a_secret("A", environment_overrides={})], "secrets[0].environment_overrides"),
        ([{"name": "A", "value": None}], "secrets[0].value"),
        ([{"name": "A", "value": 5}], "secrets[0].value"),
        ([{"name": None, "value": VALUE}], "secrets[0].name"),
        ([a_secret("A", prefix=None)], "secrets[0].prefix"),
        ([a_secret("A", environmentOverrides=None)], "secrets[0].environmentOverrides"),
        ([a_secret("A", environmentOverrides={"preview": None})], "secrets[0].environmentOverrides.preview"),
        ([a_secret("A", environmentOverrides={"preview": 1})], "secrets[0].environmentOverrides.preview"),
        ([a_secret("A", environmentOverrides=[VALUE])], "secrets[0].environmentOverrides"),
        ([a_secret("A", VALUE), a_secret("A", "2")], "secrets[1].name"),
        ([a_secret("A", "x" * 65_537)], "secrets[0].value"),
        ([a_secret("")], "secrets[0].name"),
        ([a_secret("X" * 257)], "secrets[0].name"),
        ([VALUE], "secrets[0]"),
        ([None], "secrets[0]"),
        (VALUE, "secrets"),
        (None, "secrets"),
        (1, "secrets"),
    ],
    ids=range(22),
)
def test_a_secret_that_is_not_well_said_is_refused_and_not_repeated(
    provider: Provider, secrets: Any, where: str
) -> None:
    """Neither by the answers nor by the log, and nothing else of the request is kept."""
    set_by_put(provider, two())
    bodies = [
        ("PUT", SECRETS, {"secrets": secrets}),
        ("PUT", BY_PRODUCT, {"secrets": secrets}),
        ("PATCH", SHOP, {"secrets": {"secrets": secrets}}),
        ("PATCH", SHOP, {"secrets": secrets, "name": "Renamed"}),
        ("PUT", SHOP, a_resource(secrets=secrets, name="Renamed")),
    ]
    for method, path, body in bodies:
        message = provider.refused(method, path, body)["message"]
        assert where in message
        assert VALUE not in message


@pytest.mark.parametrize(
    "wrong",
    [{"partial": "true"}, {"partial": None}, {"partial": 1}, {"more": VALUE}, {"value": VALUE}],
    ids=str,
)
def test_what_stands_beside_the_secrets_is_closed(provider: Provider, wrong: dict[str, Any]) -> None:
    (field,) = wrong
    body = {"secrets": two(), **wrong}
    for method, path, sent in (("PUT", SECRETS, body), ("PATCH", SHOP, {"secrets": body})):
        message = provider.refused(method, path, sent)["message"]
        assert field in message
        assert VALUE not in message


@pytest.mark.parametrize("body", [{}, {"partial": True}, [], None, [a_secret()]])
def test_a_body_without_secrets_is_refused(provider: Provider, body: Any) -> None:
    provider.refused("PUT", SECRETS, body)
    provider.refused("PUT", BY_PRODUCT, body)


def test_an_import_takes_a_list_of_secrets_alone(provider: Provider) -> None:
    provider.refused("PUT", SHOP, a_resource(secrets={"secrets": two(), "partial": True}))


def test_a_product_that_is_not_the_resources_has_no_such_secrets(provider: Provider) -> None:
    path = BY_PRODUCT.replace("/experiments/", "/others/")
    provider.refused("PUT", path, {"secrets": two()}, 404)


@pytest.mark.parametrize("path", [SECRETS, BY_PRODUCT])
def test_a_resource_that_is_not_there_has_none(provider: Provider, path: str) -> None:
    provider.refused("PUT", path.replace("/shop/", "/none/"), {"secrets": two()}, 404)


# what is never told


def test_values_lie_sealed_and_are_told_nowhere(provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    hidden = [f"{VALUE}-{number}" for number in range(8)]
    overrides = dict(zip(OVERRIDES, hidden[:3], strict=True))
    provider.told("PUT", ANNEX, a_resource(secrets=[a_secret("A", hidden[3])]))
    provider.update(secrets=[a_secret("A", hidden[4], environmentOverrides=overrides)])
    provider.update(secrets={"secrets": [a_secret("B", hidden[5])], "partial": True})
    set_by_put(provider, [a_secret("C", hidden[6])], True)
    set_by_product(provider, [a_secret("D", hidden[7])], True)
    assert opened(provider)["A"] == (hidden[4], "", overrides)
    told = [
        provider.ask("GET", path, token=token).text
        for path, token in ((SHOP, "provider"), (RESOURCES, "provider"), (ROOT, "provider"), (OURS, "admin"))
    ]
    told.append(provider.ask("PATCH", SHOP, {"name": "Renamed"}).text)
    for value in hidden:
        assert all(value not in text for text in (*told, provider.written(), caplog.text))
        assert f"sealed:{value[::-1]}" in provider.written()


def test_a_replay_and_a_dry_run_tell_none_either(provider: Provider) -> None:
    once = {"Idempotency-Key": "once"}
    body = {"name": "Renamed", "secrets": [a_secret("A", VALUE)]}
    answers = [provider.ask("PATCH", SHOP, body, headers=once) for _ in range(2)]
    answers.append(provider.ask("PATCH", f"{SHOP}?dryRun=true", body | {"secrets": [a_secret("B", VALUE)]}))
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert all(VALUE not in each.text + str(each.headers) for each in answers)
    assert opened(provider) == {"A": (VALUE, "", {})}


@pytest.mark.parametrize("body", [[a_secret("A", VALUE)], VALUE, {"secrets": {"A": VALUE}}, [[VALUE]]])
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_a_body_of_another_form_is_not_repeated_nor_kept(provider: Provider, method: str, body: Any) -> None:
    """A bare list is a plausible slip."""
    path = SECRETS if method == "PUT" else SHOP
    headers = {"Idempotency-Key": "slip"}
    response = provider.ask(method, path, body, headers=headers)
    assert response.status_code == 400
    assert VALUE not in response.text
    assert VALUE not in repr(provider.surface.store.tables)  # type: ignore[attr-defined]


def test_a_secret_is_refused_where_the_body_has_it(provider: Provider) -> None:
    provider.told("PUT", SECRETS, {"secrets": [a_secret("A"), a_secret("B")]}, 201)
    wrong = [a_secret("", "x"), a_secret("C", prefix="p" * 257)]
    for body, where in (({"secrets": wrong, "partial": True}, "secrets.secrets"), (wrong, "secrets")):
        message = provider.refused("PATCH", SHOP, {"secrets": body})["message"]
        assert f"{where}[0].name" in message
        assert f"{where}[1].prefix" in message


def test_many_faults_cost_little(provider: Provider) -> None:
    began = process_time()
    provider.refused("PUT", SECRETS, {"secrets": [{}] * 200_000})
    assert process_time() - began < 2.0
