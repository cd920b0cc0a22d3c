"""Invoices, and what may be asked of one."""

from functools import cache

from hypothesis import strategies as st

from equipoise.domain.change import Command
from equipoise.domain.invoice.commands import Move, RequestRefund
from equipoise.domain.invoice.state import Discount, Invoice, Line, Refund, Span, Status
from equipoise.domain.labels import Delete
from tests.properties.strategies.basics import (
    SHORT,
    ids,
    mostly,
    sound_keys,
    sound_texts,
    texts,
    times,
)

_PERIOD = Span("2023-11-01T00:00:00Z", "2023-12-01T00:00:00+01:00")
_DATES = ("2023-11-01T00:00:00.000Z", "2023-11-15T12:00:00-07:00", "2023-11-30T23:00:00Z")


@cache
def amounts() -> st.SearchStrategy[str]:
    """Decimals as they are said, up to nine digits before the point and after it."""
    return st.from_regex(r"[0-9]{1,9}(\.[0-9]{1,9})?", fullmatch=True)


@cache
@st.composite
def invoices(draw: st.DrawFn) -> Invoice:
    """Sound ones, of any status; discounts take whole lines away."""
    lines = draw(st.lists(_lines(), max_size=4))
    less = lines[: draw(st.integers(0, len(lines)))]
    at = draw(times())
    return Invoice(
        id=draw(ids()),
        installation=draw(sound_keys()),
        project=draw(sound_keys()),
        environment=draw(sound_keys()),
        created_at=at,
        changed_at=at,
        number=draw(sound_keys()),
        dated=draw(st.sampled_from(_DATES)),
        period=_PERIOD,
        lines=tuple(lines),
        discounts=tuple(Discount(line.plan, line.name, line.total) for line in less),
        status=draw(st.sampled_from(Status)),
        external_id=draw(st.just("") | sound_texts()),
        memo=draw(sound_texts()),
        test=draw(st.booleans()),
        final=draw(st.booleans()),
    )


@cache
def invoice_commands() -> st.SearchStrategy[Command]:
    move = st.builds(Move, st.sampled_from(Status))
    total = st.just("0") | mostly(amounts(), SHORT)
    return st.one_of(
        move,
        st.builds(RequestRefund, st.builds(Refund, texts(), total)),
        mostly(move, st.just(Delete())),
    )


@cache
def _lines() -> st.SearchStrategy[Line]:
    return st.builds(
        Line,
        plan=sound_texts(),
        name=sound_texts(),
        price=amounts(),
        quantity=st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
        units=sound_texts(),
        total=amounts(),
        resource=sound_texts(),
        details=sound_texts(),
        span=st.sampled_from((Span(), _PERIOD, Span(end=_PERIOD.end))),
    )
