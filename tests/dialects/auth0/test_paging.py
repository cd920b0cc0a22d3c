"""Lists by checkpoint: page by page everything is told once, whatever happens between two pages."""

from collections.abc import Iterator
from typing import Any

import pytest

from equipoise.dialects.auth0 import ids
from tests.dialects.auth0.shop import EXPERIMENTS, FLAGS, RULES, SEGMENTS, Offer, Shop, a_flag

LISTS = {EXPERIMENTS: "experiments", FLAGS: "feature_flags", SEGMENTS: "segments"}
NOUNS = {EXPERIMENTS: "experiment", FLAGS: "feature flag", SEGMENTS: "segment"}
over_lists = pytest.mark.parametrize("path", LISTS)


def pages(shop: Shop, path: str, **params: str) -> Iterator[tuple[list[str], Any]]:
    """Names, page by page, and what the page is followed by."""
    while True:
        document = shop.get(path, **params)
        yield [each["name"] for each in document[LISTS[path]]], document.get("next")
        if "next" not in document:
            return
        params["from"] = document["next"]


def names(shop: Shop, path: str, **params: str) -> list[str]:
    return [name for page, _ in pages(shop, path, **params) for name in page]


def some(shop: Shop, path: str, count: int, at_once: bool = True) -> list[str]:
    """The names of so many, the oldest first; `at_once` in the same millisecond."""
    offer = shop.flag("Of all") if path == EXPERIMENTS else None
    made = [f"Name {number:03}" for number in range(count)]
    for name in made:
        make(shop, path, name, offer)
        if at_once:
            shop.surface.clock.pass_ms(-1_000)
    return made


def make(shop: Shop, path: str, name: str, offer: Offer | None = None) -> str:
    """The path of it."""
    if path == EXPERIMENTS:
        assert offer is not None, "an experiment needs a flag"
        return shop.experiment(offer, name)
    body = a_flag(name) if path == FLAGS else {"name": name, "rules": RULES}
    return f"{path}/{shop.made(path, body)['id']}"


@over_lists
@pytest.mark.parametrize(("count", "take"), [(0, 1), (1, 1), (2, 1), (5, 2), (6, 2), (6, 3), (7, 50)])
def test_pages_tell_everything_once_and_the_last_one_names_no_other(
    shop: Shop, path: str, count: int, take: int
) -> None:
    made = some(shop, path, count)
    told = [(page, following) for page, following in pages(shop, path, take=str(take))]
    assert sorted(name for page, _ in told for name in page) == made
    assert [len(page) for page, _ in told[:-1]] == [take] * (len(told) - 1)
    assert all(following for _, following in told[:-1])
    assert told[-1][1] is None
    assert len(told) == max(-(-count // take), 1)


@over_lists
def test_those_made_one_after_the_other_are_told_so(shop: Shop, path: str) -> None:
    made = some(shop, path, 5, at_once=False)
    assert names(shop, path, take="2") == made


@over_lists
def test_a_page_holds_25_unless_it_is_said_otherwise_and_50_at_most(shop: Shop, path: str) -> None:
    some(shop, path, 52)
    assert [len(page) for page, _ in pages(shop, path)] == [25, 25, 2]
    assert [len(page) for page, _ in pages(shop, path, take="50")] == [50, 2]


@over_lists
@pytest.mark.parametrize(
    "take", ["0", "51", "-1", "", " 5", "+5", "5.0", "1e1", "abc", "٣", "²", "½", "00005", "9" * 5_000, "0x5"]
)
def test_a_page_that_is_too_large_or_of_no_number_is_refused(shop: Shop, path: str, take: str) -> None:
    assert "take" in shop.refused("GET", path, params={"take": take})


@over_lists
@pytest.mark.parametrize(
    "start", ["x", "exp_", "0", "٣", "' OR 1=1 --", "\U0001f600", "x" * 5_000, "../", "flg_" + "1" * 18]
)
def test_a_page_that_starts_nowhere_is_refused(shop: Shop, path: str, start: str) -> None:
    assert "from" in shop.refused("GET", path, params={"from": start})


def test_a_page_does_not_start_at_an_id_of_something_else(shop: Shop) -> None:
    offer, segment = shop.flag(), shop.segment()
    shop.refused("GET", SEGMENTS, params={"from": offer.flag})
    shop.refused("GET", FLAGS, params={"from": segment})
    shop.refused("GET", FLAGS, params={"from": offer.control})


@over_lists
def test_an_empty_start_is_the_beginning(shop: Shop, path: str) -> None:
    made = some(shop, path, 2, at_once=False)
    assert names(shop, path, **{"from": "", "take": "1"}) == made


@over_lists
@pytest.mark.parametrize("at_once", [True, False])
def test_nothing_is_passed_over_where_the_next_one_is_deleted_meanwhile(
    shop: Shop, path: str, at_once: bool
) -> None:
    some(shop, path, 6, at_once)
    document = shop.get(path, take="2")
    told, following = document[LISTS[path]], document["next"]
    shop.told("DELETE", f"{path}/{following}", status=204)
    left = set(names(shop, path))
    rest = names(shop, path, **{"from": following, "take": "2"})
    assert {each["name"] for each in told} | set(rest) == left
    if not at_once:
        assert len(rest) == 3


@over_lists
def test_what_is_made_meanwhile_comes_at_the_end(shop: Shop, path: str) -> None:
    made = some(shop, path, 3, at_once=False)
    following = shop.get(path, take="2")["next"]
    offer = shop.flag("Another of all") if path == EXPERIMENTS else None
    make(shop, path, "Latecomer", offer)
    assert names(shop, path, **{"from": following}) == [made[2], "Latecomer"]


@over_lists
def test_a_page_that_starts_at_the_end_of_time_is_empty(shop: Shop, path: str) -> None:
    some(shop, path, 1)
    last = ids.spelled(NOUNS[path], "f" * 24)
    assert shop.get(path, **{"from": last}) == {LISTS[path]: []}


@over_lists
def test_what_is_archived_is_hidden(shop: Shop, path: str) -> None:
    made = some(shop, path, 5, at_once=False)
    for each in shop.get(path)[LISTS[path]][1:3]:
        shop.patch(f"{path}/{each['id']}", status="archived")
    assert names(shop, path, take="1") == [made[0], *made[3:]]


@pytest.mark.parametrize("path", [EXPERIMENTS, FLAGS])
def test_what_is_archived_is_told_where_it_is_asked_for(shop: Shop, path: str) -> None:
    made = some(shop, path, 5, at_once=False)
    for each in shop.get(path)[LISTS[path]][1:3]:
        shop.patch(f"{path}/{each['id']}", status="archived")
    assert names(shop, path, take="1", status="archived") == made[1:3]
    assert names(shop, path, take="1", status="draft") == [made[0], *made[3:]]


def test_a_page_that_starts_at_what_was_archived_meanwhile_goes_on_behind_it(shop: Shop) -> None:
    made = some(shop, FLAGS, 4, at_once=False)
    following = shop.get(FLAGS, take="2")["next"]
    shop.patch(f"{FLAGS}/{following}", status="archived")
    assert names(shop, FLAGS, **{"from": following}) == made[3:]


def test_a_filter_that_the_store_cannot_be_asked_fills_its_pages_all_the_same(shop: Shop) -> None:
    """The active among many drafts, which a page of the store holds none or few of."""
    made = some(shop, FLAGS, 120, at_once=False)
    flags = shop.get(FLAGS, take="50")["feature_flags"]
    wanted = [flags[3], flags[40]]
    for each in wanted:
        for name in (
            "One",
            "Two",
        ):
            shop.made(f"{FLAGS}/{each['id']}/variations", {"name": f"{name} of it", "overrides": {}})
        shop.patch(f"{FLAGS}/{each['id']}", status="active")
    assert [page for page, _ in pages(shop, FLAGS, status="active", take="1")] == [[made[3]], [made[40]]]
    drafts = [name for name in made if name not in (made[3], made[40])]
    assert names(shop, FLAGS, status="draft", take="50") == drafts


def test_experiments_are_told_by_status_flow_and_flag(shop: Shop) -> None:
    one, two = shop.flag("One flag"), shop.flag("Two flag")
    shop.in_status(one, "completed", "Done already", authentication_flow="mfa_challenge")
    shop.in_status(one, "active", "Running")
    shop.in_status(two, "draft", "Waiting", authentication_flow="password_reset")
    shop.in_status(two, "paused", "Taking a break", authentication_flow="login")
    assert names(shop, EXPERIMENTS, status="active") == ["Running"]
    assert names(shop, EXPERIMENTS, status="draft") == ["Waiting"]
    assert names(shop, EXPERIMENTS, status="completed") == ["Done already"]
    assert names(shop, EXPERIMENTS, status="paused") == ["Taking a break"]
    assert names(shop, EXPERIMENTS, authentication_flow="mfa_challenge", take="1") == ["Done already"]
    assert names(shop, EXPERIMENTS, feature_flag_id=two.flag) == ["Waiting", "Taking a break"]
    assert names(shop, EXPERIMENTS, feature_flag_id=two.flag, status="draft") == ["Waiting"]
    assert names(shop, EXPERIMENTS, feature_flag_id=two.flag, status="active") == []


@pytest.mark.parametrize("id", ["x", "flg_" + "1" * 17, "exp_" + "1" * 17])
def test_no_experiment_is_on_a_flag_that_is_not_there(shop: Shop, id: str) -> None:
    shop.experiment(shop.flag())
    assert names(shop, EXPERIMENTS, feature_flag_id=id) == []


@pytest.mark.parametrize(
    ("path", "name"), [(FLAGS, "status"), (FLAGS, "type"), (SEGMENTS, "type"), (EXPERIMENTS, "status")]
)
def test_a_filter_of_no_known_value_is_refused(shop: Shop, path: str, name: str) -> None:
    assert name in shop.refused("GET", path, params={name: "running"})


@pytest.mark.parametrize("path", [FLAGS, SEGMENTS])
def test_nothing_is_managed_by_auth0(shop: Shop, path: str) -> None:
    made = some(shop, path, 2, at_once=False)
    assert names(shop, path, type="self") == made
    assert names(shop, path, type="auth0") == []
