"""Installations as documents."""

from typing import Literal

from msgspec import UNSET

from equipoise.dialects.vercel.installations import documents
from equipoise.domain.installation.state import Installation
from equipoise.domain.project.state import Member, Project

ADMINS = ("owner", "admin")  # roles of members
NEVER_SECONDS = 2**31 - 1


def installation(now: Installation) -> documents.Installation:
    return documents.Installation(
        id=now.key,
        status=now.status,  # type: ignore[arg-type]
        externalId=now.external_id or UNSET,
        billingPlan=UNSET if now.billing_plan is None else now.billing_plan,
        notification=UNSET if now.notification is None else now.notification,
    )


def account(project: Project, url: str) -> documents.Account:
    """The project is the customer; its first member with an address is whom to write to."""
    known = (member for member in project.members if member.email)
    contact = next((_contact(member) for member in known), None)
    return documents.Account(url, contact, project.name)


def _contact(member: Member) -> documents.Contact:
    name = f"{member.first_name} {member.last_name}".strip()
    return documents.Contact(member.email, name or UNSET)


def member(found: Member) -> documents.Member:
    return documents.Member(
        found.id,
        role_of(found),
        found.id,
        found.email or UNSET,
    )


def role_of(found: Member) -> Literal["ADMIN", "USER"]:
    return "ADMIN" if found.role in ADMINS else "USER"


def credential(now: Installation, token: str) -> documents.Credential:
    return documents.Credential(token, "oauth2-token", now.key, NEVER_SECONDS)
