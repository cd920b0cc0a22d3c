"""Routes of installations."""

from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.application.catalog import page_of
from equipoise.application.requests import Target
from equipoise.application.sign_on import named
from equipoise.application.world import World
from equipoise.dialects.vercel.access import ROOT, reached
from equipoise.dialects.vercel.installations import documents, intents, render
from equipoise.domain.identity import INSTANCE
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import Installation
from equipoise.domain.project import PROJECT
from equipoise.security.permissions import Act
from equipoise.translation.answers import said, shown_once
from equipoise.translation.call import Call
from equipoise.translation.routes import Route

HIDDEN = "********"


def get_installation(call: Call) -> Answer:
    installation = reached(call)

    def answer(world: World) -> Answer:
        now = world.named(INSTALLATION, INSTANCE, installation.key)
        return said(render.installation(now), now.revision)

    return call.read(answer, installation.territory, installation.id)


def update_installation(call: Call) -> Answer:
    installation = reached(call)
    intent = intents.update(installation, call.json() if call.body else {})
    return call.change(
        intent,
        lambda _, now: Answer(204, revision=now.revision),
        installation.territory,
        Target(INSTALLATION, INSTANCE, installation.key),
        about=installation.id,
    )


def get_account(call: Call) -> Answer:
    installation = reached(call)

    def answer(world: World) -> Answer:
        project = world.named(PROJECT, INSTANCE, installation.project)
        return said(render.account(project, page_of(installation.territory, call.url)))

    return call.read(answer, installation.territory, installation.id)


def get_member(call: Call) -> Answer:
    installation = reached(call)

    def answer(world: World) -> Answer:
        project = world.named(PROJECT, INSTANCE, installation.project)
        return said(render.member(named(project.members, call.path["memberId"])))

    return call.read(answer, installation.territory, installation.id)


def create_event(call: Call) -> Answer:
    installation = reached(call)
    intent = intents.tell(installation, call.json())
    return call.change(intent, lambda *_: Answer(201), installation.territory, about=installation.id)


def finalize_installation(call: Call) -> Answer:
    installation = reached(call)
    intent = intents.finalize(installation)
    return call.change(intent, lambda *_: Answer(204), installation.territory, about=installation.id)


def rotate_credential(call: Call) -> Answer:
    installation = reached(call)

    def answer(_: World, rotated: tuple[Installation, str]) -> Answer:
        document = render.credential(*rotated)
        redacted = replace(document, access_token=HIDDEN)
        return replace(shown_once(document, redacted, rotated[0].revision, 200), revision=None)

    intent = intents.rotate(installation, call.json())
    return call.change(intent, answer, installation.territory, about=installation.id)


def revoke_credential(call: Call) -> Answer:
    installation = reached(call)
    intent = intents.revoke(installation, call.json())
    return call.change(
        intent, lambda _, document: said(document), installation.territory, about=installation.id
    )


ROUTES: tuple[Route, ...] = (
    Route(
        "GET",
        ROOT,
        Act.READ,
        get_installation,
        "getInstallation",
        {200: documents.Installation},
        brief=True,
        about="The installation. Not in the published contract; providers ask for it.",
    ),
    Route(
        "PATCH",
        ROOT,
        Act.UPDATE,
        update_installation,
        "updateInstallation",
        {204: None},
        body=documents.UpdateInstallation,
        bodiless=True,
        brief=True,
        about="Changes the status, the plan, the notification, the provider's own id.",
    ),
    Route(
        "GET",
        f"{ROOT}/account",
        Act.READ,
        get_account,
        "getAccountInfo",
        {200: documents.Account},
        brief=True,
        about="Who the customer is: the project.",
    ),
    Route(
        "GET",
        f"{ROOT}/member/{{memberId}}",
        Act.READ,
        get_member,
        "getMember",
        {200: documents.Member},
        brief=True,
        about="A member of the project.",
    ),
    Route(
        "POST",
        f"{ROOT}/events",
        Act.CREATE,
        create_event,
        "createEvent",
        {201: None},
        body=documents.CreateEvent,
        brief=True,
        about="Says that something changed on the provider's side.",
    ),
    Route(
        "POST",
        f"{ROOT}/billing/finalize",
        Act.CREATE,
        finalize_installation,
        "finalizeInstallation",
        {204: None},
        brief=True,
        about="Nothing more will be invoiced.",
    ),
    Route(
        "POST",
        f"{ROOT}/credentials/rotate",
        Act.DELEGATE,
        rotate_credential,
        "rotateInstallationCredential",
        {200: documents.Credential},
        body=documents.Rotate,
        brief=True,
        about="One more token of the installation, for its client's secret; the old ones stay valid.",
    ),
    Route(
        "POST",
        f"{ROOT}/credentials/revoke",
        Act.DELEGATE,
        revoke_credential,
        "revokeInstallationCredential",
        {200: documents.Revoked},
        body=documents.Revoke,
        brief=True,
        about="Makes a token of the installation void.",
    ),
)
