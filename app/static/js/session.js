/* A session that is over loses no form: one logs in beside it, in a window of its own, and goes on. */
(() => {
  "use strict";
  const doc = document;
  const dialog = doc.getElementById("session-over");
  if (!dialog) return;
  const LONG = 8; // fields: what is shorter is typed again in a moment
  const line = dialog.querySelector("[data-session-said]");
  let goOn = null;
  const free = () => doc.querySelectorAll("form[data-sent], [aria-busy=true]").forEach((one) => {
    delete one.dataset.sent;
    one.removeAttribute("aria-busy");
  });
  /* "" when it holds, else the words for what is the matter; no answer at all is left to the form itself */
  const trouble = async () => {
    const answer = await fetch(dialog.dataset.ask, { redirect: "manual", headers: { Accept: "application/json" } });
    if (!answer.ok) return dialog.dataset.over;
    const { account, token } = await answer.json();
    if (account !== dialog.dataset.account) return dialog.dataset.other;
    doc.querySelectorAll("input[name=csrf_token]").forEach((field) => { field.value = token; });
    doc.body.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    return "";
  };
  const tell = (words, then) => {
    free();
    goOn = then;
    line.textContent = words;
    if (!dialog.open) dialog.showModal();
  };
  const again = async () => {
    const words = await trouble().catch(() => dialog.dataset.over);
    if (words) { line.textContent = words; return; }
    dialog.close();
    const then = goOn;
    goOn = null;
    then?.();
  };
  dialog.querySelector("[data-session-again]").addEventListener("click", again);
  addEventListener("focus", () => { if (dialog.open) again(); });
  doc.addEventListener("session:over", (event) => tell(dialog.dataset.over, event.detail));
  doc.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || form.elements.length < LONG) return;
    if (form.dataset.holds) { delete form.dataset.holds; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    const button = event.submitter;
    const send = () => { form.dataset.holds = "1"; form.requestSubmit(button); };
    trouble().then((words) => (words ? tell(words, send) : send()), send);
  }, true);
  doc.addEventListener("htmx:before:response", (event) => {
    if (event.detail.ctx.response.status !== 401) return;
    event.preventDefault();
    tell(dialog.dataset.over, null);
  });
})();
