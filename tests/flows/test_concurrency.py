"""Many clients, several server processes, one experiment."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

import httpx
import pytest

from tests.flows.shop import EXPERIMENTS, make_experiment, ok, patch
from tests.served import Place, Server, serving

CLIENTS = 16
CHANGES = 200

Servers = tuple[Server, Server]
Send = Callable[[httpx.Client, int], httpx.Response]


@pytest.fixture(scope="module")
def two(lasting: Place) -> Iterator[Servers]:
    """Two server processes on one store."""
    with serving(lasting) as first, serving(lasting) as second:
        make_experiment(first.client)
        yield first, second


def each(servers: Servers, send: Send) -> list[httpx.Response]:
    """One request for each number, spread over the servers, many at once."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        asked = zip(cycle(servers), range(CHANGES))
        return list(pool.map(lambda pair: send(pair[0].client, pair[1]), asked))


def revisions(server: Server) -> int:
    tag = server.client.get(f"{EXPERIMENTS}/new-checkout").headers["etag"]
    return int(tag.split("-")[1])


def test_of_two_hundred_concurrent_patches_none_is_lost_and_none_applied_twice(two: Servers) -> None:
    before = revisions(two[0])

    def add(client: httpx.Client, number: int) -> httpx.Response:
        value = {"tags": {"operation": "add", "value": [f"t{number}"]}}
        return patch(client, "new-checkout", {"kind": "updateExperimentFields", "value": value})

    # at most a hundred tags fit, so each change takes out what another put in
    def swap(client: httpx.Client, number: int) -> httpx.Response:
        return patch(client, "new-checkout", {"kind": "updateDescription", "value": f"change {number}"})

    answers = each(two, lambda client, n: add(client, n) if n < 90 else swap(client, n))
    assert Counter(answer.status_code for answer in answers) == {200: CHANGES}
    after = ok(two[1].client.get(f"{EXPERIMENTS}/new-checkout"))
    assert sorted(after["tags"]) == sorted(f"t{number}" for number in range(90))
    assert revisions(two[0]) == before + CHANGES


def test_of_each_pair_with_one_etag_exactly_one_wins(two: Servers) -> None:
    with ThreadPoolExecutor(2) as pool:
        for turn in range(CHANGES // 2):
            tag = two[0].client.get(f"{EXPERIMENTS}/new-checkout").headers["etag"]

            def rename(server: Server, tag: str = tag, turn: int = turn) -> int:
                instruction = {"kind": "updateName", "value": f"turn {turn} at {server.url[-5:]}"}
                return patch(server.client, "new-checkout", instruction, **{"If-Match": tag}).status_code

            assert sorted(pool.map(rename, two)) == [200, 412]


def test_one_idempotency_key_makes_one_change_and_two_hundred_equal_answers(two: Servers) -> None:
    before = revisions(two[0])

    def rename(client: httpx.Client, _: int) -> httpx.Response:
        instruction = {"kind": "updateName", "value": "once"}
        return patch(client, "new-checkout", instruction, **{"Idempotency-Key": "only-once"})

    answers = each(two, rename)
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert revisions(two[1]) == before + 1
    other = patch(
        two[0].client,
        "new-checkout",
        {"kind": "updateName", "value": "twice"},
        **{"Idempotency-Key": "only-once"},
    )
    assert other.status_code == 422
