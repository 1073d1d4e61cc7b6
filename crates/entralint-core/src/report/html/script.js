// Filters and sorts the tables that are there already. Nothing is loaded, stored or sent.
(() => {
  "use strict";
  const text = (cell) => cell.dataset.sort ?? cell.textContent.trim();
  const compare = new Intl.Collator(undefined, { numeric: true }).compare;
  const make = (name, properties) => Object.assign(document.createElement(name), properties);
  const choices = {
    "apps-table": ["Show", [["all apps", ""], ["could give something up", "excess"], ["request control of the tenant", "tenant"], ["calls not known or not answered", "unknown"]]],
    "findings-table": ["Severity", [["all", ""], ["error", "error"], ["warning", "warning"], ["note", "note"]]],
  };
  const searches = {};
  for (const table of document.querySelectorAll("table.data[id]")) {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const tools = make("div", { className: "tools" });
    const add = (name, control) => {
      const label = make("label", { textContent: name });
      control.setAttribute("aria-controls", table.id);
      label.append(control);
      tools.append(label);
      return control;
    };
    const search = (searches[table.id] = add("Filter", make("input", { type: "search", placeholder: "words, such as mail 4" })));
    const [name, options] = choices[table.id];
    const select = add(name, make("select", {}));
    for (const [word, value] of options) select.append(new Option(word, value));
    const status = make("span", {});
    status.setAttribute("role", "status");
    tools.append(status);
    table.before(tools);
    const words = rows.map((row) => row.textContent.toLowerCase());
    const marks = rows.map((row) => (row.dataset.has ?? row.querySelector(".severity").textContent).split(" "));
    const show = () => {
      const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      rows.forEach((row, at) => {
        const fits = wanted.every((word) => words[at].includes(word)) && (!select.value || marks[at].includes(select.value));
        row.hidden = !fits;
        shown += fits ? 1 : 0;
      });
      status.textContent = shown === rows.length ? rows.length + " rows" : shown + " of " + rows.length + " rows";
    };
    search.addEventListener("input", show);
    select.addEventListener("change", show);
    show();
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = make("button", { type: "button" });
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        // Numbers are looked at from the largest down.
        const first = head.classList.contains("number") ? "descending" : "ascending";
        const other = first === "ascending" ? "descending" : "ascending";
        const order = head.getAttribute("aria-sort") === first ? other : first;
        for (const head of heads) head.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", order);
        const sign = order === "ascending" ? 1 : -1;
        const keyed = rows.map((row) => [text(row.cells[column]), row]);
        keyed.sort((a, b) => sign * compare(a[0], b[0]));
        body.append(...keyed.map(([, row]) => row));
      });
    });
  }
  // The number of an app's findings leads to these.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-app]");
    const search = searches["findings-table"];
    if (!link || !search) return;
    search.value = link.dataset.app;
    search.dispatchEvent(new Event("input"));
  });
  // A link to a row that a filter hides shows it.
  addEventListener("hashchange", () => {
    const row = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (row?.hidden) {
      row.hidden = false;
      row.scrollIntoView();
    }
  });
})();
