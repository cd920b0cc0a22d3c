"""A shop to look at: an instance with a flag, a metric, and experiments in each state of their life."""

from secrets import token_bytes
from typing import Any

from msgspec.structs import replace

from equipoise.application.authentication import holder
from equipoise.application.founding import found
from equipoise.application.ports import Entry, Store
from equipoise.domain.change import Command, Moment, Noun, apply
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Pause, Resume, Start, Stop
from equipoise.domain.experiment.readiness import facts_of
from equipoise.domain.experiment.state import Experiment, Iteration, MetricUse
from equipoise.domain.flag import FLAG
from equipoise.domain.flag.state import Flag
from equipoise.domain.labels import Rename
from equipoise.domain.metric import METRIC
from equipoise.domain.proposal import Proposal, ProposedArm
from equipoise.domain.token import TOKEN
from equipoise.domain.token.commands import Create as CreateToken
from equipoise.security.tokens import digest, ending
from tests.domain.builders import OFF, ON, a_flag, a_metric, a_segment, a_targeting, a_token
from tests.storage.desk import an_id
from tests.web.browsing import House

ADMIN, READER, STRANGER = ("api-" + letter * 43 for letter in "ars")
HOUR = 3_600_000
DEMO = "The true effect on purchases is +20 %; the split is 50:50."


class Shop:
    """The instance `default`, with environments production and test."""

    def __init__(self, house: House) -> None:
        self.house = house
        found(house.store, house.clock, token_bytes, house.vault, ADMIN)
        with house.store.read() as reader:
            self.admin = holder(reader, ADMIN, house.clock()).id
        self.flag: Flag = a_flag(targeting={"production": a_targeting()}, project="default")
        self.plant(FLAG, None, FLAG.birth(self.flag))
        self.plant(METRIC, None, METRIC.birth(a_metric(key="purchase", name="Purchases")))

    def token(self, secret: str, **fields: Any) -> str:
        """The secret of a new token; a reader of everything where nothing else is said."""
        said = {"id": an_id(secret), "role": "reader", "name": "somebody", **fields}
        token = a_token(digest=digest(secret), ending=ending(secret), **said)
        self.plant(TOKEN, None, CreateToken(token))
        return secret

    def draft(self, key: str, name: str = "A shorter checkout", **fields: Any) -> Experiment:
        iteration = Iteration(
            id=an_id(f"{key}/1"),
            created_at=self.house.clock(),
            hypothesis_text="Fewer steps sell more.",
            unit="user",
            metrics=(MetricUse("purchase"),),
            proposal=Proposal(
                (
                    ProposedArm(OFF, 50_000, control=True, name="Control"),
                    ProposedArm(ON, 40_000, name="Shorter"),
                )
            ),
        )
        iteration = replace(iteration, **fields.pop("iteration", {}))
        made = Experiment(
            id=an_id(key),
            project="default",
            environment="production",
            key=key,
            name=name,
            flag=self.flag.key,
            created_at=self.house.clock(),
            maintainer="",
            draft=iteration,
        )
        return self.plant(EXPERIMENT, None, EXPERIMENT.birth(replace(made, **fields)))  # type: ignore[no-any-return]

    def running(self, key: str, name: str = "A shorter checkout", **fields: Any) -> Experiment:
        draft = self.draft(key, name, **fields)
        facts = facts_of(self.flag, draft.environment, (a_segment(),))
        start = Start(facts, "All is reviewed", {"purchase": 1})
        self.house.clock.pass_ms(HOUR)
        return self.plant(EXPERIMENT, draft, start)  # type: ignore[no-any-return]

    def running_elsewhere(self, key: str, **fields: Any) -> Experiment:
        """On a flag of its own, so that another may run beside it."""
        self.flag = replace(self.flag, id=an_id(f"flag {key}"), key=f"flag-{key}", revision=0)
        self.plant(FLAG, None, FLAG.birth(self.flag))
        return self.running(key, f"Experiment {key}", **fields)

    def eventful(self, key: str) -> Experiment:
        """Started, paused, resumed, renamed and stopped with a winner."""
        now = self.running(key)
        for command in (Pause(), Resume(), Rename("A checkout of two steps"), Stop(ON, "It sold more")):
            self.house.clock.pass_ms(HOUR)
            now = self.plant(EXPERIMENT, now, command, comment="as agreed on Monday")
        return now

    def plant(self, noun: Noun[Any], now: Any, command: Command, comment: str = "") -> Any:
        """One change, past every route and guard; the state after."""
        moment = Moment(self.house.clock(), token_bytes(16))
        outcome = apply(noun, now, command, moment)
        with self.house.store.write() as transaction:
            entry = Entry(moment.at, self.admin, "launchdarkly", comment)
            transaction.settle([outcome], entry)
        return outcome.after


def a_shop(store: Store) -> Shop:
    return Shop(House(store))
