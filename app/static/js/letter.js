/* The letter that is being written: its preview lives from the first sign, and templates fill it in as they are chosen. */
(() => {
  "use strict";
  const form = document.getElementById("letter");
  const live = document.querySelector("[data-live]");
  if (!form || !live) return;
  const PAUSE = 250; // milliseconds after the last key
  let timer = 0;
  let asked = 0;
  const show = async () => {
    const mine = ++asked;
    const body = new URLSearchParams(new FormData(form));
    const answer = await fetch(live.dataset.live, { method: "POST", body, headers: { "HX-Request": "true" } }).catch(() => null);
    if (answer?.status === 401) { document.dispatchEvent(new CustomEvent("session:over", { detail: show })); return; }
    if (answer?.ok && mine === asked) live.innerHTML = await answer.text();
  };
  const soon = () => { clearTimeout(timer); timer = setTimeout(show, PAUSE); };
  form.addEventListener("input", soon);
  form.addEventListener("change", soon);

  const put = (name, value) => {
    const field = form.elements[name];
    if (!field || value === null) return;
    const one = field.length && !field.options ? [...field].pop() : field;
    if (one.type === "checkbox") one.checked = value === "1";
    else if (one.matches("[data-region-code]")) one.parentElement.dispatchEvent(new CustomEvent("region:set", { detail: value }));
    else one.value = value;
  };
  form.addEventListener("change", async (event) => {
    const list = event.target.closest("[data-fills]");
    if (!list || !list.value) return;
    const answer = await fetch(list.dataset.fills.replace("/0/", `/${list.value}/`)).catch(() => null);
    if (!answer?.ok) return;
    Object.entries(await answer.json()).forEach(([name, value]) => put(name, value));
    form.dispatchEvent(new Event("input", { bubbles: true }));
    form.querySelectorAll("input[type=checkbox]").forEach((box) => box.dispatchEvent(new Event("change", { bubbles: true })));
  });
})();
