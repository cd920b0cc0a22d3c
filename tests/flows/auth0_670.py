"""A program of Auth0's client 6.7.0, of the beta: transitions are requests of their own.

It runs where `auth0` is that version, with the address of a server and a token, and prints what it saw.
"""

import json
import sys
from importlib.metadata import version
from typing import Any

from auth0.management import AllocationRequestItem, BadRequestError, SegmentMatchConditions, SegmentRule

from tests.flows.tenant import Flag, Tenant


class Beta:
    """The client. Its methods are those of 6.7.0, of which the types of a newer version know nothing."""

    def __init__(self, tenant: Tenant) -> None:
        self.tenant = tenant
        self.experiments: Any = tenant.experiments
        self.flags: Any = tenant.flags

    def flag(self) -> tuple[Flag, list[str]]:
        """An active one, and what it was before and is."""
        flag = self.tenant.flag(active=False)
        before = self.flags.get(flag.id).status
        return flag, [before, self.flags.update_status(flag.id, status="active").status]

    def experiment(self, flag: Flag) -> list[str]:
        """The statuses of one that goes through its whole life."""
        made = self.tenant.experiment(flag)
        assert self.experiments.validate(made.id).is_valid
        seen = [made.status]
        for status in ("active", "paused", "active", "completed", "archived"):
            seen.append(self.experiments.update_status(made.id, status=status).status)
            if status == "paused":
                self.experiments.update(made.id, name="Fewer", allocations=flag.weighted(20))
        assert self.experiments.get(made.id).name == "Fewer"
        return seen

    def ramp(self, flag: Flag) -> list[int]:
        """The levels that one stood at."""
        arms = [
            AllocationRequestItem(variation_id=flag.control, is_control=True),
            AllocationRequestItem(variation_id=flag.treatment, is_control=False),
        ]
        made = self.tenant.experiment(flag, "Ramped", allocations=arms, levels=[5, 50])
        first = self.experiments.update_status(made.id, status="active").current_level
        second = self.experiments.advance_ramp(made.id, target_level=50).current_level
        return [first, second]

    def refused(self, flag: Flag) -> str:
        """Why a draft is not paused."""
        draft = self.tenant.experiment(flag, "A draft")
        try:
            self.experiments.update_status(draft.id, status="paused")
        except BadRequestError as error:
            code: str = error.body["errorCode"]
            return code
        raise AssertionError("a draft was paused")

    def rest(self, flag: Flag) -> None:
        """What is left of its operations: reading, changing and deleting."""
        segments, variations = self.tenant.segments, self.tenant.variations
        rules = [SegmentRule(match=SegmentMatchConditions(country=["AT"]))]
        segment = segments.create(name="Austria", rules=rules)
        assert segments.update(segment.id, name="Near").name == segments.get(segment.id).name
        assert [each.id for each in segments.list()] == [segment.id]
        segments.delete(segment.id)
        variations.update(flag.id, flag.treatment, description="Only one")
        assert variations.get(flag.id, flag.treatment).description == "Only one"
        assert len(variations.list(flag.id).variations) == 2
        assert self.flags.update(flag.id, description="Of the page").description == "Of the page"
        assert [each.id for each in self.flags.list()] == [flag.id]
        for each in self.experiments.list():
            if each.status == "active":
                self.experiments.update_status(each.id, status="paused")
        for each in [*self.experiments.list(), *self.experiments.list(status="archived")]:
            self.experiments.delete(each.id)
        spare = variations.create(flag.id, name="Spare", overrides={})
        variations.delete(flag.id, spare.id)
        assert self.flags.update_status(flag.id, status="archived").status == "archived"
        self.flags.delete(flag.id)


def main(url: str, token: str) -> None:
    beta = Beta(Tenant(url, token))
    flag, flag_statuses = beta.flag()
    seen = {
        "version": version("auth0-python"),
        "flag": flag_statuses,
        "experiment": beta.experiment(flag),
        "refused": beta.refused(flag),
        "levels": beta.ramp(flag),
    }
    beta.rest(flag)
    print(json.dumps({**seen, "operations": sorted(beta.tenant.watched.operations)}))


if __name__ == "__main__":
    main(*sys.argv[1:])
