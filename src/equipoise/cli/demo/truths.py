"""What is planted: three experiments of a shop, and what each should come to."""

from msgspec import Struct

from equipoise.analysis.results import Call


class Planted(Struct, frozen=True):
    """One experiment with a truth that only the simulation knows.

    old, new   names of the two arms; `old` is the control
    event      what visitors do, or not
    rates      chance that a visitor of the old, or of the new arm, does it
    basket     mean of its value; 0 for an event without one
    lost       share of visitors of the new arm who leave before their exposure is sent
    lucky      whether the first days are drawn again until a t-test is fooled
    told       the truth in a sentence
    expected   what the evidence should say in the end
    """

    key: str
    name: str
    hypothesis: str
    old: str
    new: str
    event: str
    rates: tuple[float, float]
    told: str
    expected: tuple[Call, ...]
    basket: float = 0.0
    lost: float = 0.0
    lucky: bool = False


PLANTED = (
    Planted(
        key="checkout",
        name="Checkout in two steps",
        hypothesis="Fewer steps sell more",
        old="Four steps",
        new="Two steps",
        event="purchase",
        rates=(0.20, 0.24),
        basket=40.0,
        told="The truth, which only the simulation knows: two steps sell 20 % more often.",
        expected=(Call.BETTER,),
    ),
    Planted(
        key="banner",
        name="Red banner",
        hypothesis="Red is seen",
        old="Blue",
        new="Red",
        event="newsletter",
        rates=(0.15, 0.15),
        lucky=True,
        told="The truth, which only the simulation knows: the colour changes nothing. The first three days "
        "were drawn again until red looked like a winner to a plain t-test, the later ones by chance.",
        expected=(Call.UNDECIDED,),
    ),
    Planted(
        key="search",
        name="New search",
        hypothesis="Better answers are clicked",
        old="Old search",
        new="New search",
        event="search-click",
        rates=(0.30, 0.30),
        lost=0.2,
        told="The truth, which only the simulation knows: nothing changes, but one in five visitors of the "
        "new search leave before the exposure is sent. The split that is found is not what was planned.",
        expected=(Call.UNTRUSTED,),
    ),
)
