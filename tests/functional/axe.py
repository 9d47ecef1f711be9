"""What axe finds on a page that matters to somebody: violations whose impact is serious or critical, by every rule of axe's own choice.

Most of axe's time goes into contrast, and most of that into reading the same few colours again for each element. They are read once a page.
"""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

COLOURS_KEPT = """(() => {
  const colour = axe.commons.color.Color.prototype, read = colour.parseString, known = new Map();
  colour.parseString = function (text) {
    const found = known.get(text);
    if (found === undefined) {
      read.call(this, text);
      known.set(text, [this.r, this.g, this.b, this.alpha]);
    } else {
      [this.r, this.g, this.b, this.alpha] = found;
    }
    return this;
  };
})()"""
"""A text that cannot be read as a colour is thrown at, as before, each time."""

GRAVE = """async () => {
  const found = await axe.run({resultTypes: ["violations"]});
  return found.violations
    .filter((rule) => ["serious", "critical"].includes(rule.impact))
    .map((rule) => [rule.id, rule.nodes.slice(0, 4).map((node) => node.target)]);
}"""
"""Only what fails a walk crosses from the browser."""

_SCRIPT = f"{Axe().axe_script};\n{COLOURS_KEPT}"


def grave(page: Page) -> list[tuple[str, list[list[str]]]]:
    """Each broken rule with the first four places where it is broken."""
    page.evaluate(_SCRIPT)
    return [(rule, places) for rule, places in page.evaluate(GRAVE)]
