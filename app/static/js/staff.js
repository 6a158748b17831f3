/* What FAB's own form fields need, without jQuery: AJAX selects and date fields. */
(() => {
  "use strict";
  const options = async (endpoint) => {
    const answer = await fetch(endpoint, { headers: { Accept: "application/json" } });
    return answer.ok ? answer.json() : [];
  };
  const fill = (select, rows, chosen) => {
    const first = new Option(select.dataset.empty || "", "");
    select.replaceChildren(first, ...rows.map((row) => new Option(row.text, row.id, false, String(row.id) === String(chosen))));
  };
  const becomeSelect = (input) => {
    const select = document.createElement("select");
    for (const name of ["id", "name", "required", "aria-describedby"]) {
      if (input.hasAttribute(name)) select.setAttribute(name, input.getAttribute(name));
    }
    select.className = "select";
    input.replaceWith(select);
    return select;
  };
  document.querySelectorAll("input.my_select2_ajax[endpoint]").forEach(async (input) => {
    const endpoint = input.getAttribute("endpoint");
    const master = document.getElementById(input.getAttribute("master_id"));
    const chosen = input.value;
    const select = becomeSelect(input);
    if (!master) { fill(select, await options(endpoint), chosen); return; }
    master.addEventListener("change", async () => {
      fill(select, master.value ? await options(endpoint.replace("{{ID}}", encodeURIComponent(master.value))) : [], "");
    });
  });
  document.querySelectorAll(".appbuilder_date input").forEach((input) => { input.type = "date"; });
  /* words used often: into the reason, or beside the field they point at */
  const write = (field, text, joined) => {
    field.value = joined && field.value.trim() ? `${field.value.trim()}\n${text}` : text;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  document.addEventListener("click", (event) => {
    const chip = event.target.closest("[data-phrase]");
    if (!chip) return;
    const { phrase, phraseInto, phraseField, phraseLabel } = chip.dataset;
    const reason = document.getElementById(phraseInto);
    const field = phraseField && document.getElementById(phraseField);
    if (field) {
      const fold = field.closest("details");
      if (fold) fold.open = true;
      write(field, phrase, false);
    }
    const said = field ? `${phraseLabel}：${phrase}` : phrase;
    if (reason && !reason.value.includes(said)) write(reason, said, true);
  });
  /* the columns of a list travel in its address, in the order of the sheet */
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.columns === undefined) return;
    const boxes = [...event.target.querySelectorAll("[data-column]")];
    const chosen = boxes.filter((box) => box.checked).map((box) => box.value);
    const field = event.target.querySelector("[name=cols]");
    field.value = chosen.join(",");
  });
  document.addEventListener("click", (event) => {
    const up = event.target.closest("[data-column-up]");
    const before = up?.closest("li").previousElementSibling;
    if (!before?.previousElementSibling) return; /* the first column stays the first */
    before.before(up.closest("li"));
    up.focus();
  });
  /* many at once: leave those of one unit out */
  document.addEventListener("click", (event) => {
    const leave = event.target.closest("[data-leave]");
    if (!leave) return;
    const rows = [...document.querySelectorAll("[data-pick]")].filter((pick) => pick.dataset.unit === leave.dataset.leave);
    rows.forEach((pick) => { pick.checked = false; });
    rows[0]?.dispatchEvent(new Event("change", { bubbles: true }));
    leave.disabled = true;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && location.hash === "#side") location.hash = "#main";
  });
})();
