"use strict";

/** Draws curves with uPlot: in the colours of the page, light or dark, as wide as their place, usable by keyboard. */
const nautile = (() => {
  const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];
  const COLOURS = 7;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();

  function number(value) {
    if (value == null || !isFinite(value)) return "–";
    const size = Math.abs(value);
    if (value === 0 || (size >= 1e-4 && size < 1e6)) return String(Number(value.toPrecision(6)));
    return value.toPrecision(6).replace(/\.?0+(e|$)/, "$1").replace("e+", "e");
  }

  /** The nearest index at which a series has a value: curves laid over each other need not share their x. */
  function nearest(plot, series, index) {
    const column = plot.data[series];
    for (let left = index, right = index; left >= 0 || right < column.length; left--, right++) {
      if (left >= 0 && column[left] != null) return left;
      if (right < column.length && column[right] != null) return right;
    }
    return index;
  }

  function options(spec, width, whole) {
    const ink = colour("ink");
    const axis = (label, log) => ({
      label, labelFont: "13px system-ui, sans-serif", font: "12px system-ui, sans-serif", labelSize: 22,
      stroke: ink, grid: {stroke: colour("line"), width: 1}, ticks: {stroke: colour("line"), width: 1},
      values: (plot, splits) => splits.map(split => split == null ? "" : number(split)),
      ...(log ? {space: 40} : {}),
    });
    const x = axis(spec.xLabel, spec.logX);
    const y = axis(spec.yLabel, spec.logY);
    y.size = (plot, values) => 20 + 7.5 * Math.max(3, ...(values || []).map(value => value.length));
    x.space = (plot, index, least, most) => 9 * Math.max(5, number(most).length, number(least).length);
    if (whole) x.incrs = [1, 2, 5].flatMap(step => [...Array(12).keys()].map(power => step * 10 ** power)).sort((a, b) => a - b);
    const single = spec.series.length === 1;
    return {
      width, height: Math.round(Math.min(360, Math.max(240, width * 0.5))),
      scales: {
        x: {
          time: false, distr: spec.logX ? 3 : 1,
          ...(spec.logX ? {range: (plot, least, most) => least < most ? [least, most] : [least / 2, most * 2]} : {}),
        },
        y: {distr: spec.logY ? 3 : 1},
      },
      axes: [x, y],
      cursor: {dataIdx: nearest, y: false},
      legend: {markers: {dash: (plot, i) => i > COLOURS ? "dashed" : "solid"}},
      series: [
        {label: spec.xLabel || "x", value: (plot, value) => number(value)},
        ...spec.series.map((label, i) => ({
          label, spanGaps: true, width: single ? 2 : 1.75,
          stroke: colour("s" + i % COLOURS), dash: DASHES[Math.floor(i / COLOURS) % DASHES.length],
          points: {size: 5, fill: colour("card")},
          value: (plot, value) => number(value),
        })),
      ],
    };
  }

  /** Lets the keyboard do what the mouse does: switch curves off and on, and walk along them. */
  function keyboard(place, plot, spec) {
    place.querySelectorAll(".u-legend .u-series").forEach((row, i) => {
      if (i === 0) return;
      const head = row.querySelector("th");
      head.tabIndex = 0;
      head.setAttribute("role", "button");
      head.setAttribute("aria-pressed", "true");
      const pressed = () => head.setAttribute("aria-pressed", String(!row.classList.contains("u-off")));
      head.addEventListener("click", () => setTimeout(pressed));
      head.addEventListener("keydown", event => {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          plot.setSeries(i, {show: !plot.series[i].show});
          pressed();
        }
      });
    });
    const over = plot.over;
    over.tabIndex = 0;
    over.setAttribute("role", "img");
    over.setAttribute("aria-label", spec.title + ": a chart; the table below it has the values");
    over.addEventListener("keydown", event => {
      const last = plot.data[0].length - 1;
      const at = plot.cursor.idx;
      const to = {
        ArrowRight: at == null ? 0 : Math.min(last, at + 1), ArrowLeft: at == null ? last : Math.max(0, at - 1),
        Home: 0, End: last,
      }[event.key];
      if (to !== undefined && last >= 0) {
        event.preventDefault();
        plot.setCursor({left: plot.valToPos(plot.data[0][to], "x"), top: over.clientHeight / 2});
      }
    });
  }

  /** A chart in a place; data as uPlot has it: x, then each series, with null for nothing. */
  function chart(place, spec, data) {
    let plot = null;
    let shown = data;
    const draw = () => {
      if (plot) plot.destroy();
      const whole = !spec.logX && shown[0].every(Number.isInteger); // epochs and steps have nothing between them
      const made = options(spec, Math.max(200, place.clientWidth), whole);
      plot = new uPlot(made, shown, place);
      keyboard(place, plot, spec);
    };
    draw();
    dark.addEventListener("change", draw);
    new ResizeObserver(() => {
      const width = Math.max(200, place.clientWidth);
      if (width !== plot.width) plot.setSize({width, height: options(spec, width).height});
    }).observe(place);
    return {
      set(values) {
        shown = values;
        plot.setData(values);
      },
    };
  }

  /** Draws every chart whose data the page holds. */
  function all() {
    let drawn = 0;
    document.querySelectorAll(".plot[data-chart]").forEach(place => {
      const spec = JSON.parse(document.getElementById(place.dataset.chart).textContent);
      chart(place, spec, spec.data);
      drawn++;
    });
    document.documentElement.dataset.charts = String(drawn);
  }

  return {chart, all, number};
})();
