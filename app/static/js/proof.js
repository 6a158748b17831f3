/* What binds a graduate asks for a one-time code: the sheet comes over the page, and the page's own form is sent with
   the code once it is right. Forms and buttons name the sheet's address in data-proof. */
(() => {
  "use strict";
  const doc = document;
  let form = null;
  let pressed = null;
  let timers = [];

  const token = () => form.querySelector("[name=csrf_token]").value;
  const ask = async (url, fields = {}) => {
    const body = new FormData();
    body.set("csrf_token", token());
    for (const [name, value] of Object.entries(fields)) body.set(name, value);
    return fetch(url, { method: "POST", body, credentials: "same-origin", headers: { "X-Sheet": "1" } });
  };
  const sheet = () => doc.getElementById("proof");
  const leave = () => {
    timers.forEach(clearInterval);
    timers = [];
    sheet()?.remove();
    pressed?.focus();
  };
  const lost = () => {
    const place = doc.getElementById("proof-state");
    const texts = JSON.parse(doc.getElementById("ui-text")?.textContent || "{}");
    const note = Object.assign(doc.createElement("p"), { className: "note note--bad", textContent: texts.offline || "" });
    note.setAttribute("role", "alert");
    if (place) place.replaceChildren(note);
    else doc.getElementById("flashes")?.replaceChildren(note);
  };

  const countDown = (button) => {
    const label = button.textContent;
    const tick = () => {
      const left = Math.ceil((new Date(button.dataset.againAt) - Date.now()) / 1000);
      button.disabled = left > 0;
      button.textContent = left > 0 ? `${label} (${left})` : label;
    };
    tick();
    timers.push(setInterval(tick, 1000));
  };
  const watch = (place) => {
    let looks = 0;
    const look = setInterval(async () => {
      looks += 1;
      if (looks > 6) { clearInterval(look); return; }
      try {
        const answer = await fetch(place.dataset.proofState, { credentials: "same-origin" });
        if (answer.ok && place.isConnected) place.innerHTML = await answer.text();
      } catch { /* the next look may succeed */ }
    }, 4000);
    timers.push(look);
  };
  const show = (html) => {
    timers.forEach(clearInterval);
    timers = [];
    sheet()?.remove();
    const holder = doc.createElement("template");
    holder.innerHTML = html.trim();
    const made = holder.content.firstElementChild;
    doc.body.append(made);
    made.showModal();
    made.querySelector("[name=code]")?.focus();
    made.addEventListener("cancel", (event) => { event.preventDefault(); leave(); });
    made.querySelectorAll("[data-again-at]").forEach(countDown);
    made.querySelectorAll("[data-proof-state]").forEach(watch);
  };
  const open = async (url) => {
    try {
      const answer = await ask(url);
      const html = await answer.text();
      if (html.includes("id=\"proof\"")) show(html); else location.reload();
    } catch { lost(); }
  };

  const check = async (field) => {
    const code = field.value.trim();
    if (!code) { field.focus(); return; }
    const button = sheet().querySelector(".button--primary");
    button?.setAttribute("aria-busy", "true");
    try {
      const answer = await ask(sheet().querySelector("form").action, { code });
      if (answer.status !== 204) { show(await answer.text()); return; }
    } catch { button?.removeAttribute("aria-busy"); lost(); return; }
    const kept = form.querySelector("input[name=code][type=hidden]") || form.appendChild(Object.assign(doc.createElement("input"), { type: "hidden", name: "code" }));
    kept.value = code;
    form.dataset.proved = "1";
    timers.forEach(clearInterval);
    sheet().remove();
    form.requestSubmit(pressed);
  };

  /* Before anything else hears of the press: the form waits until the code is there. */
  addEventListener("submit", (event) => {
    if (event.target.matches("[data-proof-check]")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      check(event.target.querySelector("[name=code]"));
      return;
    }
    const url = event.submitter?.dataset.proof || event.target.dataset.proof;
    if (!url || event.target.dataset.proved) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    form = event.target;
    pressed = event.submitter;
    open(url);
  }, true);
  /* A page that comes back from the browser's memory asks anew. */
  addEventListener("pageshow", () => doc.querySelectorAll("[data-proved]").forEach((one) => { delete one.dataset.proved; }));
  doc.addEventListener("click", (event) => {
    if (event.target.closest("[data-proof-leave]")) leave();
    const again = event.target.closest("[data-proof-again]");
    if (again && !again.disabled) open(again.dataset.proofAgain);
  });
})();
