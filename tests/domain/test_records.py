"""The key by which units are sorted and joined."""

from equipoise.domain.records import unit_key


def test_a_unit_key_is_the_first_sixty_bits_of_a_hash_that_any_engine_can_compute() -> None:
    # printf 'user\0u-1' | sha1sum
    assert unit_key("user", "u-1") == 0x4464E2140B7928B


def test_kinds_do_not_share_keys() -> None:
    assert unit_key("user", "a") != unit_key("device", "a")
    assert unit_key("ab", "c") != unit_key("a", "bc")


def test_a_lone_surrogate_has_a_key_too() -> None:
    assert 0 <= unit_key("user", "\ud800") < 1 << 60
