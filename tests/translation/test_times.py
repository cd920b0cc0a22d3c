"""Times on the wire."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from equipoise.translation import times


@given(st.integers(0, 4_000_000_000_000))
def test_a_time_is_told_to_the_millisecond(at: int) -> None:
    said = times.iso(at)
    assert said.endswith("Z")
    assert len(said) == len("2026-11-20T00:00:00.000Z")
    told = datetime.fromisoformat(said)
    assert round((told - datetime.fromtimestamp(0, UTC)).total_seconds() * 1_000) == at
