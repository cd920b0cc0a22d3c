"""Pages for what goes wrong: what it is, and what to do next."""

from equipoise.application.answers import Answer
from equipoise.domain.errors import DomainError, Forbidden, Missing
from equipoise.translation.errors import NoMethod, NoRoute, Oversized, TransportError
from equipoise.web.html import page
from equipoise.web.visit import ForeignForm

_NOTHING = (
    404,
    "There is nothing here",
    "No such page, or it lies outside what you may see.",
    "Check the address, or start from the list of experiments.",
)


def refused(error: DomainError | TransportError | ForeignForm, who: str | None = None) -> Answer:
    """The page for what was refused. `who` signed in, if anybody did."""
    match error:
        case Missing() | NoRoute():
            said = _NOTHING
        case ForeignForm():
            said = (
                403,
                "This form cannot be taken",
                "It comes from another site: its Origin is not the address that was asked.",
                "Open the page here and send its own form. A proxy before this server must leave Host alone.",
            )
        case Forbidden():
            said = (403, "You may not do this", f"{_sentence(error)}", "Ask an admin for a token that may.")
        case NoMethod():
            said = (
                405,
                "This cannot be sent here",
                f"{_sentence(error)}",
                "Go back and use the page's own form.",
            )
        case Oversized():
            said = (413, "That is too much", f"{_sentence(error)}", "Go back and send less.")
        case _:
            said = (
                400,
                "This cannot be shown",
                f"{_sentence(error)}",
                "Go back and change what you asked for.",
            )
    status, title, sentence, step = said
    allow = (("Allow", ", ".join(error.allowed)),) if isinstance(error, NoMethod) else ()
    return page("problem", status, allow, title=title, sentence=sentence, step=step, reference="", who=who)


def fault(reference: str) -> Answer:
    """The page for a fault of ours; its trace stands in the log under the reference."""
    return page(
        "problem",
        500,
        title="Something went wrong on our side",
        sentence="This page could not be made. Nothing was changed by asking for it.",
        step="Try again; if it stays, look for this reference in the server's log.",
        reference=reference,
    )


def _sentence(error: Exception) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] + "."
