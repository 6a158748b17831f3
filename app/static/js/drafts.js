/* A form that keeps itself as one types: form[data-autosave=address]; files are not its business. */
(() => {
  "use strict";
  const PAUSE = 900; // milliseconds after the last key
  document.querySelectorAll("form[data-autosave]").forEach((form) => {
    const said = form.querySelector("[data-autosave-said]");
    const odd = form.querySelector("[data-autosave-odd]");
    let timer = 0;
    let changed = false;
    let leaving = false;
    let busy = Promise.resolve();
    let flying = null;
    const body = () => {
      const sent = new FormData(form);
      for (const [name, value] of [...sent]) if (value instanceof File || name === "do") sent.delete(name);
      return sent;
    };
    const keep = async () => {
      clearTimeout(timer);
      if (!changed || leaving) return;
      changed = false;
      let landed;
      flying = new Promise((done) => { landed = done; });
      try {
        const answer = await fetch(form.dataset.autosave, {
          method: "POST", body: body(), keepalive: document.hidden, headers: { Accept: "application/json" },
        });
        const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
        if (answer.status === 401) {
          changed = true;
          said.textContent = document.getElementById("session-over")?.dataset.over || form.dataset.failed;
          document.dispatchEvent(new CustomEvent("session:over", { detail: keep }));
          return;
        }
        if (!answer.ok) { said.textContent = told.message || form.dataset.failed; return; }
        said.textContent = told.said;
        form.dispatchEvent(new Event("kept:elsewhere"));
        if (odd && odd.innerHTML.trim() !== told.odd.trim()) odd.innerHTML = told.odd;
      } catch {
        changed = true;
        said.textContent = form.dataset.failed;
      } finally {
        flying = null;
        landed();
      }
    };
    const soon = (event) => {
      if (event.target.type === "file" || !event.target.name) return;
      changed = true;
      clearTimeout(timer);
      timer = setTimeout(() => { busy = busy.then(keep); }, PAUSE);
    };
    /* what was marked as wrong is being corrected */
    form.addEventListener("input", (event) => {
      const field = event.target.closest(".field.has-error");
      if (!field || event.target.type === "file") return;
      field.classList.remove("has-error");
      field.querySelectorAll(":scope > .field__error").forEach((line) => line.remove());
      field.querySelectorAll("[aria-invalid]").forEach((one) => one.removeAttribute("aria-invalid"));
    });
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
    form.addEventListener("submit", (event) => {
      leaving = true;
      clearTimeout(timer);
      if (!flying) return;
      // What is on its way must not arrive after the form and put older words in the place of newer ones.
      event.preventDefault();
      event.stopPropagation();
      const button = event.submitter;
      flying.then(() => form.requestSubmit(button));
    });
    addEventListener("pageshow", () => { leaving = false; });
    addEventListener("online", () => { if (changed) busy = busy.then(keep); });
    document.addEventListener("visibilitychange", () => { if (document.hidden && changed) keep(); });
  });
  /* a returned form opens at what the reviewer named */
  const first = document.querySelector("a[data-jump]");
  const place = first && !location.hash && document.getElementById(decodeURIComponent(first.hash.slice(1)));
  if (place && !document.querySelector("[data-errors]")) {
    place.scrollIntoView({ block: "center" });
    (place.matches("input, select, textarea, fieldset") ? place : place.querySelector("input, select, textarea"))?.focus({ preventScroll: true });
  }
})();
