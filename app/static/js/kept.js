/* What is typed into a form is kept in this browser, for this account alone, until it has been handed in or one logs out.
   Every form that is posted takes part that has a text of several lines or three fields to type in; data-draft names it
   (else its address does), data-draft="off" leaves it out. Passwords, files and codes are never kept. */
(() => {
  "use strict";
  const doc = document;
  const account = doc.getElementById("session-over")?.dataset.account;
  const words = doc.getElementById("kept-words")?.dataset;
  if (!account || !words) return;
  const PAUSE = 300; // milliseconds after the last key
  const LONGEST = 14 * 24 * 3600 * 1000; // then nobody comes back to it
  const MARK = "draft:";
  const own = `${MARK}${account}:`;
  const store = (() => { try { return localStorage; } catch { return null; } })();
  if (!store) return;
  const get = (key) => { try { return JSON.parse(store.getItem(own + key)); } catch { return null; } };
  const put = (key, draft) => { try { store.setItem(own + key, JSON.stringify(draft)); } catch { /* full: nothing is kept */ } };
  const drop = (key) => store.removeItem(own + key);
  const keys = () => Object.keys(store).filter((one) => one.startsWith(MARK));
  keys().forEach((one) => { try { if (Date.now() - JSON.parse(store.getItem(one)).at > LONGEST) store.removeItem(one); } catch { store.removeItem(one); } });

  const TYPED = ["text", "tel", "email", "url", "search", "number", "date", "month", "checkbox", "radio", "select-one", "select-multiple", "textarea"];
  const NEVER = /^(csrf_token|version|password|code|otp|confirm_number|next)$/;
  const isRegion = (field) => field.dataset.regionCode !== undefined;
  const isKept = (field) => field.name && !NEVER.test(field.name) &&
    (isRegion(field) || field.dataset.kept !== undefined || TYPED.includes(field.type));
  const fieldsOf = (form) => [...form.elements].filter(isKept);
  const keyOf = (form) => {
    const named = form.dataset.draft;
    if (named === "off" || form.method !== "post" || form.querySelector("input[type=password]")) return "";
    if (named) return named;
    const typed = fieldsOf(form).filter((field) => field.type !== "checkbox" && field.type !== "radio");
    if (typed.length < 3 && !typed.some((field) => field.type === "textarea")) return "";
    return `${new URL(form.getAttribute("action") || location.href, location.href).pathname}#${form.id}`;
  };
  const valuesOf = (form) => {
    const values = {};
    fieldsOf(form).forEach((field) => {
      if (field.type === "checkbox" || field.type === "radio") { (values[field.name] ||= []); if (field.checked) values[field.name].push(field.value); }
      else (values[field.name] ||= []).push(field.type === "select-multiple" ? [...field.selectedOptions].map((one) => one.value) : field.value);
    });
    return values;
  };
  const same = (one, other) => Object.keys(one).every((name) => !(name in other) || JSON.stringify(one[name]) === JSON.stringify(other[name]));
  const write = (form, values) => {
    const used = {};
    fieldsOf(form).forEach((field) => {
      const said = values[field.name];
      if (!said) return;
      if (field.type === "checkbox" || field.type === "radio") field.checked = said.includes(field.value);
      else {
        const value = said[(used[field.name] = (used[field.name] ?? -1) + 1)];
        if (value === undefined || field.value === value) return;
        if (isRegion(field)) field.parentElement.dispatchEvent(new CustomEvent("region:set", { detail: value }));
        else if (field.type === "select-multiple") [...field.options].forEach((one) => { one.selected = value.includes(one.value); });
        else field.value = value;
      }
      field.dispatchEvent(new Event("input", { bubbles: true }));
      if (!field.dataset.reads) field.dispatchEvent(new Event("change", { bubbles: true }));
    });
  };
  const tell = (form, key, draft, before) => {
    const note = Object.assign(doc.createElement("div"), { className: "note note--info kept" });
    note.setAttribute("role", "status");
    const at = new Date(draft.at).toLocaleString(doc.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
    const line = Object.assign(doc.createElement("p"), { className: "note__body", textContent: words.restored.replace("{at}", at) });
    const away = Object.assign(doc.createElement("button"), { className: "button button--quiet", type: "button", textContent: words.discard });
    away.addEventListener("click", () => { write(form, before); drop(key); note.remove(); });
    note.append(line, away);
    (form.querySelector(".card__body, .dialog__body") || form).prepend(note);
  };

  const begin = () => {
    const saved = Boolean(doc.querySelector("#flashes .note--good"));
    const refused = Boolean(doc.querySelector("[data-errors]"));
    const came = (() => { try { return new URL(doc.referrer).pathname; } catch { return ""; } })();
    const here = new Set();
    doc.querySelectorAll("form").forEach((form) => {
      const key = keyOf(form);
      if (!key) return;
      here.add(key);
      let draft = get(key);
      if (draft?.sent && saved && !refused) { drop(key); draft = null; }
      else if (draft?.sent) put(key, { ...draft, sent: "" });
      const before = valuesOf(form);
      if (draft && !same(draft.values, before)) {
        write(form, draft.values);
        tell(form, key, draft, before);
      }
      let timer = 0;
      let changed = false;
      const keep = () => {
        clearTimeout(timer);
        if (!changed) return;
        changed = false;
        put(key, { at: Date.now(), values: { ...get(key)?.values, ...valuesOf(form) } });
      };
      const soon = (event) => {
        if (!event.isTrusted && !isRegion(event.target) && event.target !== form) return;
        changed = true;
        clearTimeout(timer);
        timer = setTimeout(keep, PAUSE);
      };
      form.addEventListener("input", soon);
      form.addEventListener("change", soon);
      form.addEventListener("kept:elsewhere", () => { clearTimeout(timer); changed = false; drop(key); });
      form.addEventListener("submit", () => {
        keep();
        const now = get(key);
        if (now) put(key, { ...now, sent: location.pathname });
      });
      addEventListener("pagehide", keep);
      doc.addEventListener("visibilitychange", () => { if (doc.hidden) keep(); });
    });
    /* what was sent and led on to another page has arrived */
    if (!refused) keys().filter((one) => one.startsWith(own)).forEach((one) => {
      const key = one.slice(own.length);
      const sent = get(key)?.sent;
      if (sent && !here.has(key) && (saved || sent === came)) drop(key);
    });
  };
  /* once the other scripts hear of what is filled in */
  if (doc.readyState === "complete") begin(); else doc.addEventListener("DOMContentLoaded", begin);
  doc.addEventListener("submit", (event) => {
    if (event.target.getAttribute("action")?.endsWith("/logout")) keys().filter((one) => one.startsWith(own)).forEach((one) => store.removeItem(one));
  });
})();
