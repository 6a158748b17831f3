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
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && location.hash === "#side") location.hash = "#main";
  });
})();
