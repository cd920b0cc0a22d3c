"""What may be asked of an environment, and what it answers."""

from typing import Any

import pytest

from equipoise.domain import labels
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.environment.commands import (
    Configure,
    Create,
    Paint,
    ReplaceMobileKey,
    ReplaceSdkKey,
)
from equipoise.domain.environment.events import Configured
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.errors import Invalid
from tests.domain.builders import LATER, after, an_environment, events_of


def test_an_environment_is_born_whole() -> None:
    assert after(ENVIRONMENT, None, Create(an_environment())) == an_environment(revision=1, touched_at=LATER)


def test_every_fault_of_a_birth_is_named() -> None:
    wrong = an_environment(id="x", project="", key="no key", name="", color="red", ttl_minutes=61, tags=("",))
    with pytest.raises(Invalid) as refusal:
        events_of(ENVIRONMENT, None, Create(wrong))
    places = {violation.where for violation in refusal.value.violations}
    assert places == {"id", "project", "key", "name", "color", "ttl_minutes", "tags"}


def test_a_violation_does_not_tell_a_key() -> None:
    wrong = an_environment(sdk_key=SealedKey("sealed-secret", ""))
    with pytest.raises(Invalid) as refusal:
        events_of(ENVIRONMENT, None, Create(wrong))
    assert "sealed-secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "command",
    [
        Paint("417505"),
        Configure(),
        Configure(ttl_minutes=0, secure_mode=False, critical=False),
        ReplaceSdkKey(an_environment().sdk_key),
        ReplaceMobileKey(an_environment().mobile_key),
        labels.Rename("Production"),
    ],
)
def test_a_change_that_changes_nothing_is_no_event(command: Any) -> None:
    assert events_of(ENVIRONMENT, an_environment(), command) == ()


@pytest.mark.parametrize("color", ["", "red", "12345", "1234567", "#12345", "12345g", "12345\n"])
def test_a_color_is_six_hexadecimal_digits(color: str) -> None:
    with pytest.raises(Invalid, match="color"):
        events_of(ENVIRONMENT, an_environment(), Paint(color))
    assert after(ENVIRONMENT, an_environment(), Paint("aB09ff")).color == "aB09ff"


@pytest.mark.parametrize("minutes", [-1, 61])
def test_a_relay_caches_an_hour_at_most(minutes: int) -> None:
    with pytest.raises(Invalid, match="ttl_minutes"):
        events_of(ENVIRONMENT, an_environment(), Configure(ttl_minutes=minutes))
    assert after(ENVIRONMENT, an_environment(), Configure(ttl_minutes=60)).ttl_minutes == 60


def test_only_the_switches_that_change_are_told() -> None:
    now = an_environment(secure_mode=True)
    asked = Configure(secure_mode=True, track_events=True, ttl_minutes=5)
    assert events_of(ENVIRONMENT, now, asked) == (Configured(track_events=True, ttl_minutes=5),)


def test_a_switch_is_turned_off() -> None:
    now = after(ENVIRONMENT, an_environment(critical=True), Configure(critical=False))
    assert not now.critical


def test_each_key_is_replaced_for_itself() -> None:
    fresh = SealedKey("sealed", "digest")
    now = after(ENVIRONMENT, an_environment(), ReplaceSdkKey(fresh))
    assert (now.sdk_key, now.mobile_key) == (fresh, an_environment().mobile_key)
    assert after(ENVIRONMENT, now, ReplaceMobileKey(fresh)).mobile_key == fresh
