// Selects marks in a table of check boxes: `<table data-choose>`. Arrow keys move. Space selects (the browser's own behaviour). Shift
// with an arrow or a click selects the rectangle between. Check boxes of rows and columns select their cells. Without the script they
// are plain check boxes, and those of rows and columns are submitted themselves.
function boxes(table) {
  return [...table.tBodies[0].rows].map((row) => [...row.cells].slice(1).map((cell) => cell.querySelector("input[name=mark]")));
}

function wire(table) {
  const rows = boxes(table);
  const count = document.querySelector("[data-choose-count]");
  const lines = [...table.querySelectorAll("[data-choose-line]")];
  const columns = [...table.querySelectorAll("[data-choose-column]")];
  let anchor = null;

  function column(box) {
    return rows.map((row) => row[Number(box.dataset.chooseColumn)]).filter(Boolean);
  }

  function tell() {
    const all = rows.flat().filter(Boolean);
    const chosen = all.filter((box) => box.checked).length;
    const words = chosen === 1 ? "1 mark is chosen." : `${chosen} marks are chosen.`;
    count.textContent = chosen ? words : "No mark is chosen.";
    lines.forEach((box, y) => show(box, rows[y].filter(Boolean)));
    columns.forEach((box) => show(box, column(box)));
  }

  function show(box, under) {
    const chosen = under.filter((each) => each.checked).length;
    box.checked = chosen > 0 && chosen === under.length;
    box.indeterminate = chosen > 0 && chosen < under.length;
  }

  function place(input) {
    const y = rows.findIndex((row) => row.includes(input));
    return y < 0 ? null : { x: rows[y].indexOf(input), y };
  }

  function between(from, to) {
    for (let y = Math.min(from.y, to.y); y <= Math.max(from.y, to.y); y += 1) {
      for (let x = Math.min(from.x, to.x); x <= Math.max(from.x, to.x); x += 1) {
        if (rows[y][x]) rows[y][x].checked = true;
      }
    }
    tell();
  }

  function go(at, dx, dy) {
    let { x, y } = at;
    do { x += dx; y += dy; } while (rows[y] && x in rows[y] && !rows[y][x]);
    const next = rows[y]?.[x];
    if (!next) return null;
    next.focus();
    return { x, y };
  }

  // A selection by row or column is submitted cell by cell, so that a cell that the user clears again stays cleared.
  [...lines, ...columns].forEach((box) => box.removeAttribute("name"));

  table.addEventListener("change", (event) => {
    const box = event.target;
    const line = lines.indexOf(box);
    const under = line >= 0 ? rows[line].filter(Boolean) : columns.includes(box) ? column(box) : [];
    under.forEach((each) => { each.checked = box.checked; });
    tell();
  });

  table.addEventListener("click", (event) => {
    const at = place(event.target);
    if (!at) return;
    if (event.shiftKey && anchor) {
      event.target.checked = true;
      between(anchor, at);
    } else {
      anchor = at;
    }
  });

  table.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    const at = place(event.target);
    if (!step || !at || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    if (event.shiftKey) anchor ??= at;
    else anchor = null;
    const next = go(at, ...step);
    if (next && event.shiftKey) between(anchor, next);
  });

  tell();
}

export function choosing(scope) {
  scope.querySelectorAll("table[data-choose]").forEach((table) => {
    if (table.dataset.chooseReady) return;
    table.dataset.chooseReady = "yes";
    wire(table);
  });
}
