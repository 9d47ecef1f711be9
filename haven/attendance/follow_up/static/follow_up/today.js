// The morning's list, kept up to date while people work in it. The server sends the whole list; a row in which somebody is at work
// stays as it is and says what the others did. Without this script every button is a link or a form.
(() => {
  const parse = (text) => new DOMParser().parseFromString(text, "text/html");
  const byId = (id) => document.getElementById(id);

  const isEdited = (field) => {
    if (field.type === "hidden") return false;
    if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
    if (field.tagName === "SELECT") {
      const start = [...field.options].find((option) => option.defaultSelected) || field.options[0];
      return field.selectedOptions[0] !== start;
    }
    return field.value !== field.defaultValue;
  };

  const isBusy = (row) =>
    row.querySelector(".htmx-request") !== null ||
    row.querySelector("[data-more]")?.childElementCount > 0 ||
    [...row.querySelectorAll("input, textarea, select")].some(isEdited);

  const dress = (element) => window.htmx?.process(element);

  function tell(row, words) {
    const news = row.querySelector("[data-news]");
    if (!news || !words) return;
    news.hidden = false;
    news.firstElementChild.textContent = words;
  }

  // What others did is shown; what one's page has seen stays as it was, so that the server asks before it writes over it.
  function keep(mine, theirs) {
    if (!theirs) {
      tell(mine, "A colleague has resolved this, so the pupil is no longer on the list. What you typed is still here.");
      return;
    }
    const latest = theirs.dataset.latest;
    if (latest && latest !== mine.dataset.latest && !latest.startsWith(`${byId("day-poll")?.dataset.me || "\0"} `)) {
      tell(mine, `Update: ${latest}`);
    }
    mine.dataset.latest = latest;
    mine.querySelector("[data-claim]").textContent = theirs.querySelector("[data-claim]").textContent;
  }

  // Rows at work are never moved, so that the focus stays; the others are set around them in the new order.
  function mergeRows(fresh, letGo) {
    const list = byId("day-rows");
    const wanted = fresh ? [...fresh.children] : [];
    if (!list || !fresh) return;
    const ids = new Set(wanted.map((row) => row.id));
    const busy = new Map();
    for (const row of [...list.children]) {
      if (row.id !== letGo && isBusy(row)) {
        busy.set(row.id, row);
        if (!ids.has(row.id)) keep(row, null);
      } else {
        row.dataset.gone = "1";
      }
    }
    let place = list.firstElementChild;
    const skipGone = () => {
      while (place && place.dataset.gone) place = place.nextElementSibling;
    };
    for (const row of wanted) {
      skipGone();
      const mine = busy.get(row.id);
      if (mine) {
        keep(mine, row);
        if (place && mine.compareDocumentPosition(place) & Node.DOCUMENT_POSITION_PRECEDING) place = mine.nextElementSibling;
        else if (place === mine) place = mine.nextElementSibling;
      } else {
        const added = document.importNode(row, true);
        list.insertBefore(added, place);
        dress(added);
      }
    }
    list.querySelectorAll(":scope > [data-gone]").forEach((row) => row.remove());
  }

  function mergePart(id, page) {
    const mine = byId(id);
    const theirs = page.getElementById(id);
    if (!mine || !theirs || mine.contains(document.activeElement)) return;
    const added = document.importNode(theirs, true);
    mine.replaceWith(added);
    dress(added);
  }

  function mergeBanner(page) {
    const theirs = page.querySelector("[data-banner] > *");
    const mine = document.querySelector(".haven-banner-alerts");
    if (mine && theirs) mine.replaceWith(document.importNode(theirs, true));
    else if (mine) mine.remove();
    else if (theirs) document.querySelector(".haven-nav")?.after(document.importNode(theirs, true));
  }

  function say(words) {
    const line = byId("day-said");
    if (line) line.textContent = words || "";
  }

  // The keyboard stays where the work is: the row itself if it is still there, else the next one.
  function focusAfter(id, position) {
    const rows = byId("day-rows")?.children || [];
    const row = byId(id) || rows[Math.min(position, rows.length - 1)];
    row?.querySelector("h3 a")?.focus({ preventScroll: true });
  }

  function mergeLive(page, sender) {
    const row = sender?.closest("[data-row]");
    const position = row ? [...row.parentElement.children].indexOf(row) : 0;
    const had = row && row.contains(document.activeElement);
    mergeRows(page.getElementById("day-rows"), row?.id);
    ["day-counts", "day-aside", "day-foot"].forEach((id) => mergePart(id, page));
    const heading = page.getElementById("day-heading");
    if (heading && byId("day-heading")) byId("day-heading").textContent = heading.textContent;
    mergeBanner(page);
    const live = page.querySelector("[data-live]");
    if (byId("day-counter")) byId("day-counter").value = live.dataset.counter;
    if (row) {
      say(live.dataset.said);
      if (had) focusAfter(row.id, position);
    }
  }

  // The server could not do it: the form comes back into its row with what was typed and why.
  function mergeAlone(page) {
    const alone = page.querySelector("[data-alone]");
    if (!alone) return;
    const added = document.importNode(alone, true);
    if (added.dataset.working) added.dataset.claimed = "1";
    byId(alone.dataset.alone)?.replaceChildren(added);
    dress(added);
    const wrong = added.querySelector(".govuk-form-group--error")?.querySelector("input, textarea, select");
    (wrong || added.querySelector("textarea, input:not([type=hidden])"))?.focus();
  }

  // A look at the list that began before something of one's own was saved is out of date when it comes: the next one knows.
  let lastSaved = 0;
  document.addEventListener("htmx:beforeRequest", (event) => {
    event.detail.xhr.beganAt = performance.now();
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, elt, requestConfig } = event.detail;
    // htmx reports a request that swaps nothing twice.
    if (!xhr || xhr.isMerged || xhr.status === 204 || !xhr.responseText) return;
    xhr.isMerged = true;
    if (elt.id === "day-poll" && xhr.beganAt < lastSaved) return;
    if (requestConfig?.verb === "post") lastSaved = performance.now();
    const page = parse(xhr.responseText);
    if (page.querySelector("[data-live]")) mergeLive(page, elt.id === "day-poll" ? null : elt);
    else if (xhr.status === 422) mergeAlone(page);
  });

  document.addEventListener("click", (event) => {
    const shut = event.target.closest("[data-fold-shut]");
    if (!shut) return;
    const row = shut.closest("[data-row]");
    const form = shut.closest("[data-fold-form]");
    if (form.dataset.claimed) tellOthers(form, form.dataset.release);
    shut.closest("[data-more]").replaceChildren();
    row.querySelector("h3 a").focus({ preventScroll: true });
  });

  // Whoever opens the form of a call says so to the others, and takes it back with Cancel.
  function tellOthers(form, address) {
    const row = form.closest("[data-row]");
    const field = (name) => form.querySelector(`[name=${name}]`).value;
    fetch(address, {
      method: "POST", body: new URLSearchParams({ seen: field("seen") }), credentials: "same-origin",
      headers: { "X-CSRFToken": field("csrfmiddlewaretoken"), "HX-Request": "true", "X-Requested-With": "haven-claim" },
    }).then(async (answer) => {
      if (answer.status !== 422) return;
      // Told before a word is typed: from here on this is seen.
      const page = parse(await answer.text());
      tell(row, page.querySelector("[data-problem]")?.textContent.trim());
      const seen = page.querySelector("[name=seen]")?.value;
      if (seen) row.querySelectorAll("[name=seen]").forEach((input) => { input.value = seen; });
    }).catch(() => {});
  }

  // A form that was fetched into its row: the first field is ready.
  document.addEventListener("htmx:afterSwap", (event) => {
    if (!event.detail.target.matches?.("[data-more]")) return;
    const form = event.detail.target.querySelector("[data-fold-form]");
    if (form?.dataset.working) {
      form.dataset.claimed = "1";
      tellOthers(form, form.dataset.working);
    }
    form?.querySelector("call" in form.dataset ? "textarea" : "input:not([type=hidden]), textarea, select")?.focus();
  });
})();
