// Forms: prevents double submission, changes the school only when another one is selected, ticks all rows of a list.
function guard() {
  const sent = new WeakSet();

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented && !form.matches("[hx-post],[hx-put],[hx-patch],[hx-delete]")) return;
    if (form.method !== "post" || "allowTwice" in form.dataset) return;
    if (sent.has(form)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      return;
    }
    sent.add(form);
    // The button is not `disabled`, because its name and value must still be submitted.
    if (event.submitter) event.submitter.setAttribute("aria-disabled", "true");
    setTimeout(() => release(form), 8000);
  }, true);

  function release(form) {
    sent.delete(form);
    form.querySelectorAll("[aria-disabled=true]").forEach((button) => button.removeAttribute("aria-disabled"));
  }

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form) release(form);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach(release));
}

function schoolSwitch() {
  document.querySelectorAll("[data-switch]").forEach((form) => {
    const select = form.querySelector("select");
    const was = select.value;
    select.addEventListener("change", () => {
      form.classList.toggle("haven-switch--changed", select.value !== was);
    });
  });
}

function tickAll() {
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-tick-all]");
    if (!all) return;
    document.querySelectorAll(`input[type=checkbox][name="${CSS.escape(all.dataset.tickAll)}"]`).forEach((box) => {
      box.checked = all.checked;
    });
  });
}

export function forms() {
  guard();
  schoolSwitch();
  tickAll();
}
