"""Bodies of events: the name they count once under, and what is said when they cannot be kept."""

from hashlib import sha256

import pytest

from equipoise.application.lake import Full
from equipoise.application.serving import NotReady
from equipoise.domain.errors import Missing
from equipoise.translation.intake import Passing, later, payload_of, retry_after


def test_a_body_has_the_senders_name_or_one_of_ours() -> None:
    assert payload_of("n" * 64) == "n" * 64
    assert payload_of("n" * 65) == sha256(b"n" * 65).hexdigest()
    assert payload_of("") != payload_of("")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotReady("it is loading"), ("not_ready", "Try again in a moment: it is loading.")),
        (
            Missing("environment", "e"),
            ("not_ready", f"Try again in a moment: {Missing('environment', 'e')}."),
        ),
        (Full("it is full"), ("busy", "Events are not taken just now: it is full.")),
        (OSError(28, "No space left"), ("busy", "Events cannot be stored just now: No space left.")),
    ],
)
def test_what_may_pass_is_told_with_its_cause(error: Passing, said: tuple[str, str]) -> None:
    assert later(error) == said


def test_only_what_may_pass_says_when_to_come_again() -> None:
    assert retry_after(503) == (("Retry-After", "1"),)
    assert [retry_after(status) for status in (400, 401, 413, 500)] == [()] * 4
