"use strict";
// The page is whole without this script. It adds: contents that fold on a telephone, tables that sort, a sign beside
// what scrolls, a button that copies the command, and values and images under the pointer.
(() => {
  const make = (tag, name, text) => {
    const made = document.createElement(tag);
    if (name) made.className = name;
    if (text !== undefined) made.textContent = text;
    return made;
  };

  const contents = document.querySelector("nav details");
  const wide = matchMedia("(min-width: 1100px)");
  const fold = () => { if (contents) contents.open = wide.matches; };
  fold();
  wide.addEventListener("change", fold);
  if (contents) contents.addEventListener("click", (event) => {
    if (event.target.tagName === "A" && !wide.matches) contents.open = false;
  });

  // Sort: numbers by value, other texts by letters; empty cells stay last. Rows keep to their block.
  const value = (row, column) => {
    const cell = row.cells[column];
    const text = (cell.querySelector("span") || cell).textContent.trim().replace(/\u2212/g, "-").replace(/,(?=\d{3})/g, "");
    const number = /^[<+]?\s*(-?\d+(\.\d+)?)/.exec(text);
    return { text: text === "\u2013" ? "" : text, number: number ? parseFloat(number[1]) : NaN };
  };
  const compare = (one, other, sign) => {
    if ((one.text === "") !== (other.text === "")) return one.text === "" ? 1 : -1;
    if (!isNaN(one.number) && !isNaN(other.number)) return sign * (one.number - other.number);
    return sign * one.text.localeCompare(other.text, undefined, { numeric: true });
  };
  const sort = (table, heading, column) => {
    const sign = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", sign === 1 ? "ascending" : "descending");
    for (const body of table.tBodies) {
      const rows = [...body.rows].filter((row) => !row.classList.contains("block"));
      const keyed = rows.map((row) => ({ row, key: value(row, column) }));
      keyed.sort((one, other) => compare(one.key, other.key, sign));
      for (const { row } of keyed) body.append(row);
    }
  };
  for (const table of document.querySelectorAll("table")) {
    if ([...table.tBodies].every((body) => body.rows.length < 3)) continue;
    [...table.tHead.rows[0].cells].forEach((heading, column) => {
      const button = make("button", "sort");
      button.type = "button";
      button.title = "Sort by this column";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => sort(table, heading, column));
    });
  }

  const signs = [];
  for (const box of document.querySelectorAll(".scroll")) {
    const sign = make("p", "more", "scroll sideways for more \u2192");
    sign.hidden = true;
    box.before(sign);
    signs.push([box, sign]);
  }
  const tell = () => { for (const [box, sign] of signs) sign.hidden = box.scrollWidth <= box.clientWidth + 1; };
  tell();
  addEventListener("resize", tell);

  for (const command of document.querySelectorAll(".command")) {
    const button = make("button", "copy", "Copy");
    button.type = "button";
    button.addEventListener("click", async () => {
      const text = command.querySelector("code").textContent;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(command.querySelector("code"));
        button.textContent = "Selected";
      }
      setTimeout(() => { button.textContent = "Copy"; }, 2000);
    });
    command.before(button);
  }

  const SVG = "http://www.w3.org/2000/svg";
  const note = make("div", "tip");
  note.hidden = true;
  document.body.append(note);
  const show = (parts, event) => {
    note.replaceChildren(...parts);
    note.hidden = false;
    const room = 14, { width, height } = note.getBoundingClientRect();
    const left = event.clientX + room + width < innerWidth ? event.clientX + room : event.clientX - room - width;
    const top = Math.min(Math.max(4, event.clientY - height / 2), innerHeight - height - 4);
    note.style.left = `${Math.max(4, left)}px`;
    note.style.top = `${top}px`;
  };
  const nearest = (places, distance) => {
    let best = -1, least = Infinity;
    places.forEach((place, i) => { const d = distance(place); if (d < least) { least = d; best = i; } });
    return [best, least];
  };

  const lineParts = (panel, x) => {
    const found = [];
    const all = panel.lines.flatMap((line) => line.places.map((place) => place[0]));
    const [at] = nearest(all, (place) => Math.abs(place - x));
    const rule = all[at];
    for (const line of panel.lines) {
      const [i, away] = nearest(line.places, (place) => Math.abs(place[0] - rule));
      if (i >= 0 && away < 0.5) found.push({ line, i });
    }
    found.sort((one, other) => one.line.places[one.i][1] - other.line.places[other.i][1]);
    return [rule, found];
  };

  const follow = (figure, data) => {
    const svg = figure.querySelector("svg");
    const marks = document.createElementNS(SVG, "g");
    marks.setAttribute("class", "marks");
    svg.append(marks);
    const mark = (tag, attributes) => {
      const made = document.createElementNS(SVG, tag);
      for (const [name, of] of Object.entries(attributes)) made.setAttribute(name, of);
      marks.append(made);
    };
    const leave = () => { marks.replaceChildren(); note.hidden = true; };
    const move = (event) => {
      const place = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      marks.replaceChildren();
      if (data.dots) {
        const [i, away] = nearest(data.dots.places, ([x, y]) => Math.hypot(x - place.x, y - place.y));
        if (away < 12) {
          const [x, y] = data.dots.places[i];
          mark("circle", { cx: x, cy: y, r: 5, class: "ring" });
          const parts = data.dots.words[i].map((line) => make("p", "", line));
          if (i < (data.dots.images || 0)) parts.unshift(thumbnail(data.dots, i));
          return show(parts, event);
        }
      }
      for (const panel of data.panels || []) {
        const [left, top, right, bottom] = panel.box;
        if (place.x < left || place.x > right || place.y < top || place.y > bottom) continue;
        const [rule, found] = lineParts(panel, place.x);
        if (!found.length) continue;
        mark("line", { x1: rule, x2: rule, y1: top, y2: bottom, class: "rule" });
        const parts = [make("p", "head", `${panel.x} ${found[0].line.values[found[0].i][0]}`.trim())];
        for (const { line, i } of found) {
          mark("circle", { cx: line.places[i][0], cy: line.places[i][1], r: 3, fill: line.color });
          const text = make("p", "entry");
          const swatch = make("span", "swatch");
          swatch.style.background = line.color;
          text.append(swatch, make("span", "", line.label), make("b", "", line.values[i][1]));
          parts.push(text);
        }
        return show(parts, event);
      }
      note.hidden = true;
    };
    svg.addEventListener("pointermove", move);
    svg.addEventListener("pointerdown", move);
    svg.addEventListener("pointerleave", leave);
  };
  const thumbnail = (dots, i) => {
    const made = make("div", "thumbnail");
    const size = 112, rows = Math.ceil(dots.images / dots.columns);
    made.style.backgroundImage = `url(${dots.sheet})`;
    made.style.backgroundSize = `${size * dots.columns}px ${size * rows}px`;
    made.style.backgroundPosition = `${-size * (i % dots.columns)}px ${-size * Math.floor(i / dots.columns)}px`;
    return made;
  };
  for (const figure of document.querySelectorAll("figure")) {
    const data = figure.querySelector("script");
    if (data) follow(figure, JSON.parse(data.textContent));
  }
})();
