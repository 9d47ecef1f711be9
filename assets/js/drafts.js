// Saves text typed in `<form data-draft="key" data-draft-url="/...">` on the server, never in the browser,
// so that the next user of a shared computer cannot find it.
const WAIT = 1500;
const SECRET = new Set(["csrfmiddlewaretoken", "password"]);

function body(form) {
  const data = new URLSearchParams();
  data.set("draft_key", form.dataset.draft);
  for (const [name, value] of new FormData(form)) {
    const field = form.elements[name];
    if (typeof value === "string" && !SECRET.has(name) && !(field && field.type === "password")) {
      data.append(name, value);
    }
  }
  return data;
}

function say(form, words) {
  const line = form.querySelector("[data-draft-status]");
  if (line) line.textContent = words;
}

export function drafts() {
  const waiting = new Map();

  async function save(form) {
    clearTimeout(waiting.get(form));
    waiting.delete(form);
    const token = form.querySelector("[name=csrfmiddlewaretoken]");
    try {
      const answer = await fetch(form.dataset.draftUrl, {
        method: "POST",
        body: body(form),
        credentials: "same-origin",
        keepalive: true,
        redirect: "error",
        headers: { "X-CSRFToken": token ? token.value : "", "X-Requested-With": "haven-draft" },
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const now = new Date();
      const time = [now.getHours(), now.getMinutes()].map((part) => String(part).padStart(2, "0")).join(":");
      say(form, `Draft kept at ${time}`);
    } catch {
      say(form, "The draft could not be kept. What you typed is still on this page; send it before you close the page.");
    }
  }

  document.addEventListener("input", (event) => {
    const form = event.target.form;
    if (!form || !form.dataset.draft || !form.dataset.draftUrl) return;
    clearTimeout(waiting.get(form));
    waiting.set(form, setTimeout(() => save(form), WAIT));
  });

  // A submitted form no longer needs its draft; a later save would create the draft again.
  document.addEventListener("submit", (event) => {
    clearTimeout(waiting.get(event.target));
    waiting.delete(event.target);
  });

  const saveAll = () => Promise.all([...waiting.keys()].map(save));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") saveAll();
  });
  return { saveAll };
}
