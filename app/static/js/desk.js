/* The desk: a verdict and the way to the neighbours change the record in place; keys press what the page shows. */
(() => {
  "use strict";
  const OFF = "desk-keys-off";
  const LOOK = 900; // ms in which a new record cannot be decided by a press that was meant for the one before
  let busy = false;
  let shown = 0;
  const desk = () => document.querySelector("[data-desk]");
  const off = () => localStorage.getItem(OFF) === "1";

  const tidy = () => {
    const box = document.querySelector("[data-desk-keys-off]");
    if (box) box.checked = off();
    const undo = document.querySelector("[data-desk-undo]");
    if (!undo) return;
    const until = Date.now() + Number(undo.dataset.deskUndo) * 1000;
    const timer = setInterval(() => {
      const left = Math.ceil((until - Date.now()) / 1000);
      if (!undo.isConnected || left <= 0) { clearInterval(timer); undo.remove(); return; }
      undo.querySelector("[data-desk-left]").textContent = left;
    }, 500);
  };

  const show = async (answer, push) => {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-desk]");
    if (!fresh || !desk()) { location.assign(answer.url); return; }
    document.querySelectorAll("dialog[open]").forEach((one) => one.close());
    desk().replaceWith(document.adoptNode(fresh));
    const flashes = page.getElementById("flashes");
    const place = document.getElementById("flashes");
    if (place && flashes) place.replaceChildren(...flashes.childNodes); else if (place) place.replaceChildren();
    document.title = page.title;
    if (push && answer.ok) history.pushState({ desk: true }, "", answer.url);
    window.htmx?.process(desk());
    desk().dispatchEvent(new CustomEvent("htmx:after:swap", { bubbles: true }));
    shown = performance.now();
    desk().classList.add("is-fresh");
    setTimeout(() => desk()?.classList.remove("is-fresh"), LOOK);
    scrollTo({ top: 0 });
    const head = desk().querySelector("h1");
    if (head) { head.tabIndex = -1; head.focus({ preventScroll: true }); }
    tidy();
  };

  const go = async (url, options = {}, push = true) => {
    if (busy) return;
    busy = true;
    desk().setAttribute("aria-busy", "true");
    try { await show(await fetch(url, { headers: { Accept: "text/html" }, credentials: "same-origin", ...options }), push); }
    catch { if (options.method === "POST") location.reload(); else location.assign(url); }
    finally { busy = false; desk()?.removeAttribute("aria-busy"); }
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-desk] .desk__list a, [data-desk] a[data-desk-key]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    go(link.href);
  });
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!form.closest("[data-desk]") || form.getAttribute("method") !== "post" || !/\/(decide|undo)\//.test(form.getAttribute("action"))) return;
    event.preventDefault();
    // A press that was meant for the record before decides nothing; keys are pressed anew for each record.
    const late = form.id === "approve-form" && !event.submitter?.dataset.byKey && shown && performance.now() - shown < LOOK;
    if (busy || late) return;
    go(form.getAttribute("action"), { method: "POST", body: new FormData(form) });
  }, true);
  addEventListener("popstate", () => { if (desk()) go(location.href, {}, false); });

  const press = (key) => {
    if (key === "a") {
      const form = document.getElementById("approve-form");
      const button = form && form.querySelector("button.button--primary");
      if (button) { button.dataset.byKey = "1"; form.requestSubmit(button); }
      return Boolean(button);
    }
    if (key === "r" || key === "?") {
      const opener = key === "?" ? document.querySelector(".deskbar__keys")
        : document.querySelector("[data-desk] [data-dialog-open=return], [data-desk] [data-dialog-open=reject]");
      if (opener) opener.click();
      return Boolean(opener);
    }
    const target = [...document.querySelectorAll("[data-desk] [data-desk-key]")].find((one) => one.dataset.deskKey.split(" ").includes(key));
    if (target) target.click();
    return Boolean(target);
  };
  document.addEventListener("keydown", (event) => {
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !desk() || busy) return;
    if (document.querySelector("dialog[open]") || event.target.closest("input, textarea, select, [contenteditable]")) return;
    const key = event.key.toLowerCase();
    if (key !== "?" && off()) return;
    if (["j", "k", "n", "a", "r", "u", "?"].includes(key) && press(key)) event.preventDefault();
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-desk-keys-off]")) localStorage.setItem(OFF, event.target.checked ? "1" : "0");
  });

  /* pictures: turned and larger in their place, beside the typed data */
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-paper-turn], [data-paper-zoom]");
    const picture = button && button.closest("[data-paper]").querySelector("img");
    if (!picture) return;
    if (button.dataset.paperZoom !== undefined) picture.closest("[data-paper]").classList.toggle("is-large");
    else picture.dataset.turned = String((Number(picture.dataset.turned || 0) + 90) % 360);
  });
  tidy();
})();
