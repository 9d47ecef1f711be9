// Hides the whole page behind a neutral one. Typed text, the focus and the scroll position are kept.
const PLAIN_TITLE = "New tab";

export function cover() {
  const sheet = document.getElementById("haven-cover");
  let before = null;

  function up(part) {
    if (!sheet) return;
    show(part);
    if (before) return;
    const dialog = document.querySelector("dialog[open]");
    before = { title: document.title, focus: document.activeElement, x: scrollX, y: scrollY, dialog };
    // An open dialog is shown above everything: close it while the cover is shown, and open it again afterwards.
    if (dialog) dialog.close();
    document.title = PLAIN_TITLE;
    document.body.classList.add("haven-is-covered");
    sheet.focus();
    if (part === "hidden") sheet.querySelector("[data-show-screen]").focus();
  }

  function show(part) {
    sheet.querySelector("[data-cover-hidden]").hidden = part !== "hidden";
    sheet.querySelector("[data-cover-idle]").hidden = part !== "idle";
  }

  function down() {
    if (!before) return;
    const was = before;
    before = null;
    document.body.classList.remove("haven-is-covered");
    document.title = was.title;
    scrollTo(was.x, was.y);
    if (was.dialog && was.dialog.id !== "haven-idle") was.dialog.showModal();
    if (was.focus && was.focus.focus) was.focus.focus({ preventScroll: true });
  }

  if (sheet) {
    sheet.querySelector("[data-show-screen]").addEventListener("click", down);
    document.addEventListener("click", (event) => {
      if (event.target.closest("[data-hide-screen]")) up("hidden");
    });
  }
  return { hide: () => up("hidden"), lock: () => up("idle"), down, isUp: () => before !== null };
}
