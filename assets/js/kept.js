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

export function kept() {
  const data = document.getElementById("haven-kept");
  const said = document.getElementById("haven-kept-said");
  if (!data || !said) return;
  const { ref, action, fields } = JSON.parse(data.textContent);
  said.hidden = false;
  const form = [...document.forms].find((one) => one.method === "post"
    && new URL(one.getAttribute("action") || location.href, location.href).pathname === action
    && Object.keys(fields).some((name) => one.elements[name]));
  if (!form) return;
  let first = null;
  for (const field of [...form.elements]) {
    if (!field.name || !Object.hasOwn(fields, field.name)) continue;
    if (fill(field, fields[field.name]) && !first) first = field;
  }
  if (!first) return;
  const mark = document.createElement("input");
  Object.assign(mark, { type: "hidden", name: "kept", value: ref });
  form.append(mark);
  for (let fold = form.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  said.firstElementChild.textContent = said.dataset.done;
  first.focus();
}
