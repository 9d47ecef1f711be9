// Single-key shortcuts: / find, g + letter go to a page, the letters of pinned links, Esc Esc hide, ? show this list.
const OFF = "haven-single-keys";

const typing = (target) => target instanceof HTMLElement
  && (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName));

// The browser stores only whether single-key shortcuts are on, never any typed text.
function wanted() {
  try { return localStorage.getItem(OFF) !== "off"; } catch { return true; }
}

export function keys({ screen }) {
  const sheet = document.getElementById("haven-keys");
  let escaped = 0;
  let going = 0;

  function follow(key) {
    const link = document.querySelector(`a[data-go="${CSS.escape(key)}"]`);
    if (link) link.click();
    return Boolean(link);
  }

  function escape(event) {
    if (event.timeStamp - escaped < 900 && escaped) {
      escaped = 0;
      screen.hide();
    } else {
      escaped = event.timeStamp;
    }
  }

  function single(event) {
    if (event.timeStamp - going < 1500 && going) {
      going = 0;
      return follow(event.key);
    }
    if (event.key === "g") { going = event.timeStamp; return true; }
    if (event.key === "/") {
      const find = document.querySelector("[data-search]");
      if (find) { find.focus(); find.select(); }
      return Boolean(find);
    }
    if (event.key === "?") { if (sheet && !sheet.open) sheet.showModal(); return Boolean(sheet); }
    const pinned = document.querySelector(`a[data-go="${CSS.escape(event.key)}"][data-pinned]`);
    if (pinned) pinned.click();
    return Boolean(pinned);
  }

  document.addEventListener("keydown", (event) => {
    if (screen.isUp()) return;
    if (event.key === "Escape") return escape(event);
    escaped = 0;
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (typing(event.target) || document.querySelector("dialog[open]") || !wanted()) return;
    if (event.key.length === 1 && single(event)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-open-keys]") && sheet) sheet.showModal();
  });

  const tick = sheet?.querySelector("[data-single-keys]");
  if (tick) {
    tick.checked = wanted();
    tick.addEventListener("change", () => {
      try { localStorage.setItem(OFF, tick.checked ? "on" : "off"); } catch { /* private window: until it closes */ }
    });
  }
}
