/* Draws charts from the numbers that stand in the table beside them. Without this file the tables say the same. */
(() => {
  "use strict";
  const doc = document;
  const ink = (name) => getComputedStyle(doc.documentElement).getPropertyValue(name).trim();
  const palette = () => [1, 2, 3, 4, 5].map((place) => ink(`--chart-${place}`));
  const text = () => ({ color: ink("--ink-2"), fontFamily: ink("--font"), fontSize: 12 });
  const axis = () => ({ axisLabel: text(), axisLine: { lineStyle: { color: ink("--line-strong") } }, splitLine: { lineStyle: { color: ink("--line") } } });
  const percent = (value) => (value === null || value === undefined ? "–" : `${Number(value).toFixed(2)}%`);
  const frame = (told) => ({
    color: palette(),
    animation: false,
    textStyle: text(),
    legend: { top: 0, textStyle: text(), data: told.series.map((one) => one.name) },
    tooltip: { trigger: "axis", valueFormatter: percent, backgroundColor: ink("--surface"), borderColor: ink("--line"), textStyle: text(), axisPointer: { type: told.kind === "bars" ? "shadow" : "line" } },
    grid: { left: 8, right: 24, top: 40, bottom: 8, containLabel: true },
  });
  const shorten = (name) => (name.length > 14 ? `${name.slice(0, 13)}…` : name);
  const bars = (told) => ({
    ...frame(told),
    xAxis: { type: "value", max: 100, ...axis(), axisLabel: { ...text(), formatter: "{value}%" } },
    yAxis: { type: "category", inverse: true, data: told.names, ...axis(), splitLine: { show: false }, axisLabel: { ...text(), formatter: shorten, interval: 0 } },
    series: told.series.map((one) => ({ type: "bar", stack: "rate", name: one.name, data: one.values, barMaxWidth: 18 })),
  });
  const days = (told) => ({
    ...frame(told),
    xAxis: { type: "category", data: told.names, boundaryGap: false, ...axis(), splitLine: { show: false } },
    yAxis: { type: "value", min: 0, ...axis(), axisLabel: { ...text(), formatter: "{value}%" } },
    series: told.series.map((one, place) => ({ type: "line", name: one.name, data: one.values, showSymbol: false, lineStyle: { width: 2, type: place ? "dashed" : "solid" } })),
  });
  const draw = (box) => {
    const told = JSON.parse(box.dataset.figures);
    if (told.kind === "bars") box.style.height = `${80 + 26 * told.names.length}px`;
    box.chart?.dispose();
    box.chart = window.echarts.init(box, null, { renderer: "svg" });
    box.chart.setOption((told.kind === "bars" ? bars : days)(told));
  };
  const all = () => doc.querySelectorAll("[data-figures]").forEach(draw);
  all();
  let waiting = 0;
  const resize = () => { clearTimeout(waiting); waiting = setTimeout(() => doc.querySelectorAll("[data-figures]").forEach((box) => box.chart?.resize()), 80); };
  addEventListener("resize", resize);
  addEventListener("beforeprint", () => doc.querySelectorAll("[data-figures]").forEach((box) => box.chart?.resize()));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", all);
  new MutationObserver(all).observe(doc.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
})();
