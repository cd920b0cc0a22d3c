"""What may be asked of a resource, and what it answers."""

from typing import Any

import pytest

from equipoise.domain import labels
from equipoise.domain.change import Command
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.errors import Exceeded, Invalid, Refused
from equipoise.domain.installation.state import STATUSES, UNINSTALLED
from equipoise.domain.limits import (
    KEY_LENGTH_MAX,
    NAME_LENGTH_MAX,
    RESOURCE_FIELD_BYTES_MAX,
    RESOURCE_ID_LENGTH_MAX,
    RESOURCE_NAME_LENGTH_MAX,
    SECRETS_PER_RESOURCE_MAX,
)
from equipoise.domain.resource import RESOURCE
from equipoise.domain.resource.commands import Configure, Create, SetSecrets
from equipoise.domain.resource.events import Configured, SecretsSet
from equipoise.domain.resource.state import OWNERSHIPS, Secret
from tests.domain.builders import LATER, a_resource, after, events_of

FULL = {"": "x" * (RESOURCE_FIELD_BYTES_MAX - len('{"":""}'))}
TOO_FULL = {"": FULL[""] + "x"}
SECRET = Secret("API_KEY", "sealed", "NEXT_PUBLIC_", {"preview": "sealed-too"})


def test_a_resource_is_born_whole() -> None:
    whole = a_resource(metadata=FULL, extras=FULL, billing_plan=FULL, notification=FULL, secrets=(SECRET,))
    born = after(RESOURCE, None, Create(whole))
    assert (born.revision, born.touched_at, born.secrets, born.metadata) == (1, LATER, (SECRET,), FULL)


def test_every_fault_of_a_birth_is_named() -> None:
    wrong = a_resource(
        id="x",
        store="x",
        installation="a/b",
        provided="",
        project="",
        environment="",
        read_key=SealedKey("sealed", ""),
        product="p" * (KEY_LENGTH_MAX + 1),
        name="n" * (RESOURCE_NAME_LENGTH_MAX + 1),
        status="asleep",
        ownership="stolen",
        metadata=TOO_FULL,
        billing_plan=TOO_FULL,
        notification=TOO_FULL,
        extras=TOO_FULL,
        secrets=(Secret("", ""),),
    )
    with pytest.raises(Invalid) as refusal:
        events_of(RESOURCE, None, Create(wrong))
    places = {violation.where for violation in refusal.value.violations}
    ours = {"id", "store", "installation", "provided", "project", "environment", "read_key"}
    said = set(Configure.__struct_fields__)
    assert places == ours | said | {"secrets[0].name", "secrets[0]"}


@pytest.mark.parametrize("read_key", [SealedKey("", "digest"), SealedKey("sealed", "")])
def test_a_read_key_is_born_sealed(read_key: SealedKey) -> None:
    with pytest.raises(Invalid, match="read_key: must be sealed"):
        events_of(RESOURCE, None, Create(a_resource(read_key=read_key)))


def test_a_provided_id_is_any_text_of_so_many_characters() -> None:
    assert events_of(RESOURCE, None, Create(a_resource(provided="é/" * (RESOURCE_ID_LENGTH_MAX // 2))))
    for provided in ("", "\0", "p" * (RESOURCE_ID_LENGTH_MAX + 1)):
        with pytest.raises(Invalid, match="provided"):
            events_of(RESOURCE, None, Create(a_resource(provided=provided)))


@pytest.mark.parametrize(
    "fields",
    [
        {"product": "p" * KEY_LENGTH_MAX},
        {"name": "n" * RESOURCE_NAME_LENGTH_MAX},
        {"name": ""},
        *({"status": status} for status in STATUSES if status != "ready"),
        *({"ownership": ownership} for ownership in OWNERSHIPS if ownership != "owned"),
        {"metadata": FULL},
        {"billing_plan": FULL},
        {"notification": FULL},
        {"extras": FULL},
        {"name": "Other", "metadata": {"a": [None]}, "notification": "Hello"},
    ],
    ids=lambda it: ", ".join(it),
)
def test_what_is_configured_is_so_and_said_again_is_no_event(fields: dict[str, Any]) -> None:
    assert events_of(RESOURCE, a_resource(), Configure(**fields)) == (Configured(**fields),)
    now = after(RESOURCE, a_resource(), Configure(**fields))
    assert now == a_resource(**fields, revision=1, touched_at=LATER)
    assert events_of(RESOURCE, now, Configure(**fields)) == ()


def test_what_is_not_said_stays_as_it_is_and_what_is_none_is_taken_away() -> None:
    now = a_resource(billing_plan=1, notification=2)
    assert events_of(RESOURCE, now, Configure()) == ()
    assert events_of(RESOURCE, now, Configure(name="The shop", billing_plan=None)) == (
        Configured(billing_plan=None),
    )
    assert after(RESOURCE, now, Configure(billing_plan=None)).notification == 2


def test_metadata_of_one_is_not_metadata_of_true_and_its_order_is_nothing() -> None:
    now = a_resource(metadata={"a": 1, "b": 2})
    assert events_of(RESOURCE, now, Configure(metadata={"b": 2, "a": 1})) == ()
    for one in (1.0, True):
        assert events_of(RESOURCE, now, Configure(metadata={"a": one, "b": 2}))


@pytest.mark.parametrize(
    "fields",
    [
        {"product": "p" * (KEY_LENGTH_MAX + 1)},
        {"product": "\0"},
        {"name": "n" * (RESOURCE_NAME_LENGTH_MAX + 1)},
        {"status": "asleep"},
        {"ownership": "stolen"},
        {"metadata": TOO_FULL},
        {"billing_plan": TOO_FULL},
        {"notification": TOO_FULL},
        {"extras": TOO_FULL},
    ],
    ids=lambda it: ", ".join(it),
)
def test_a_configuration_names_what_is_wrong_and_nothing_that_is_not_said(fields: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        events_of(RESOURCE, a_resource(), Configure(**fields))
    assert [violation.where for violation in refusal.value.violations] == list(fields)


def test_secrets_are_set_whole_and_the_same_are_no_event() -> None:
    assert events_of(RESOURCE, a_resource(), SetSecrets((SECRET,))) == (SecretsSet((SECRET,)),)
    now = after(RESOURCE, a_resource(secrets=(Secret("OLD", "sealed"),)), SetSecrets((SECRET,)))
    assert now.secrets == (SECRET,)
    assert events_of(RESOURCE, now, SetSecrets((SECRET,))) == ()
    assert after(RESOURCE, now, SetSecrets(())).secrets == ()


@pytest.mark.parametrize(
    ("secrets", "fault"),
    [
        ((Secret("", "sealed"),), r"secrets\[0\].name: must not be empty"),
        ((Secret("n" * (NAME_LENGTH_MAX + 1), "sealed"),), r"secrets\[0\].name: must be at most"),
        ((SECRET, Secret("B", "sealed", "p" * (NAME_LENGTH_MAX + 1))), r"secrets\[1\].prefix"),
        ((Secret("A", ""),), r"secrets\[0\]: must be sealed"),
        ((Secret("A", "sealed", overrides={"preview": ""}),), r"secrets\[0\]: must be sealed"),
        ((SECRET, Secret("API_KEY", "other")), "secrets: each name stands once"),
    ],
)
def test_a_secret_that_is_not_sound_is_invalid(secrets: tuple[Secret, ...], fault: str) -> None:
    for command, now in ((SetSecrets(secrets), a_resource()), (Create(a_resource(secrets=secrets)), None)):
        with pytest.raises(Invalid, match=fault):
            events_of(RESOURCE, now, command)


def test_a_violation_does_not_tell_what_may_be_a_secret() -> None:
    with pytest.raises(Invalid) as refusal:
        events_of(RESOURCE, a_resource(), SetSecrets((Secret("", "hush", overrides={"preview": ""}),)))
    assert "hush" not in str(refusal.value)


def test_there_are_so_many_secrets_and_no_more() -> None:
    full = tuple(Secret("n" * (number + 1), "sealed") for number in range(SECRETS_PER_RESOURCE_MAX))
    assert events_of(RESOURCE, a_resource(), SetSecrets(full))
    with pytest.raises(Exceeded, match="SECRETS_PER_RESOURCE_MAX"):
        events_of(RESOURCE, a_resource(), SetSecrets((*full, SECRET)))


@pytest.mark.parametrize(
    "command", [Configure(status="ready"), Configure(name="Other"), SetSecrets((SECRET,))]
)
def test_an_uninstalled_resource_stays_as_it_is(command: Command) -> None:
    with pytest.raises(Refused, match="cannot change it: resource shop is uninstalled"):
        events_of(RESOURCE, a_resource(status=UNINSTALLED), command)


@pytest.mark.parametrize(
    "command", [Configure(), Configure(status=UNINSTALLED, name="The shop"), SetSecrets(())]
)
def test_what_changes_nothing_is_not_refused_to_an_uninstalled_resource(command: Command) -> None:
    assert events_of(RESOURCE, a_resource(status=UNINSTALLED), command) == ()


def test_what_is_wrong_is_invalid_before_it_is_refused() -> None:
    with pytest.raises(Invalid):
        events_of(RESOURCE, a_resource(status=UNINSTALLED), Configure(status="asleep"))


@pytest.mark.parametrize("status", STATUSES)
def test_a_resource_of_any_status_can_be_deleted(status: str) -> None:
    assert events_of(RESOURCE, a_resource(status=status), labels.Delete()) == (labels.Deleted(),)
