"""What the pages show, to whom, and under which policy."""

from threading import Event

import msgspec
import pytest
from msgspec.structs import replace

from equipoise.analysis.results import Call, Results
from equipoise.domain.errors import Refused
from equipoise.domain.experiment import EXPERIMENT
from equipoise.domain.identity import Place
from equipoise.domain.labels import Archive, Describe
from equipoise.domain.metric import METRIC
from equipoise.security.principals import Principal
from equipoise.web import Pages
from equipoise.web.html import POLICY
from tests.domain.builders import OFF, ON, a_metric
from tests.storage.desk import an_id
from tests.web.browsing import HERE, Browser
from tests.web.reading import read
from tests.web.shop import DEMO, READER, Shop
from tests.web.some_results import BROKEN, FEW, a_comparison, an_arm, an_estimate, some_results

ONE = f"{HERE}/checkout"
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'>{{7*7}}"


def test_an_empty_environment_says_what_to_do(browser: Browser) -> None:
    assert "No experiment yet" in read(browser.get(HERE)).text


def test_the_list_has_a_line_for_each_experiment(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    shop.draft("buttons", "Bigger buttons")
    page = read(browser.get(HERE))
    for said in ("2 experiments", "A shorter checkout", "Bigger buttons", "running", "draft", "user"):
        assert said in page.text
    assert {ONE, f"{HERE}/buttons"} <= set(page.addresses["a"])


def test_the_list_is_searched_and_filtered(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    archived = shop.draft("buttons", "Bigger buttons")
    assert "Bigger buttons" not in read(browser.get(f"{HERE}?q=SHORTER")).text
    assert "A shorter checkout" not in read(browser.get(f"{HERE}?status=draft")).text
    shop.plant(EXPERIMENT, archived, Archive())
    assert "Bigger buttons" not in read(browser.get(HERE)).text
    assert "Bigger buttons" in read(browser.get(f"{HERE}?archived=yes")).text
    assert "Nothing matches" in read(browser.get(f"{HERE}?q=nowhere")).text


def test_the_list_is_turned_page_by_page(shop: Shop, browser: Browser) -> None:
    for number in range(27):
        shop.draft(f"draft-{number:02}", f"Draft {number:02}")
    first, second = read(browser.get(f"{HERE}?q=draft")), read(browser.get(f"{HERE}?q=draft&page=2"))
    assert "27 experiments, 1 to 25 shown" in first.text
    assert "?q=draft&page=2" in first.addresses["a"]
    assert "26 to 27 shown" in second.text
    shown = [f"Draft {number:02}" in page.text for page in (first, second) for number in range(27)]
    assert sum(shown) == 27


@pytest.mark.parametrize(
    "query",
    [
        *("page=0", "page=-1", "page=x", "page=99999999999999999999", "page=1e9", "page=&page=", "before=x"),
        *("status=nope", "q=" + "é" * 5_000, "q=%00", "q=%ff", "q=%25_%27--", "[]=1&q[]=2", "a=1&" * 200),
        "before=99999999999999999999",
    ],
)
def test_strange_questions_are_answered(query: str, shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    for path in (HERE, ONE, f"{ONE}/result", "/ui/sign-in"):
        read(browser.get(f"{path}?{query}"))


def test_an_experiment_shows_its_design_and_its_life(shop: Shop, browser: Browser) -> None:
    shop.eventful("checkout")
    page = read(browser.get(ONE))
    for said in ("A checkout of two steps", "stopped", "Fewer steps sell more.", "checkout", "default rule"):
        assert said in page.text
    for said in ("Control", "Shorter", "50\N{NARROW NO-BREAK SPACE}%", "in no arm", "winner", "Purchases"):
        assert said in " ".join(page.words)
    for said in ("Paused:", "Started: All is reviewed", "Stopped: It sold more", "as agreed on Monday"):
        assert said in page.text
    assert "first admin token" in page.text


def test_a_draft_says_what_it_lacks(shop: Shop, browser: Browser) -> None:
    shop.draft("buttons", iteration={"unit": "", "metrics": ()})
    page = read(browser.get(f"{HERE}/buttons"))
    assert "unit: must be set" in page.text
    assert "metrics: no metric decides" in page.text
    assert "Nothing to see before it starts" in read(browser.get(f"{HERE}/buttons/result")).text
    assert shop.house.reports.asked == []


def test_the_change_log_is_turned_page_by_page(shop: Shop, browser: Browser) -> None:
    now = shop.running("checkout")
    for number in range(25):
        now = shop.plant(EXPERIMENT, now, Describe(f"text {number}"), comment=f"comment {number:02}.")
    first = read(browser.get(ONE))
    assert "comment 24." in first.text
    assert "comment 04." not in first.text
    (older,) = (each for each in first.addresses["a"] if each.startswith("?before="))
    second = read(browser.get(ONE + older.partition("#")[0]))
    shown = [f"comment {number:02}." in page.text for page in (first, second) for number in range(25)]
    assert sum(shown) == 25
    assert "Created" in second.text


@pytest.mark.parametrize("call", Call)
def test_a_result_shows_its_verdict_and_what_it_rests_on(call: Call, shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    shop.house.reports.given = results = some_results(call)
    page = read(browser.get(f"{ONE}/result"))
    assert results.verdict.sentence in page.text
    assert results.verdict.next_step in page.text
    assert results.computation.plan in page.text
    assert "sha1/15hex" in page.text
    for check in results.health:
        assert check.sentence in page.text
    assert len(page.addresses.get("img", [])) == (0 if call is Call.NO_DATA else 3)


def test_a_result_that_was_decided_says_who_won_and_why(shop: Shop, browser: Browser) -> None:
    shop.eventful("checkout")
    text = read(browser.get(f"{ONE}/result")).text
    assert "won, and is served to everybody" in text
    assert "Reason given: “It sold more”" in text
    assert text.index("Decided") < text.index("Effect by metric")


def test_what_looking_every_day_would_have_done_stands_below_the_chart(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    shop.house.reports.given = some_results(Call.UNDECIDED)
    page = read(browser.get(f"{ONE}/result"))
    said = "would have called a difference at 13 of 14 looks; the always-valid interval at 9."
    shop.house.reports.given = some_results(Call.BETTER)
    assert said not in page.text
    assert "Neither a plain t-test nor the always-valid interval" in page.text


def test_shares_of_units_are_percentages_and_tiny_p_values_have_powers(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    tiny = an_estimate(p_value=0.0, p_log10=-419.7)
    shop.house.reports.given = some_results(comparisons=(a_comparison(always=tiny, binary=True),))
    words = " ".join(read(browser.get(f"{ONE}/result")).words)
    for said in (
        "10.0\N{NARROW NO-BREAK SPACE}%",
        "12.0\N{NARROW NO-BREAK SPACE}%",
        "+2.00 pp",
        "+1.50 to +2.50 pp",
    ):
        assert said in words
    assert "2.0\N{NARROW NO-BREAK SPACE}×\N{NARROW NO-BREAK SPACE}10⁻⁴²⁰" in words


def test_pages_are_counted_by_their_names(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    for path in (HERE, f"{ONE}/result", f"{HERE}/nope", "/ui/nope"):
        browser.get(path)
    assert shop.house.counted[-4:] == [
        ("web", "experiments", "GET", 200),
        ("web", "result", "GET", 200),
        ("web", "experiment", "GET", 404),
        ("web", "", "GET", 404),
    ]


def test_what_readers_would_wait_for_is_made_once_and_beside_the_first_page(shop: Shop) -> None:
    house, made, go = shop.house, Event(), Event()
    times: list[int] = []

    def ahead() -> None:
        go.wait(10)
        times.append(1)
        made.set()

    app = Pages(house.app._library, house.reception, house.reports, house.threads, ahead=ahead)
    browser = Browser(app)
    assert browser.get("/ui/sign-in").status_code == 200
    assert times == [], "nobody waited for it"
    go.set()
    assert made.wait(10)
    assert browser.get("/ui/sign-in").status_code == 200
    assert times == [1]


def test_a_broken_split_is_said_before_any_figure(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    shop.house.reports.given = some_results(Call.UNTRUSTED)
    text = read(browser.get(f"{ONE}/result")).text
    assert text.index(BROKEN.sentence) < text.index("Effect by metric")
    assert BROKEN.remedy in text


def test_what_cannot_be_estimated_says_why(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    nothing = a_comparison(always=None, fixed=None, warnings=(FEW,))
    shop.house.reports.given = some_results(Call.UNDECIDED, comparisons=(nothing,))
    text = read(browser.get(f"{ONE}/result")).text
    assert FEW.sentence in text
    assert FEW.remedy in text


def test_the_figures_of_a_demonstration_stand_beside_the_truth(shop: Shop, browser: Browser) -> None:
    shop.running("checkout", annotations={"equipoise.demo": DEMO})
    shop.running_elsewhere("other", annotations={"equipoise.demo": {"not": "text"}})
    shop.running_elsewhere("tagged", description=DEMO, tags=("equipoise-demo",))
    for path in (ONE, f"{ONE}/result", f"{HERE}/tagged/result"):
        assert DEMO in read(browser.get(path)).text
    assert "Demonstration" not in read(browser.get(f"{HERE}/other")).text


def test_the_whole_result_is_there_for_programs(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    answer = browser.get(f"{ONE}/result.json")
    assert answer.headers["content-type"] == "application/json"
    assert msgspec.json.decode(answer.content, type=Results) == shop.house.reports.given


def test_a_chart_is_of_the_figures_on_its_page(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    page = read(browser.get(f"{ONE}/result"))
    shop.house.reports.given = some_results(Call.WORSE)
    asked = len(shop.house.reports.asked)
    for address in (*page.addresses["img"], *page.addresses["source"]):
        drawn = browser.get(address)
        assert drawn.headers["content-type"] == "image/svg+xml"
        assert drawn.content.startswith(b"<svg")
        assert "immutable" in drawn.headers["cache-control"]
    assert len(shop.house.reports.asked) == asked, "nothing was computed again"


def test_a_chart_has_two_themes_and_three_widths(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    said = [
        f"theme={theme}&size={size}" for theme in ("light", "dark") for size in ("wide", "middle", "narrow")
    ]
    drawn = {browser.get(f"{ONE}/result/interval.svg?{each}").content for each in said}
    assert len(drawn) == 6
    assert browser.get(f"{ONE}/result/interval.svg?theme=%3Cscript%3E&size=x").content in drawn


@pytest.mark.parametrize("mark", ["", "?v=ofalongtimeago"])
def test_a_chart_that_is_asked_for_without_its_mark_is_of_the_figures_as_they_are(
    mark: str, shop: Shop, browser: Browser
) -> None:
    shop.running("checkout")
    shop.house.reports.given = some_results(Call.BETTER)
    before = browser.get(f"{ONE}/result/forest.json{mark}").content
    shop.house.reports.given = some_results(Call.WORSE)
    assert browser.get(f"{ONE}/result/forest.json{mark}").content != before


@pytest.mark.parametrize("chart", ["nope.svg", "forest.png", "forest", "..%2Fx.svg", ".svg"])
def test_a_chart_that_is_none_is_nothing(chart: str, shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    read(browser.get(f"{ONE}/result/{chart}"), 404)


def test_what_was_seen_already_is_not_sent_again(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    for path in (HERE, ONE, f"{ONE}/result", f"{ONE}/result/forest.svg", f"{ONE}/result.json"):
        first = browser.get(path)
        again = browser.get(path, if_none_match=first.headers["etag"])
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["content-security-policy"] == POLICY
        assert "private" in first.headers["cache-control"]


def test_every_answer_has_the_policy(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    stranger = shop.house.browser()
    answers = [
        *(browser.get(path) for path in ("/ui", HERE, ONE, f"{ONE}/result", f"{ONE}/result/forest.json")),
        *(browser.get(f"/ui/static/{name}") for name in ("style.css", "page.js", "charts.js", "nope.js")),
        browser.get("/ui/nope"),
        browser.get("/ui/%ff"),
        browser.post(HERE),
        browser.head(HERE),
        stranger.get(HERE),
        stranger.post("/ui/sign-in", token="wrong"),
        stranger.post("/ui/sign-in", token="x" * 20_000),
    ]
    assert [each.status_code for each in answers] == [
        303, 200, 200, 200, 200, 200, 200, 200, 404, 404, 400, 405, 200, 303, 403, 413,
    ]  # fmt: skip
    for answer in answers:
        assert answer.headers["content-security-policy"] == POLICY
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "access-control-allow-origin" not in answer.headers
    assert "unsafe" not in POLICY


def test_what_others_wrote_stays_text(shop: Shop, browser: Browser) -> None:
    shop.plant(METRIC, None, METRIC.birth(a_metric(id=an_id("m2"), key="evil", name=EVIL)))
    evil = {"hypothesis_text": EVIL, "metrics": ()}
    now = shop.running("checkout", EVIL, description=EVIL, tags=(EVIL,), iteration=evil)
    shop.plant(EXPERIMENT, now, Describe("else"), comment=EVIL)
    verdict = replace(some_results().verdict, sentence=EVIL, next_step=EVIL)
    shop.house.reports.given = some_results(
        arms=(an_arm("off", EVIL), an_arm("on", EVIL)),
        comparisons=(a_comparison(name=EVIL),),
        verdict=verdict,
        computation=replace(some_results().computation, sql=(EVIL, "</code></pre>" + EVIL)),
    )
    for path in (HERE, ONE, f"{ONE}/result", f"{HERE}?q={EVIL}", f"/ui/sign-in?next={EVIL}"):
        answer = browser.get(path)
        page = read(answer)
        assert "<script>alert" not in answer.text
        assert "onerror=alert(2)>" not in answer.text.replace("onerror=alert(2)&gt;", "")
        assert "49" not in page.text.replace("2049", "")
    assert EVIL in read(browser.get(ONE)).text


def test_what_a_token_may_not_see_does_not_exist(shop: Shop) -> None:
    shop.running("checkout")
    for confined in ({"project": "default", "environment": "test"}, {"project": "elsewhere"}):
        secret = shop.token(READER + str(len(confined)), **confined)
        browser = shop.house.browser(secret)
        for path in (HERE, ONE, f"{ONE}/result", f"{ONE}/result.json", f"{ONE}/result/forest.svg"):
            answer = browser.get(path)
            assert "shorter" not in answer.text.lower()
            read(answer, 404)
    assert shop.house.reports.asked == []


def test_a_chart_that_one_may_see_is_kept_from_another(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    (first, *_) = read(browser.get(f"{ONE}/result")).addresses["img"]
    assert browser.get(first).status_code == 200
    confined = shop.house.browser(shop.token(READER, project="default", environment="test"))
    read(confined.get(first), 404)


def test_nothing_is_where_nothing_is(browser: Browser) -> None:
    for path in (
        f"{HERE}/nope",
        f"{HERE}/nope/result",
        "/ui/nope",
        "/ui/projects/x/environments/y/experiments",
    ):
        page = read(browser.get(path), 404)
        assert "/ui" in page.addresses["a"]


def test_what_the_domain_refuses_is_a_sentence(shop: Shop, browser: Browser) -> None:
    shop.running("checkout")
    shop.house.reports.given = Refused("compute results", "the data", "is being moved")
    assert "the data is being moved" in read(browser.get(f"{ONE}/result"), 400).text


def test_a_fault_of_ours_has_a_reference_and_no_trace(
    shop: Shop, browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    shop.running("checkout")

    def broken(principal: Principal, place: Place, key: str) -> Results:
        raise ZeroDivisionError("secret inside")

    shop.house.app._reports = broken
    answer = browser.get(f"{ONE}/result")
    page = read(answer, 500)
    assert "secret inside" not in answer.text
    reference = answer.headers["x-request-id"]
    assert reference in page.text
    assert reference in caplog.text


def test_static_files_are_kept_for_good_and_packed(browser: Browser) -> None:
    answer = browser.get("/ui/static/style.css?v=x", accept_encoding="gzip")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    assert "prefers-color-scheme: dark" in answer.text
    assert "content-encoding" not in browser.get("/ui/static/style.css", accept_encoding="identity").headers


def test_arms_by_segment_are_shown_without_shares(shop: Shop, browser: Browser) -> None:
    from equipoise.domain.proposal import Proposal, ProposedArm

    arms = ProposedArm(ON, segment="beta", priority=1), ProposedArm(OFF, fallback=True, control=True)
    shop.running("checkout", iteration={"proposal": Proposal(arms)})
    page = read(browser.get(ONE))
    assert "beta" in page.text
    assert "everybody else" in page.text
    assert "in no arm" not in page.text


def test_a_ramp_says_what_it_stands_at(shop: Shop, browser: Browser) -> None:
    from equipoise.domain.proposal import Proposal, ProposedArm

    arms = ProposedArm(ON, name="Shorter"), ProposedArm(OFF, control=True, name="Control")
    shop.running("checkout", iteration={"proposal": Proposal(arms, "", (10_000, 50_000))})
    page = read(browser.get(ONE))
    assert "A ramp of 10, 50 %, at 10 %" in page.text
    assert "in no arm, not counted" in page.text
