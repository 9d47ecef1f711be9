// Typing in a grid: `<table data-grid data-grid-codes="/\LNO...">`, one <input> for each cell. Arrow keys move. A letter is written
// and the focus moves to the next row. Enter moves on, Backspace clears. F2 opens the history of a mark, Tab leaves the grid. Without
// the script they are plain text boxes. `data-grid-pairs="C1 C2 J1"` lists codes of two characters: typing C, then 2, changes the C
// just written to C2.
function cells(table) {
  return [...table.tBodies].flatMap((body) => [...body.rows])
    .map((row) => [...row.cells].map((cell) => cell.querySelector("input:not([type=hidden])")).filter(Boolean))
    .filter((row) => row.length);
}

function place(rows, input) {
  for (let y = 0; y < rows.length; y += 1) {
    const x = rows[y].indexOf(input);
    if (x >= 0) return { x, y };
  }
  return null;
}

function only(rows, input) {
  rows.flat().forEach((other) => { other.tabIndex = other === input ? 0 : -1; });
}

function write(input, letter) {
  input.value = letter;
  input.classList.toggle("haven-grid__changed", input.value !== input.defaultValue);
  input.removeAttribute("aria-invalid");
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function wire(table) {
  const codes = (table.dataset.gridCodes || "").toUpperCase();
  const pairs = new Set((table.dataset.gridPairs || "").split(" "));
  let written = null;
  const said = document.createElement("p");
  said.className = "govuk-visually-hidden";
  said.setAttribute("role", "status");
  table.after(said);

  function go(rows, x, y) {
    const row = rows[Math.max(0, Math.min(y, rows.length - 1))];
    const input = row[Math.max(0, Math.min(x, row.length - 1))];
    only(rows, input);
    input.focus();
    input.select();
  }

  function onward(rows, { x, y }) {
    if (table.dataset.gridNext === "right") {
      return x + 1 < rows[y].length ? go(rows, x + 1, y) : go(rows, 0, y + 1);
    }
    // From the last cell of a column, move to the first cell of the next column, if there is one.
    if (y + 1 < rows.length) return go(rows, x, y + 1);
    return x + 1 < rows[0].length ? go(rows, x + 1, 0) : go(rows, x, y);
  }

  table.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    const rows = cells(table);
    const at = place(rows, event.target);
    if (!at) return;
    const moves = {
      ArrowUp: () => go(rows, at.x, at.y - 1),
      ArrowDown: () => go(rows, at.x, at.y + 1),
      ArrowLeft: () => go(rows, at.x - 1, at.y),
      ArrowRight: () => go(rows, at.x + 1, at.y),
      Home: () => go(rows, 0, at.y),
      End: () => go(rows, rows[at.y].length - 1, at.y),
      Enter: () => onward(rows, at),
      Backspace: () => !event.target.readOnly && write(event.target, ""),
      Delete: () => !event.target.readOnly && write(event.target, ""),
    };
    if (moves[event.key]) {
      event.preventDefault();
      written = null;
      moves[event.key]();
    } else if (event.key === "F2" && event.target.dataset.history) {
      event.preventDefault();
      window.location.assign(event.target.dataset.history);
    } else if (event.key.length === 1 && event.key !== " ") {
      event.preventDefault();
      const letter = event.key.toUpperCase();
      if (written && pairs.has(written.value + letter)) {
        write(written, written.value + letter);
        written = null;
      } else if (event.target.readOnly) {
        said.textContent = "This cell cannot be changed here.";
      } else if (codes && !codes.includes(letter)) {
        said.textContent = `${event.key} is not a code. Nothing was changed.`;
      } else {
        write(event.target, letter);
        written = event.target;
        onward(rows, at);
      }
    }
  });

  table.addEventListener("focusin", (event) => {
    const rows = cells(table);
    if (place(rows, event.target)) { only(rows, event.target); event.target.select(); }
  });

  const first = cells(table)[0]?.[0];
  if (first) only(cells(table), first);
}

export function grids(scope) {
  scope.querySelectorAll("table[data-grid]").forEach((table) => {
    if (table.dataset.gridReady) return;
    table.dataset.gridReady = "yes";
    wire(table);
  });
}
