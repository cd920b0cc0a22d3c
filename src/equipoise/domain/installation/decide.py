"""What the commands to an installation lead to. Once it is uninstalled it stays as it is, but for its removal
and its coming back. No violation repeats a digest: it may be shown and logged."""

from collections.abc import Iterator

from msgspec import UNSET

from equipoise.domain import labels
from equipoise.domain.change import Command, Decide, Event, Moment
from equipoise.domain.environment.state import SealedKey
from equipoise.domain.errors import Missing, Refused, Violation, check
from equipoise.domain.free import changed, size_rule
from equipoise.domain.identity import digest_rule, is_id, key_rule, text_rule
from equipoise.domain.installation.commands import (
    AddToken,
    Configure,
    Create,
    Finalize,
    Introduce,
    NumberInvoice,
    Redeem,
    Reinstall,
    RevokeToken,
    Tell,
)
from equipoise.domain.installation.events import (
    Configured,
    Created,
    Finalized,
    Introduced,
    InvoiceNumbered,
    Redeemed,
    Reinstalled,
    TokenAdded,
    TokenRevoked,
    Told,
)
from equipoise.domain.installation.lifecycle import while_installed
from equipoise.domain.installation.state import STATUSES, UNINSTALLED, Installation
from equipoise.domain.limits import KEY_LENGTH_MAX, within

Events = tuple[Event, ...]
Findings = Iterator[bool | Violation]


def create(_: None, command: Create, _moment: Moment) -> Events:
    born = command.installation
    within("TOKENS_PER_INSTALLATION_MAX", len(born.tokens))
    within("CODES_PER_INSTALLATION_MAX", len(born.codes))
    check(
        is_id(born.id) or Violation("id", "must be 24 hexadecimal digits", born.id),
        key_rule("key", born.key),
        key_rule("project", born.project),
        key_rule("environment", born.environment),
        key_rule("client", born.client),
        *_of_key(born.client_secret),
        bool(born.signing.sealed) or Violation("signing", "must be sealed"),
        *(digest_rule("digest", each) for each in (*born.tokens, *born.revoked)),
        *(digest_rule("digest", each.digest) for each in born.codes),
        *_of_fields(born.status, born.external_id, born.billing_plan, born.notification),
    )
    return (Created(born),)


def configure(now: Installation, command: Configure, _: Moment) -> Events:
    check(
        *_of_fields(
            now.status if command.status is UNSET else command.status,
            now.external_id if command.external_id is UNSET else command.external_id,
            command.billing_plan,
            command.notification,
        )
    )
    said = changed(now, command)
    return (Configured(**said),) if said else ()


def reinstall(now: Installation, command: Reinstall, _: Moment) -> Events:
    check(*_of_key(command.client_secret))
    return (Reinstalled(command.client_secret),) if now.status == UNINSTALLED else ()


def add_token(now: Installation, command: AddToken, _: Moment) -> Events:
    check(digest_rule("digest", command.digest))
    if command.digest in now.tokens:
        return ()
    if command.digest in now.revoked:
        raise Refused("add the token", now.said, "revoked it")
    within("TOKENS_PER_INSTALLATION_MAX", len(now.tokens) + 1)
    return (TokenAdded(command.digest),)


def revoke_token(now: Installation, command: RevokeToken, _: Moment) -> Events:
    return (TokenRevoked(command.digest),) if command.digest in now.tokens else ()


def introduce(now: Installation, command: Introduce, moment: Moment) -> Events:
    code = command.code
    check(
        digest_rule("digest", code.digest),
        text_rule("member", code.member, KEY_LENGTH_MAX),
        code.expires_at > moment.at or Violation("expires_at", "must be in the future", code.expires_at),
    )
    if any(each.digest == code.digest for each in now.codes):
        return ()
    old = tuple(each.digest for each in now.codes if each.expires_at <= moment.at)
    within("CODES_PER_INSTALLATION_MAX", len(now.codes) - len(old) + 1)
    return (Introduced(code, old),)


def redeem(now: Installation, command: Redeem, moment: Moment) -> Events:
    known = any(each.digest == command.digest and each.expires_at > moment.at for each in now.codes)
    if not known:
        raise Missing("code", "")
    return (Redeemed(command.digest),)


def tell(_: Installation, command: Tell, moment: Moment) -> Events:
    check(size_rule("event", command.what))
    return (Told(command.what, moment.at),)


def number_invoice(now: Installation, _: NumberInvoice, _moment: Moment) -> Events:
    if now.finalized_at is not None:
        raise Refused("invoice", now.said, "is finalized")
    return (InvoiceNumbered(now.invoices + 1),)


def finalize(now: Installation, _: Finalize, moment: Moment) -> Events:
    return () if now.finalized_at is not None else (Finalized(moment.at),)


def _of_fields(status: str, external_id: str, billing_plan: object, notification: object) -> Findings:
    yield status in STATUSES or Violation("status", f"must be one of {', '.join(STATUSES)}", status)
    yield text_rule("external_id", external_id, KEY_LENGTH_MAX)
    yield size_rule("billing_plan", billing_plan)
    yield size_rule("notification", notification)


def _of_key(key: SealedKey) -> Findings:
    yield bool(key.sealed and key.digest) or Violation("client_secret", "must be sealed")


_CHANGES: dict[type[Command], Decide] = {
    Configure: configure,
    AddToken: add_token,
    RevokeToken: revoke_token,
    Introduce: introduce,
    Redeem: redeem,
    Tell: tell,
    NumberInvoice: number_invoice,
    Finalize: finalize,
}
DECIDE: dict[type[Command], Decide] = {
    **labels.deciding(labels.Delete),
    **{command: while_installed(decide) for command, decide in _CHANGES.items()},
    Create: create,
    Reinstall: reinstall,
}
