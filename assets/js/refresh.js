// When a part of the page is replaced, the focus and opened details are kept, and typed text is not overwritten.
const name = (details) => details.id || details.dataset.key || details.querySelector("summary")?.textContent.trim();

const ASKED = new Set(["click", "submit", "change", "input", "keyup", "search"]);

// A select without a selected option starts with its first one (a multiple select: with none).
function selectEdited(field) {
  const marked = [...field.options].filter((option) => option.defaultSelected);
  if (!field.multiple && !marked.length) return field.selectedIndex !== firstOf(field);
  if (!field.multiple) return !field.options[field.selectedIndex]?.defaultSelected;
  return [...field.options].some((option) => option.selected !== option.defaultSelected);
}

const firstOf = (field) => (field.size > 1 ? -1 : [...field.options].findIndex((option) => !option.disabled));

const edited = (field) => {
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.tagName === "SELECT") return selectEdited(field);
  return field.type !== "hidden" && field.value !== field.defaultValue;
};

function selector(element) {
  if (!element || element === document.body) return null;
  if (element.id) return `#${CSS.escape(element.id)}`;
  if (element.dataset?.key) return `[data-key="${CSS.escape(element.dataset.key)}"]`;
  const form = element.form?.id;
  return element.name && form ? `#${CSS.escape(form)} [name="${CSS.escape(element.name)}"]` : null;
}

export function refresh({ dress }) {
  let open = [];
  let focused = null;

  // Automatic requests of a page do not extend the session.
  document.addEventListener("htmx:configRequest", (event) => {
    if (!event.detail.triggeringEvent) event.detail.headers["X-Haven-Poll"] = "yes";
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    const target = event.detail.target;
    const verb = event.detail.requestConfig?.verb;
    const asked = ASKED.has(event.detail.requestConfig?.triggeringEvent?.type);
    // An automatic refresh waits until the form inside the part is submitted.
    if (verb === "get" && !asked && [...target.querySelectorAll("input, textarea, select")].some(edited)) {
      event.detail.shouldSwap = false;
      return;
    }
    open = [...target.querySelectorAll("details[open]")].map(name);
    focused = target.contains(document.activeElement) ? selector(document.activeElement) : null;
  });

  document.addEventListener("htmx:afterSwap", (event) => {
    const scope = event.detail.target.isConnected ? event.detail.target : document;
    scope.querySelectorAll("details").forEach((details) => {
      if (open.includes(name(details))) details.open = true;
    });
    dress(scope);
    const again = focused && document.querySelector(focused);
    if (again && document.activeElement !== again) again.focus({ preventScroll: true });
  });
}
