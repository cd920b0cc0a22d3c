"""Names and descriptions as the published pattern means them, and keys that are made of names."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from equipoise.dialects.auth0 import texts
from equipoise.domain.identity import key_rule
from tests.dialects.auth0.shop import FLAGS, SEGMENTS, Shop, a_flag

# In ECMAScript: what `\s` is, and what `.` is not.
LINE_ENDS = "\n\r\u2028\u2029"
SPACES = [
    char
    for char in map(chr, range(0x10000))
    if unicodedata.category(char) == "Zs" or char in f"\t\v\f\ufeff{LINE_ENDS}"
]


def named(text: str) -> bool:
    return texts.name_rule("name", text) is True


def described(text: str) -> bool:
    return texts.description_rule("description", text) is True


@pytest.mark.parametrize("space", SPACES, ids=lambda char: f"U+{ord(char):04X}")
def test_no_blank_stands_at_either_end(space: str) -> None:
    for text in (f"{space}abc", f"abc{space}"):
        assert not named(text)
        assert not described(text)
    assert described(f"ab{space}cd") is (space not in LINE_ENDS)


@pytest.mark.parametrize("char", ["\x85", "\x1c", "\x1f", "\u180e", "\u200b", "\u2060"])
def test_what_other_languages_hold_for_blank_may_stand_at_an_end(char: str) -> None:
    assert described(f"{char}abc{char}")


@pytest.mark.parametrize("char", ["\t", "\v", "\x01", "\x1b", "\x1c", "\x7f"])
def test_a_name_holds_no_control_character(char: str) -> None:
    assert not named(f"ab{char}cd")
    assert described(f"ab{char}cd")


@pytest.mark.parametrize(
    ("name", "well_said"),
    [
        ("abc\n", False),
        ("a\0bc", False),
        ("abc\0", False),
        ("\0\0\0", False),
        ("", False),
        ("ab", False),
        ("abc", True),
        ("a c", True),
        ("   ", False),
        ("\U0001f600" * 2, False),
        ("\U0001f600" * 3, True),
        ("\U0001f600" * 255, True),
        ("\U0001f600" * 256, False),
        ("e\u0301" * 127 + "e", True),
        ("e\u0301" * 128, False),
        ("x" * 255, True),
        ("x" * 256, False),
        ("x" * 5_000_000, False),
        ("ab\ud800", False),
    ],
    ids=range(19),
)
def test_a_name_is_3_to_255_code_points_on_one_line_without_nul(name: str, well_said: bool) -> None:
    assert named(name) is well_said


def test_a_description_may_be_longer() -> None:
    assert described("x" * 1_024)
    assert not described("x" * 1_025)
    assert not described("xy")


@given(st.text(st.sampled_from([*SPACES, "a", "\0", "\x85", "\U0001f600"]), max_size=8))
def test_the_rule_of_descriptions_is_the_published_pattern(text: str) -> None:
    ends = text[:1] + text[-1:]
    on_one_line = not any(char in LINE_ENDS or char == "\0" for char in text)
    assert described(text) is (len(text) >= 3 and on_one_line and not any(char in SPACES for char in ends))


@pytest.mark.parametrize("name", ["Checkout\n", "\xa0Checkout", "Checkout\ufeff", "Check\u2028out", "ab"])
def test_a_name_that_is_badly_said_is_refused_wherever_it_is_said(shop: Shop, name: str) -> None:
    offer, segment = shop.flag(), shop.segment()
    for method, path, body in (
        ("POST", FLAGS, a_flag(name)),
        ("PATCH", offer.path, {"name": name}),
        ("POST", f"{offer.path}/variations", {"name": name, "overrides": {}}),
        ("PATCH", f"{offer.path}/variations/{offer.control}", {"name": name}),
        ("PATCH", f"{SEGMENTS}/{segment}", {"name": name}),
        ("PATCH", f"{SEGMENTS}/{segment}", {"description": name}),
    ):
        assert "without a blank at either end" in shop.refused(method, path, body)


def test_a_name_of_characters_beyond_the_first_plane_comes_back_as_it_was(shop: Shop) -> None:
    name = "\U0001f600" * 255
    assert shop.made(FLAGS, a_flag(name))["name"] == name


# keys


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("New login!", "new-login"),
        ("  New -- login  ", "new-login"),
        ("Ünïted", "united"),
        ("Ⅷ ﬁne", "viii-fine"),
        ("日本語", ""),
        ("!!!", ""),
        ("../../etc/passwd", "etc-passwd"),
        ("x" * 200, "x" * 80),
        ("x" * 79 + " y", "x" * 79),
    ],
)
def test_a_key_is_made_of_the_letters_and_digits_of_a_name(name: str, slug: str) -> None:
    assert texts.slug(name) == slug


@given(st.text())
def test_a_slug_is_a_key_or_nothing(name: str) -> None:
    slug = texts.slug(name)
    assert slug == "" or key_rule("key", slug) is True


@given(st.text(max_size=20), st.sets(st.text(max_size=10)), st.booleans())
def test_a_key_is_never_one_that_is_taken(name: str, taken: set[str], all_taken: bool) -> None:
    id = "0123456789abcdef01234567"
    key = texts.key_of(name, id, lambda key: all_taken or key in taken)
    assert key_rule("key", key) is True
    assert key == id or key not in taken


def test_names_that_differ_where_keys_cannot_get_a_key_each(shop: Shop) -> None:
    for name in ("New login!", "New login?", "new LOGIN", "日本語", "中文字"):
        shop.made(FLAGS, a_flag(name))
    keys = [shop.stored_flag(name).key for name in ("New login!", "New login?", "new LOGIN")]
    assert keys == ["new-login", "new-login-2", "new-login-3"]
    for name in ("日本語", "中文字"):
        flag = shop.stored_flag(name)
        assert flag.key == flag.id


def test_a_key_is_an_id_once_too_many_others_are_named_alike(shop: Shop) -> None:
    for ends in range(texts.TRIES + 1):
        shop.made(FLAGS, a_flag("New login" + "!" * ends))
    last = shop.stored_flag("New login" + "!" * texts.TRIES)
    assert last.key == last.id
