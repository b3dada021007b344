"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("script");

  // Theme: what the reader chose on this page stays, where the browser keeps anything for it.
  const themes = document.querySelectorAll("input[name=theme]");
  const store = (value) => { try { localStorage.setItem("mlops-review-theme", value); } catch { /* not kept */ } };
  const stored = () => { try { return localStorage.getItem("mlops-review-theme"); } catch { return null; } };
  const wear = (name) => {
    if (name === "light" || name === "dark") root.dataset.theme = name; else delete root.dataset.theme;
    for (const one of themes) one.checked = one.value === (root.dataset.theme ?? "system");
  };
  wear(stored());
  for (const one of themes) one.addEventListener("change", () => { wear(one.value); store(one.value); });

  // Sorting: a button in each heading; numbers by their value, the rest as text.
  const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.value === undefined ? cell.textContent.trim() : Number(cell.dataset.value);
  };
  const sort = (table, heading, column) => {
    const up = heading.getAttribute("aria-sort") ? heading.getAttribute("aria-sort") === "descending" : !heading.classList.contains("n");
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row) => [key(row, column), row]);
    const compare = (a, b) => (typeof a === "number" && typeof b === "number" ? a - b : collator.compare(a, b));
    rows.sort(([a], [b]) => (up ? compare(a, b) : compare(b, a)));
    body.append(...rows.map(([, row]) => row));
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    Array.from(table.tHead.rows[0].cells).forEach((heading, column) => {
      if (heading.tagName !== "TH") return;
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      button.addEventListener("click", () => sort(table, heading, column));
      heading.append(button);
    });
  }

  // Filters: a rule stays while one of its resources does.
  const form = document.getElementById("filters");
  const shown = document.getElementById("shown");
  const rules = Array.from(document.querySelectorAll("article.rule"), (element) => ({
    element,
    head: element.querySelector(".rule-head").textContent + " " + (element.querySelector(".fix")?.textContent ?? ""),
    cases: Array.from(element.querySelectorAll(".case")),
    places: Array.from(element.querySelectorAll(".where > li"), (place) => ({
      place, text: `${place.closest(".case").querySelector(".reason")?.textContent ?? ""} ${place.textContent}`,
    })),
  }));
  for (const rule of rules) {
    for (const place of rule.places) place.text = `${rule.head} ${place.text}`.toLowerCase();
  }
  const total = rules.reduce((sum, rule) => sum + rule.places.length, 0);
  const filter = () => {
    const { severity, pack, component, text } = form.elements;
    const words = text.value.toLowerCase().split(/\s+/).filter(Boolean);
    const active = Boolean(severity.value || pack.value || component.value !== "*" || words.length);
    let count = 0;
    for (const { element, cases, places } of rules) {
      const fits = (!severity.value || element.dataset.severity === severity.value) && (!pack.value || element.dataset.pack === pack.value);
      let left = 0;
      for (const { place, text: own } of places) {
        const stays = fits && (component.value === "*" || place.dataset.component === component.value) && words.every((word) => own.includes(word));
        place.hidden = !stays;
        left += stays ? 1 : 0;
      }
      element.hidden = left === 0;
      for (const one of cases) {
        one.hidden = !one.querySelector(".where > li:not([hidden])");
        const more = one.querySelector(".more");
        if (!more) continue;
        more.hidden = !more.querySelector(".where > li:not([hidden])");
        if (active && !more.hidden) more.open = true;
      }
      count += left;
    }
    for (const kind of document.querySelectorAll(".kind")) kind.hidden = !kind.querySelector("article.rule:not([hidden])");
    shown.textContent = active ? `${count} of ${total} findings shown` : `All ${total} findings shown`;
  };
  for (const name of ["input", "change"]) form.addEventListener(name, filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  filter();

  // Components: the graph opens what the list below holds, in a panel at the side.
  const panel = document.getElementById("panel");
  const title = document.getElementById("panel-title");
  const body = document.getElementById("panel-body");
  const curves = document.querySelectorAll(".curves path");
  const light = (number) => {
    for (const curve of curves) curve.classList.toggle("lit", curve.dataset.used === number || curve.dataset.user === number);
  };
  const open = (number) => {
    const source = document.getElementById(`component-${number}`);
    title.textContent = source.dataset.name;
    const copy = source.querySelector(".component-body").cloneNode(true);
    body.replaceChildren(copy);
    panel.showModal();
    panel.scrollTop = 0;
    title.focus();
  };
  for (const node of document.querySelectorAll(".node")) {
    const { number } = node.dataset;
    node.addEventListener("click", (event) => { event.preventDefault(); open(number); });
    for (const name of ["mouseenter", "focus"]) node.addEventListener(name, () => light(number));
    for (const name of ["mouseleave", "blur"]) node.addEventListener(name, () => light(null));
  }
  document.getElementById("panel-close").addEventListener("click", () => panel.close());
  panel.addEventListener("click", (event) => { if (event.target === panel) panel.close(); });

  // What a link or the printer leads to is open.
  const reveal = () => {
    const target = document.getElementById(location.hash.slice(1));
    if (target instanceof HTMLDetailsElement) target.open = true;
  };
  addEventListener("hashchange", reveal);
  reveal();
  let closed = [];
  addEventListener("beforeprint", () => {
    closed = Array.from(document.querySelectorAll("details:not([open])"));
    for (const one of closed) one.open = true;
  });
  addEventListener("afterprint", () => { for (const one of closed) one.open = false; });
})();
