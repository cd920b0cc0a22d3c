"""Which experiment an exposure belongs to, by the rule and the version that it names."""

from equipoise.application.ports import Store
from equipoise.domain.environment import ENVIRONMENT
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.experiment.commands import Pause
from equipoise.domain.flag import FLAG
from equipoise.events.attribution import NO_EXPERIMENT, Attribution, Traced
from tests.domain.builders import ID, OFF, ON, a_flag, a_targeting, an_environment
from tests.domain.experiment.examples import FIRST, a_start, an_experiment, an_iteration, by_segment
from tests.storage.desk import bear, change


def test_who_was_served_by_segment_is_in_the_arm_of_its_variation(any_store: Store) -> None:
    bear(any_store, ENVIRONMENT, an_environment())  # 1
    bear(any_store, FLAG, a_flag(targeting={"production": a_targeting()}))  # 2
    bear(any_store, EXPERIMENT, an_experiment(draft=an_iteration(proposal=by_segment(), unit="device")))  # 3
    change(any_store, EXPERIMENT, ID, a_start(), Pause())  # 4 and 5
    attribution = Attribution()
    expected = Traced("", ID, FIRST, 0, "device", (ON, OFF), ("server", "mobile"))
    with any_store.read() as reader:
        for rule in (f"{FIRST}.{ON}.beta", "fallthrough"):
            traced = [attribution.trace(reader, ID, "checkout", version, rule) for version in (3, 4, 5, 4)]
            nothing = Traced(NO_EXPERIMENT)
            assert traced == [nothing, expected, nothing, expected]
        assert attribution.trace(reader, ID, "checkout", 4, f"{FIRST}.{OFF}.beta") == Traced(NO_EXPERIMENT)
