"""Routes of installations."""

from msgspec.structs import replace

from equipoise.application.answers import Answer
from equipoise.application.requests import Target
from equipoise.application.sign_on import named
from equipoise.application.world import World
from equipoise.dialects.vercel.access import ROOT, changed, shown
from equipoise.dialects.vercel.installations import documents, intents, render
from equipoise.domain.identity import INSTANCE
from equipoise.domain.installation import INSTALLATION
from equipoise.domain.installation.state import Installation
from equipoise.domain.project import PROJECT
from equipoise.security.permissions import Act
from equipoise.translation.answers import HIDDEN, said, shown_once
from equipoise.translation.call import Call
from equipoise.translation.routes import Route


def get_installation(call: Call) -> Answer:
    def answer(world: World, known: Installation) -> Answer:
        now = world.get(INSTALLATION, known.id)
        return said(render.installation(now), now.revision)

    return shown(call, answer)


def update_installation(call: Call) -> Answer:
    return changed(call, intents.update, _done, lambda known: Target(INSTALLATION, id=known.id))


def get_account(call: Call) -> Answer:
    def answer(world: World, known: Installation) -> Answer:
        project = world.named(PROJECT, INSTANCE, known.project)
        return said(render.account(project, call.page(known.territory)))

    return shown(call, answer)


def get_member(call: Call) -> Answer:
    def answer(world: World, known: Installation) -> Answer:
        return said(render.member(named(world, known.project, call.path["memberId"])))

    return shown(call, answer)


def create_event(call: Call) -> Answer:
    return changed(call, intents.tell, lambda _, now: Answer(201, revision=now.revision))


def finalize_installation(call: Call) -> Answer:
    return changed(call, intents.finalize, _done)


def rotate_credential(call: Call) -> Answer:
    def answer(_: World, rotated: tuple[Installation, str]) -> Answer:
        document = render.credential(*rotated)
        return shown_once(document, replace(document, access_token=HIDDEN), None, 200)

    return changed(call, intents.rotate, answer)


def revoke_credential(call: Call) -> Answer:
    return changed(call, intents.revoke, lambda _, document: said(document))


def _done(_: World, now: Installation) -> Answer:
    return Answer(204, revision=now.revision)


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
