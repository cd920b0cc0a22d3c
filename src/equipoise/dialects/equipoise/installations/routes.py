"""Routes of installations, for those who run the instance. Providers have a surface of their own."""

from typing import Any

from equipoise.application.answers import Answer
from equipoise.application.installations import Installed, resource_of
from equipoise.application.ports import Query
from equipoise.application.requests import Target
from equipoise.application.world import World
from equipoise.dialects.equipoise.installations import documents, intents, render
from equipoise.dialects.equipoise.scope import SCOPE, place_of
from equipoise.domain.change import Noun
from equipoise.domain.config_store import CONFIG_STORE
from equipoise.domain.identity import INSTANCE, Id, Place
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import Installation
from equipoise.domain.invoice import INVOICE
from equipoise.domain.invoice.state import Invoice
from equipoise.domain.statement import STATEMENT
from equipoise.security.permissions import Act, admit, may
from equipoise.translation.abroad import CLIENT
from equipoise.translation.answers import GONE, HIDDEN, said, shown_once
from equipoise.translation.call import Call
from equipoise.translation.routes import Parameter, Route

ALL = "/equipoise/v1/installations"
ONE = f"{ALL}/{{id}}"
LIMIT, LIMIT_MAX = 50, 200
INVOICE_OF = f"{ONE}/invoices/{{invoice}}"


def get_installations(call: Call) -> Answer:
    def answer(world: World) -> Answer:
        found = world.select(INSTALLATION, Query(INSTANCE)).items
        return said(documents.Installations([render.installation(each) for each in found]))

    return call.read(answer)


def install(call: Call) -> Answer:
    admit(call.library.principal(call.credential), call.route.act)  # before a key is made, which costs
    place = place_of(call)

    def answer(_: World, made: Installed) -> Answer:
        told = render.installed(made, made.token, made.client_secret)
        redacted = render.installed(made, HIDDEN, HIDDEN)
        return shown_once(told, redacted, made.installation.revision)

    return call.change(intents.install(place, call.json(), call.abroad.say(CLIENT, "")), answer, place)


def get_installation(call: Call) -> Answer:
    def answer(world: World) -> Answer:
        now = intents.named(world, call.path["id"])
        return said(render.installation(now), now.revision)

    return call.read(answer, _place(call))


def delete_installation(call: Call) -> Answer:
    key = call.path["id"]
    return call.change(
        intents.remove(key), lambda *_: GONE, _place(call), Target(INSTALLATION, INSTANCE, key)
    )


def create_code(call: Call) -> Answer:
    def answer(_: World, made: tuple[str, int]) -> Answer:
        code, expires_at = made
        return shown_once(documents.Code(code, expires_at), documents.Code(HIDDEN, expires_at), None)

    return call.change(intents.create_code(call.path["id"], call.json()), answer, _place(call))


def get_store(call: Call) -> Answer:
    def answer(world: World) -> Answer:
        installation = intents.named(world, call.path["id"])
        resource = resource_of(world, installation, call.path["resource"])
        trusted = may(world.principal, Act.UPDATE)
        secret = world.open(resource.read_key) if trusted else HIDDEN
        store = world.get(CONFIG_STORE, resource.store)
        return said(render.store(store, call.abroad, call.url, secret))

    return call.read(answer, _place(call))


def get_billing(call: Call) -> Answer:
    def answer(world: World) -> Answer:
        now, most = intents.named(world, call.path["id"]), call.number("limit", LIMIT, LIMIT_MAX, least=1)
        invoices, statements = (_last(world, now, noun, most) for noun in (INVOICE, STATEMENT))
        return said(
            documents.Billing(
                [render.invoice(each, call.abroad) for each in invoices],
                [render.statement(each) for each in statements],
            )
        )

    return call.read(answer, _place(call))


def get_invoice(call: Call) -> Answer:
    def answer(world: World) -> Answer:
        now = intents.invoice(world, call.path["id"], _invoice(call))
        return said(render.invoice(now, call.abroad), now.revision)

    return call.read(answer, _place(call))


def move_invoice(call: Call) -> Answer:
    def answer(_: World, now: Invoice) -> Answer:
        return said(render.invoice(now, call.abroad), now.revision)

    id = _invoice(call)
    intent = intents.move_invoice(call.path["id"], id, call.json())
    return call.change(intent, answer, _place(call), Target(INVOICE, id=id))


def _invoice(call: Call) -> Id:
    return call.abroad.read(INVOICE.name, call.path["invoice"])


def _last(world: World, now: Installation, noun: Noun[Any], most: int) -> tuple[Any, ...]:
    """The newest first."""
    links, newest = (("installation", now.key),), (("created_at", True),)
    return world.select(noun, Query(now.territory, links=links, sort=newest, limit=most)).items


def _place(call: Call) -> Place:
    """The environment of the installation; where whoever calls knows of none, what is theirs: there the desk
    finds that it is missing, after all that comes first. raises Unknown"""
    principal = call.library.principal(call.credential)
    with call.library.store.read() as reader:
        found = reader.named(INSTALLATION, INSTANCE, call.path["id"])
    known = found is not None and principal.sees(found.territory)
    return found.territory if found is not None and known else principal.territory


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        ALL,
        Act.READ,
        get_installations,
        "getInstallations",
        {200: documents.Installations},
        about="The installations of providers that the token may know of.",
    ),
    Route(
        "POST",
        ALL,
        Act.ADMINISTER,
        install,
        "install",
        {201: documents.Installed},
        body=documents.Install,
        query=SCOPE,
        about="Makes an installation for an environment, or one more token of it.",
    ),
    Route(
        "GET",
        ONE,
        Act.READ,
        get_installation,
        "getInstallation",
        {200: documents.Installation},
        brief=True,
        about="One installation.",
    ),
    Route(
        "DELETE",
        ONE,
        Act.ADMINISTER,
        delete_installation,
        "deleteInstallation",
        {204: None},
        about="Deletes an installation, with its resources and all they published.",
    ),
    Route(
        "POST",
        f"{ONE}/codes",
        Act.DELEGATE,
        create_code,
        "createCode",
        {201: documents.Code},
        body=documents.CreateCode,
        about="A code with which a member comes to the provider, who exchanges it for an identity.",
    ),
    Route(
        "GET",
        f"{ONE}/resources/{{resource}}/store",
        Act.READ,
        get_store,
        "getConfigStore",
        {200: documents.ConfigStore},
        brief=True,
        about="The config store of a resource, and what applications read it with.",
    ),
    Route(
        "GET",
        f"{ONE}/billing",
        Act.READ,
        get_billing,
        "getBilling",
        {200: documents.Billing},
        query=(Parameter("limit", f"Of each, 1 to {LIMIT_MAX}; {LIMIT} where it is not said.", "integer"),),
        about="What the provider said of money: the newest invoices, and statements of usage and balances.",
    ),
    Route(
        "GET",
        INVOICE_OF,
        Act.READ,
        get_invoice,
        "getInvoice",
        {200: documents.Invoice},
        brief=True,
        about="One invoice, in short.",
    ),
    Route(
        "PATCH",
        INVOICE_OF,
        Act.ADMINISTER,
        move_invoice,
        "moveInvoice",
        {200: documents.Invoice},
        body=documents.MoveInvoice,
        about="Moves an invoice on, as whoever pays it would.",
    ),
)
