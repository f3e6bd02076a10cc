"use strict";

/** Shows what the server sends: the history when a stream begins, then rows as they come. */
(() => {
  const main = document.getElementById("main");
  const state = document.getElementById("state");
  const run = document.body.dataset.run;
  let shown = []; // of each panel: its columns, its chart, where its newest values stand
  let changed = new Set();

  function say(text, kind) {
    state.textContent = text;
    state.dataset.kind = kind;
  }

  /** An element with text. */
  function element(parent, name, text, attributes = {}) {
    const made = parent.appendChild(document.createElement(name));
    made.textContent = text;
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    return made;
  }

  function build(panels) {
    main.textContent = "";
    shown = panels.map(panel => {
      const figure = element(main, "figure", "");
      element(figure, "figcaption", panel.title);
      const newest = element(figure, "p", "", {class: "newest"});
      const place = element(figure, "div", "", {class: "plot"});
      const columns = [[], ...panel.series.map(() => [])];
      const chart = nautile.chart(place, {...panel, logX: false, logY: false}, columns);
      return {panel, columns, chart, newest};
    });
  }

  function append(index, row) {
    const one = shown[index];
    if (!one) return;
    one.columns.forEach((column, i) => column.push(row[i]));
    changed.add(one);
  }

  function draw() {
    for (const one of changed) {
      one.chart.set(one.columns);
      one.newest.textContent = one.panel.series.map((name, i) => {
        const last = one.columns[i + 1].findLast(value => value != null);
        return last === undefined ? null : name + " " + nautile.number(Number(last.toPrecision(4)));
      }).filter(text => text).join(", ");
    }
    changed = new Set();
    const points = shown.reduce((sum, one) => sum + one.columns[0].length, 0);
    document.documentElement.dataset.points = String(points);
  }

  /** Many events may come between two pictures of the screen; a page in the background draws nothing. */
  let asked = false;
  function drawSoon() {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      draw();
    });
  }

  function listen() {
    const source = new EventSource("events");
    source.addEventListener("history", event => {
      const all = JSON.parse(event.data);
      if (run !== all.run) {
        location.reload(); // another training listens on this port now
        return;
      }
      const same = shown.length === all.panels.length
        && shown.every((one, i) => one.panel.title === all.panels[i].title);
      if (!same) build(all.panels);
      shown.forEach((one, i) => {
        one.columns.forEach(column => column.length = 0);
        all.panels[i].rows.forEach(row => append(i, row));
        changed.add(one);
      });
      say(all.panels.length ? "live" : "live; training has not begun", "live");
      drawSoon();
    });
    source.addEventListener("rows", event => {
      JSON.parse(event.data).forEach(([panel, row]) => append(panel, row));
      say("live", "live");
      drawSoon();
    });
    source.addEventListener("end", () => {
      source.close();
      say("training has ended; the report in its folder has all of it", "ended");
    });
    source.onerror = () => { // browsers differ in when they try again, and whether
      source.close();
      say("no connection; trying again", "lost");
      setTimeout(listen, 1000);
    };
  }

  listen();
})();
