"""What axe finds on a page that matters to somebody: violations whose impact is serious or critical, by every rule of axe's own choice.

Most of axe's time goes into contrast, and most of that into reading the same few colours again for each element. They are read once a page.
A rule's own impact is that of all it finds, so what can only find minor and moderate faults need not be asked.
"""

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it has no types
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

PRIVATE_KEPT = """class {
  #key = Symbol();
  constructor(pairs) { for (const [object, value] of pairs ?? []) this.set(object, value); }
  has(object) { return Object(object) === object && Object.hasOwn(object, this.#key); }
  get(object) { return object?.[this.#key]; }
  set(object, value) { object[this.#key] = value; return this; }
  add(object) { object[this.#key] = true; return this; }
  delete(object) { return delete object[this.#key]; }
}"""
"""What axe, written for old browsers, keeps in a WeakMap or a WeakSet for each object stands here on the object itself: the parts of a
hundred thousand colours were a tenth of its time."""

LIGHT = """axe._audit.rules.filter((rule) => ["minor", "moderate"].includes(rule.impact)).map((rule) => rule.id)"""
GRAVE = f"""async () => {{
  const rules = Object.fromEntries({LIGHT}.map((id) => [id, {{enabled: false}}]));
  const found = await axe.run({{resultTypes: ["violations"], rules}});
  return found.violations
    .filter((rule) => ["serious", "critical"].includes(rule.impact))
    .map((rule) => [rule.id, rule.nodes.slice(0, 4).map((node) => node.target)]);
}}"""
"""Only what fails a walk crosses from the browser."""

QUICK = f"((Kept) => ((WeakMap, WeakSet) => {{\n{Axe().axe_script}\n}})(Kept, Kept))({PRIVATE_KEPT});\n{COLOURS_KEPT}"


def grave(page: Page) -> list[tuple[str, list[list[str]]]]:
    """Each broken rule with the first four places where it is broken."""
    page.evaluate(QUICK)
    return [(rule, places) for rule, places in page.evaluate(GRAVE)]
