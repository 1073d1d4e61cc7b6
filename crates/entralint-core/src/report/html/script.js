// Filters and sorts the tables that are there already. Nothing is loaded, stored or sent.
(() => {
  "use strict";
  const text = (cell) => cell.dataset.sort ?? cell.textContent.trim();
  for (const table of document.querySelectorAll("table.data[id]")) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const tools = document.createElement("div");
    tools.className = "tools";
    const add = (name, control) => {
      const label = document.createElement("label");
      label.textContent = name;
      label.append(control);
      tools.append(label);
      return control;
    };
    const search = add("Filter", document.createElement("input"));
    search.type = "search";
    search.setAttribute("aria-controls", table.id);
    let severity;
    if (table.id === "findings-table") {
      severity = add("Severity", document.createElement("select"));
      for (const word of ["all", "error", "warning", "note"]) {
        severity.append(new Option(word, word === "all" ? "" : word));
      }
    }
    const status = document.createElement("span");
    status.setAttribute("role", "status");
    tools.append(status);
    table.before(tools);
    const words = rows.map((row) => row.textContent.toLowerCase());
    const show = () => {
      const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, at) => {
        const fits =
          wanted.every((word) => words[at].includes(word)) &&
          (!severity?.value || row.querySelector(".severity." + severity.value) !== null);
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      status.textContent = shown === rows.length ? rows.length + " rows" : shown + " of " + rows.length + " rows";
    };
    search.addEventListener("input", show);
    severity?.addEventListener("change", show);
    show();
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const compare = new Intl.Collator(undefined, { numeric: true }).compare;
        const keyed = rows.map((row) => [text(row.cells[column]), row]);
        keyed.sort((a, b) => (down ? compare(b[0], a[0]) : compare(a[0], b[0])));
        body.append(...keyed.map(([, row]) => row));
      });
    });
  }
})();
