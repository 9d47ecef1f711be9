"""The check of every page can fail, and reading each colour once changes nothing of what axe says."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.functional.axe import COLOURS_KEPT, grave
from tests.functional.conftest import Walk

pytestmark = pytest.mark.browser

FAULTS = """() => document.querySelector("h1").insertAdjacentHTML("afterend", `
  <p id="pale">Pale</p><p id="faint">Faint</p><div id="thin"><b>Thin</b></div><p id="hue">Hue</p><p id="fine">Fine</p>
  <img src="data:," ><button></button><input>`)"""
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


def test_colours_kept_are_the_colours_read(faulty: Walk) -> None:
    faulty.page.evaluate(Axe().axe_script)
    read: dict[str, list[Any]] = faulty.page.evaluate(EVERYTHING)
    faulty.page.evaluate(COLOURS_KEPT)
    for _ in range(2):
        assert faulty.page.evaluate(EVERYTHING) == read
    assert len(read["passes"]) > 10 and "color-contrast" in {rule["id"] for rule in read["violations"]}
