"""The rate limiter."""

from equipoise.translation.limiter import WINDOW_MS, Limiter, Rates


def test_requests_are_refused_past_the_rate_and_served_again_in_the_next_window() -> None:
    now = [1_000_000_000_000]
    limiter = Limiter(Rates(token=3, route=2), lambda: now[0])
    assert [limiter.take("me", "get").refused for _ in range(3)] == [False, False, True]
    assert limiter.take("you", "get").refused is False
    now[0] += WINDOW_MS
    assert limiter.take("me", "get").refused is False


def test_a_token_has_a_rate_over_all_routes() -> None:
    limiter = Limiter(Rates(token=3, route=2), lambda: 0)
    taken = [limiter.take("me", route).refused for route in ("a", "b", "c", "d")]
    assert taken == [False, False, False, True]


def test_a_quota_says_what_is_left_and_when_the_window_ends() -> None:
    limiter = Limiter(Rates(token=10, route=5), lambda: WINDOW_MS + 1)
    quota = limiter.take("me", "get")
    assert (quota.token_left, quota.route_left, quota.reset_at) == (9, 4, 2 * WINDOW_MS)


def test_a_limiter_that_is_off_counts_and_refuses_nothing() -> None:
    limiter = Limiter(Rates(token=1, route=1, enforced=False), lambda: 0)
    assert [limiter.take("me", "get").refused for _ in range(3)] == [False] * 3
