// Session time-out without loss of text: warns two minutes before, saves drafts, then covers the page and asks the user to sign in again.
// The page itself stays, so the form is still there when the same user returns.
const WARN_BEFORE = 120;
const TELL_EVERY = 60_000; // the server waits two minutes longer than the page, so it must hear from the page more often than that

const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content || "";

function newToken(token) {
  document.querySelectorAll("[name=csrfmiddlewaretoken]").forEach((field) => { field.value = token; });
  const body = document.body;
  if (body.hasAttribute("hx-headers")) body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
}

export function idle({ screen, saveDrafts }) {
  const limit = Number(meta("haven-idle-seconds"));
  const sessionUrl = meta("haven-session-url");
  const dialog = document.getElementById("haven-idle");
  if (!limit || !sessionUrl || !dialog) return;

  const warnAt = Math.max(limit - WARN_BEFORE, Math.floor(limit / 2));
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("haven-activity") : null;
  let active = Date.now();
  let told = Date.now(); // when the server last heard from this page
  let locked = false;

  const ask = () => fetch(sessionUrl, { credentials: "same-origin", redirect: "error", cache: "no-store" });

  function touched() {
    if (locked || dialog.open) return;
    active = Date.now();
    if (tabs) tabs.postMessage(active);
    // Typing alone sends no request. Notify the server from time to time, or it would end the session of a user who is typing.
    if (active - told > Math.min((limit * 1000) / 6, TELL_EVERY)) {
      told = active;
      ask().catch(() => {});
    }
  }

  function stay() {
    active = Date.now();
    told = active;
    if (tabs) tabs.postMessage(active);
    ask().then((answer) => { if (!answer.ok) lock(); }).catch(() => {});
  }

  async function lock() {
    if (locked) return;
    locked = true;
    screen.lock();
    await saveDrafts();
    const token = document.querySelector("[name=csrfmiddlewaretoken]")?.value || "";
    fetch(`${sessionUrl}end/`, { method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": token } })
      .catch(() => {});
  }

  function look() {
    if (locked) return;
    const quiet = (Date.now() - active) / 1000;
    if (quiet >= limit) {
      lock();
    } else if (quiet >= warnAt && !screen.isUp()) {
      if (!dialog.open) {
        saveDrafts();
        dialog.showModal();
      }
      const left = Math.ceil(limit - quiet);
      const words = left > 90 ? `${Math.ceil(left / 60)} minutes` : left > 60 ? "1 minute" : `${left} seconds`;
      dialog.querySelector("[data-idle-left]").textContent = words;
    } else if (dialog.open && quiet < warnAt) {
      dialog.close(); // the user was active in another tab
    }
  }

  async function comeBack() {
    const said = document.querySelector("[data-cover-said]");
    said.textContent = "";
    try {
      const answer = await ask();
      if (!answer.ok) throw new Error("signed out");
      const now = await answer.json();
      if (now.person !== meta("haven-person")) {
        said.textContent = "Somebody else is signed in now. This page stays hidden; close it, or sign in as yourself.";
        return;
      }
      newToken(now.csrf);
      locked = false;
      active = Date.now();
      told = active;
      screen.down();
    } catch {
      said.textContent = "You are not signed in yet.";
    }
  }

  // The server has already ended the session: cover the page and keep the typed text. A covered page sends no requests.
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.xhr?.status === 401) lock();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (locked) event.preventDefault();
  });

  for (const kind of ["keydown", "pointerdown", "input", "wheel", "touchstart"]) {
    document.addEventListener(kind, touched, { passive: true, capture: true });
  }
  if (tabs) {
    tabs.addEventListener("message", (event) => {
      if (typeof event.data === "number" && event.data > active) active = Math.min(event.data, Date.now());
    });
  }
  dialog.addEventListener("close", () => { if (!locked && !screen.isUp()) stay(); });
  document.querySelector("[data-cover-return]").addEventListener("click", comeBack);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    look();
    if (locked) comeBack();
  });
  setInterval(look, 1000);
}
