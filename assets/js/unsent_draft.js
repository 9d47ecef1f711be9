// Restores text that was submitted after the session had ended into its form. The page contains the saved text as data.
function fill(field, values) {
  if (field.type === "hidden" || field.type === "file" || field.type === "password") return false;
  if (field.type === "checkbox" || field.type === "radio") {
    field.checked = values.includes(field.value);
  } else if (field.multiple) {
    [...field.options].forEach((option) => { option.selected = values.includes(option.value); });
  } else if (field.closest("[data-grid]") && field.value) {
    return false; // another user has filled this field meanwhile
  } else {
    field.value = values.shift() ?? field.value;
  }
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.dispatchEvent(new Event("change", { bubbles: true }));
  return true;
}

export function restoreDraft() {
  const data = document.getElementById("haven-draft");
  const notice = document.getElementById("haven-draft-notice");
  if (!data || !notice) return;
  const { ref, action, fields } = JSON.parse(data.textContent);
  notice.hidden = false;
  const form = [...document.forms].find((candidate) => candidate.method === "post"
    && new URL(candidate.getAttribute("action") || location.href, location.href).pathname === action
    && Object.keys(fields).some((name) => candidate.elements[name]));
  if (!form) return;
  let first = null;
  for (const field of [...form.elements]) {
    if (!field.name || !Object.hasOwn(fields, field.name)) continue;
    if (fill(field, fields[field.name]) && !first) first = field;
  }
  if (!first) return;
  const reference = document.createElement("input");
  Object.assign(reference, { type: "hidden", name: "draft", value: ref });
  form.append(reference);
  for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  notice.firstElementChild.textContent = notice.dataset.done;
  first.focus();
}
