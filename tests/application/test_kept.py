"""What is remembered, and what goes first."""

from equipoise.application.kept import Kept


def test_what_was_made_is_not_made_again() -> None:
    kept: Kept[int] = Kept(2)
    made = iter(range(9))
    assert [kept.get("a", lambda: next(made)), kept.get("a", lambda: next(made))] == [0, 0]


def test_what_was_not_asked_for_longest_goes_first() -> None:
    kept: Kept[str] = Kept(2)
    kept.put("a", "first")
    kept.put("b", "second")
    assert kept.known("a") == "first"
    kept.put("c", "third")
    assert kept.known("b") is None
    assert (kept.known("a"), kept.known("c")) == ("first", "third")
