"""The check of every page can fail, and what makes axe quick changes nothing of what it says."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types

from tests.browser.axe import LIGHT, QUICK, grave
from tests.browser.conftest import Walk

pytestmark = pytest.mark.browser

FAULTS = """() => document.querySelector("h1").insertAdjacentHTML("afterend", `
  <p id="pale">Pale</p><p id="faint">Faint</p><div id="thin"><b>Thin</b></div><p id="hue">Hue</p><p id="fine">Fine</p>
  <img src="data:," ><button></button><input><h5 role="status">Deep</h5><h2></h2>`)"""
COLOURS = """() => {
  for (const [id, name, value] of [
    ["pale", "color", "#aaa"], ["faint", "color", "rgba(10, 10, 10, .2)"], ["thin", "opacity", ".3"],
    ["hue", "color", "oklch(0.8 0.1 120)"], ["fine", "color", "color(srgb 0 0 0.4)"], ["fine", "background", "hsl(60deg 80% 90%)"],
  ]) document.getElementById(id).style.setProperty(name, value);
}"""
EVERYTHING = """async () => {
  const {violations, passes, incomplete, inapplicable} = await axe.run();
  return {violations, passes, incomplete, inapplicable};
}"""


@pytest.fixture
def faulty(desk: Walk) -> Walk:
    desk.open("/accounts/login/")
    desk.page.evaluate(FAULTS)
    desk.page.evaluate(COLOURS)
    return desk


def test_a_page_with_faults_does_not_pass(faulty: Walk) -> None:
    found = dict(grave(faulty.page))
    assert {"color-contrast", "image-alt", "button-name", "label"} <= set(found)
    assert found["color-contrast"] == [["#pale"], ["#faint"], ["b"], ["#hue"]]
    with pytest.raises(AssertionError, match="color-contrast"):
        faulty.check()


def test_quick_or_not_it_says_the_same_of_everything(faulty: Walk) -> None:
    faulty.page.evaluate(Axe().axe_script)
    read: dict[str, list[Any]] = faulty.page.evaluate(EVERYTHING)
    faulty.page.evaluate(f"window.slow = axe;\n{QUICK}")
    assert faulty.page.evaluate("axe !== slow")
    for _ in range(2):
        assert faulty.page.evaluate(EVERYTHING) == read
    assert len(read["passes"]) > 10 and "color-contrast" in {rule["id"] for rule in read["violations"]}


def test_what_is_not_asked_could_find_nothing_grave(faulty: Walk) -> None:
    faulty.page.evaluate(QUICK)
    light = set(faulty.page.evaluate(LIGHT))
    found = {rule["id"]: rule["impact"] for rule in faulty.page.evaluate(EVERYTHING)["violations"]}
    assert {"empty-heading"} <= light & found.keys()  # the checks of which would be serious by themselves
    assert {found[rule] for rule in light & found.keys()} <= {"minor", "moderate"}
    assert {rule for rule, impact in found.items() if impact in ("serious", "critical")} == set(
        dict(grave(faulty.page))
    )
