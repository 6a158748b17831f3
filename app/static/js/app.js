/* Small conveniences for pages that already work without scripts. No inline handlers; everything is delegated. */
(() => {
  "use strict";
  const doc = document;
  const html = doc.documentElement;
  const text = (() => {
    const node = doc.getElementById("ui-text");
    try { return node ? JSON.parse(node.textContent) : {}; } catch { return {}; }
  })();
  const say = (key, values = {}) =>
    Object.entries(values).reduce((line, [name, value]) => line.replaceAll("{" + name + "}", value), text[key] || "");
  const on = (type, selector, handler) =>
    doc.addEventListener(type, (event) => {
      const target = event.target.closest && event.target.closest(selector);
      if (target) handler(event, target);
    });
  const each = (root, selector, handler) => {
    if (root.matches && root.matches(selector)) handler(root);
    root.querySelectorAll(selector).forEach(handler);
  };
  html.classList.add("has-js");

  /* ---- announcing ---- */
  const announce = (line) => {
    const region = doc.getElementById("live");
    if (!region || !line) return;
    region.textContent = "";
    setTimeout(() => { region.textContent = line; }, 50);
  };

  /* ---- theme: a cookie, so that the server paints the right one at once ---- */
  const showTheme = () => each(doc, "[data-theme-set]", (b) =>
    b.setAttribute("aria-pressed", String((html.dataset.theme || "auto") === b.dataset.themeSet)));
  on("click", "[data-theme-set]", (_, button) => {
    const theme = button.dataset.themeSet;
    if (theme === "auto") delete html.dataset.theme; else html.dataset.theme = theme;
    const secure = location.protocol === "https:" ? "; Secure" : "";
    doc.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
    showTheme();
  });
  showTheme();

  /* ---- dialogs ---- */
  const openDialog = (dialog) => {
    if (!dialog || !dialog.showModal || dialog.open) return;
    dialog.showModal();
    const first = dialog.querySelector("[autofocus], .has-error input, .has-error select, .has-error textarea");
    if (first) first.focus();
  };
  on("click", "[data-dialog-open]", (event, opener) => {
    event.preventDefault();
    const dialog = doc.getElementById(opener.dataset.dialogOpen);
    const form = dialog && dialog.querySelector("form");
    if (opener.dataset.action && form) form.action = opener.dataset.action;
    if (opener.dataset.what) each(dialog, "[data-what]", (place) => { place.textContent = opener.dataset.what; });
    openDialog(dialog);
  });
  on("click", "[data-dialog-close]", (event, closer) => {
    const dialog = closer.closest("dialog");
    if (!dialog || !dialog.open) return;
    event.preventDefault();
    dialog.close();
  });
  doc.addEventListener("click", (event) => {
    if (event.target.nodeName === "DIALOG" && event.target.open && event.target.dataset.strict === undefined) event.target.close();
  });
  doc.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.target.getAttribute?.("role") !== "button" || event.target.nodeName !== "A") return;
    event.preventDefault();
    event.target.click();
  });
  each(doc, "dialog[data-open-now]", openDialog);

  /* the wide irreversible ones: the number must be typed */
  const checkTyped = (input) => {
    const form = input.form;
    const same = input.value.trim() === input.dataset.confirmMatch;
    form.querySelectorAll("[data-needs-match]").forEach((b) => { b.disabled = !same; });
  };
  on("input", "[data-confirm-match]", (_, input) => checkTyped(input));

  /* ---- menus made of <details> close when one leaves them ---- */
  doc.addEventListener("click", (event) => {
    doc.querySelectorAll("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  doc.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = event.target.closest?.("details.menu[open]") || doc.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
  });

  /* ---- a form is sent once ---- */
  doc.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "get" || form.dataset.resend !== undefined) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    const button = event.submitter;
    setTimeout(() => {
      if (event.defaultPrevented) { delete form.dataset.sent; return; }
      if (button) button.setAttribute("aria-busy", "true");
      announce(say("sending"));
    });
  });
  const unlock = (root) => {
    each(root, "form[data-sent]", (form) => { delete form.dataset.sent; });
    each(root, "[aria-busy=true]", (b) => b.removeAttribute("aria-busy"));
  };
  addEventListener("pageshow", () => unlock(doc));
  doc.addEventListener("htmx:after:request", () => unlock(doc));
  doc.addEventListener("htmx:response:error", () => {
    const place = doc.getElementById("flashes");
    const line = say("refused");
    if (!place || !line) return;
    const note = Object.assign(doc.createElement("p"), { className: "note note--bad", textContent: line });
    place.replaceChildren(note);
  });
  doc.addEventListener("htmx:error", () => { unlock(doc); announce(say("offline")); });

  /* filters: empty fields need not stand in the address */
  doc.addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-tidy]")) return;
    event.target.querySelectorAll("input, select").forEach((f) => { if (f.name && !f.value) f.disabled = true; });
  });
  on("change", "form[data-autosubmit] select, form[data-autosubmit] input[type=checkbox], form[data-autosubmit] input[type=radio]",
    (_, field) => field.form.requestSubmit());

  /* ---- counting characters ---- */
  const count = (field) => {
    const place = doc.getElementById(field.dataset.count);
    if (!place) return;
    const used = [...field.value].length;
    const limit = Number(field.dataset.limit);
    place.textContent = `${used} / ${limit}`;
    place.classList.toggle("is-over", used > limit);
  };
  on("input", "[data-count]", (_, field) => count(field));

  /* ---- copying ---- */
  on("click", "[data-copy]", async (_, button) => {
    try { await navigator.clipboard.writeText(button.dataset.copy); announce(say("copied")); }
    catch { announce(say("not_copied")); return; }
    const label = button.querySelector("[data-copy-label]");
    if (!label) return;
    const before = label.textContent;
    label.textContent = say("copied");
    setTimeout(() => { label.textContent = before; }, 2000);
  });

  /* ---- the time left ---- */
  const remaining = (node) => {
    const left = (new Date(node.dataset.countdown) - Date.now()) / 1000;
    const box = node.closest(".deadline");
    const [d, h, m] = [Math.floor(left / 86400), Math.floor(left / 3600), Math.floor(left / 60)];
    const line = left <= 0 ? say("past") : d >= 1 ? say("days", { n: d }) : h >= 1 ? say("hours", { n: h }) : say("minutes", { n: Math.max(m, 1) });
    if (line) node.textContent = line;
    if (!box) return;
    box.classList.toggle("deadline--past", left <= 0);
    box.classList.toggle("deadline--last", left > 0 && left < 86400);
    box.classList.toggle("deadline--soon", left >= 86400 && left < 3 * 86400);
  };

  /* ---- rows that open their record, and picking several ---- */
  on("click", "tr[data-href]", (event, row) => {
    if (event.target.closest("a, button, input, label, select, summary") || String(getSelection())) return;
    if (event.ctrlKey || event.metaKey) open(row.dataset.href, "_blank"); else location.assign(row.dataset.href);
  });
  const showPicked = (root) => {
    const picks = [...root.querySelectorAll("[data-pick]")];
    const chosen = picks.filter((p) => p.checked);
    picks.forEach((p) => p.closest("tr, .item")?.classList.toggle("is-selected", p.checked));
    root.querySelectorAll("[data-pick-all]").forEach((all) => {
      all.checked = chosen.length > 0 && chosen.length === picks.length;
      all.indeterminate = chosen.length > 0 && chosen.length < picks.length;
    });
    root.querySelectorAll("[data-picked-count]").forEach((n) => { n.textContent = chosen.length; });
    root.querySelectorAll("[data-needs-pick]").forEach((b) => { b.disabled = chosen.length === 0; });
    root.querySelectorAll("[data-confirm-picked]").forEach((f) => { f.dataset.confirmMatch = chosen.length; checkTyped(f); });
    root.querySelectorAll("[data-picked-bar]").forEach((bar) => { bar.hidden = chosen.length === 0; });
  };
  on("change", "[data-pick], [data-pick-all]", (_, box) => {
    const root = box.closest("[data-picks]") || doc;
    if (box.matches("[data-pick-all]")) root.querySelectorAll("[data-pick]").forEach((p) => { p.checked = box.checked; });
    showPicked(root);
  });

  /* a form outside the rows takes the picked ones along */
  doc.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.takesPicked === undefined) return;
    form.querySelectorAll("[data-taken]").forEach((f) => f.remove());
    const root = form.closest("[data-picks]") || doc;
    root.querySelectorAll("[data-pick]:checked, [data-pick-matching]:checked").forEach((pick) => {
      const field = Object.assign(doc.createElement("input"), { type: "hidden", name: pick.name, value: pick.value });
      field.dataset.taken = "";
      form.append(field);
    });
  });

  /* ---- messages one can put away ---- */
  on("click", "[data-dismiss]", (_, button) => button.closest(".note, .alert")?.remove());
  on("click", "[data-reveal]", (_, button) => {
    const field = doc.getElementById(button.dataset.reveal);
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
  });
  on("click", "[data-print]", () => print());
  on("click", "[data-reload]", () => location.reload());

  /* ---- sections that depend on a choice: data-shown-by="name=value|value" ---- */
  const showBy = (form) => each(form, "[data-shown-by]", (part) => {
    const [name, values] = part.dataset.shownBy.split("=");
    const field = form.elements[name];
    if (!field) return;
    const single = field.length && !field.options ? [...field].find((f) => f.checked) : field;
    const value = !single ? "" : single.type === "checkbox" ? (single.checked ? single.value || "1" : "") : single.value;
    part.hidden = !values.split("|").includes(value);
    part.querySelectorAll("input, select, textarea").forEach((f) => { f.disabled = part.hidden; });
  });
  doc.addEventListener("change", (event) => { if (event.target.form) showBy(event.target.form); });

  /* ---- a list that depends on another: data-narrowed-by="type", data-narrow='{"1": ["31"]}'; absent: all ---- */
  const narrow = (select) => {
    const ruler = select.form && select.form.elements[select.dataset.narrowedBy];
    if (!ruler) return;
    const allowed = JSON.parse(select.dataset.narrow)[ruler.value];
    const all = [...select.options].filter((o) => o.value);
    all.forEach((o) => { o.hidden = o.disabled = Boolean(allowed) && !allowed.includes(o.value); });
    const left = all.filter((o) => !o.disabled);
    if (select.selectedOptions[0]?.disabled) select.value = "";
    if (!select.value && left.length === 1) select.value = left[0].value;
  };
  doc.addEventListener("change", (event) => {
    if (event.target.form) each(event.target.form, "[data-narrowed-by]", narrow);
  });

  /* ---- a picture is shown before it is sent ---- */
  on("change", "input[type=file][data-preview]", (_, input) => {
    const place = doc.getElementById(input.dataset.preview);
    const file = input.files[0];
    if (!place) return;
    place.hidden = !(file && file.type.startsWith("image/"));
    if (!place.hidden) place.src = URL.createObjectURL(file);
  });

  /* ---- region: lists that are there with the page; the lower ones are filled as one chooses ---- */
  const places = {};
  const placesBelow = (url, code) => (places[url + code] ||= fetch(`${url}?of=${encodeURIComponent(code)}`)
    .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
    .catch((trouble) => { delete places[url + code]; throw trouble; }));
  const option = (value, label) => Object.assign(doc.createElement("option"), { value, textContent: label });
  const settleRegion = (box) => {
    const code = box.querySelector("[data-region-code]");
    const lists = [...box.querySelectorAll("select")];
    const first = lists.map((list) => list.options[0].textContent);
    const fill = (level, rows, chosen = "") => {
      lists[level].replaceChildren(option("", first[level]), ...rows.map(([value, label]) => option(value, label)));
      lists[level].disabled = rows.length === 0;
      lists[level].value = chosen;
    };
    const choose = async (level) => {
      const chosen = lists[level].value;
      const next = lists[level + 1];
      for (let below = level + 1; below < lists.length; below++) fill(below, []);
      code.value = lists.map((list) => list.value).filter(Boolean).pop() || "";
      code.dispatchEvent(new Event("change", { bubbles: true }));
      if (!chosen || !next) return;
      next.replaceChildren(option("", box.dataset.loading));
      try {
        const told = await placesBelow(box.dataset.region, chosen);
        if (lists[level].value === chosen) fill(level + 1, told.lists[level] || []);
      } catch {
        if (lists[level].value === chosen) next.replaceChildren(option("", box.dataset.failed));
      }
    };
    lists.forEach((list, level) => list.addEventListener("change", (event) => { event.stopPropagation(); choose(level); }));
    box.addEventListener("region:set", async (event) => {
      code.value = event.detail;
      const told = event.detail ? await placesBelow(box.dataset.region, event.detail).catch(() => null) : { path: [], lists: [] };
      if (!told || code.value !== event.detail) return;
      lists[0].value = told.path[0] || "";
      for (let level = 1; level < lists.length; level++) fill(level, told.lists[level - 1] || [], told.path[level] || "");
      code.dispatchEvent(new Event("change", { bubbles: true }));
    });
    if (lists[0].value && !code.value) choose(0); // chosen before the script had come
  };

  /* a table wider than its place scrolls by itself, never the page */
  const fitTables = () => each(doc, ".tablewrap", (wrap) => {
    wrap.classList.remove("is-wide");
    const wide = wrap.scrollWidth > wrap.clientWidth + 1;
    wrap.classList.toggle("is-wide", wide);
    if (wide) wrap.tabIndex = 0; else wrap.removeAttribute("tabindex");
  });
  addEventListener("resize", fitTables);

  /* ---- whatever comes into the page, first or by htmx ---- */
  const settle = (root) => {
    each(root, "[data-count]", count);
    each(root, "[data-countdown]", remaining);
    each(root, "[data-confirm-match]", checkTyped);
    each(root, "form", (form) => { if (form.querySelector("[data-shown-by]")) showBy(form); });
    each(root, "[data-narrowed-by]", narrow);
    each(root, "[data-picks]", showPicked);
    each(root, "[data-region]", (box) => { if (!box.dataset.ready) { box.dataset.ready = "1"; settleRegion(box); } });
    each(root, "dialog[data-open-now]", openDialog);
    fitTables();
  };
  settle(doc);
  doc.addEventListener("htmx:after:swap", (event) => settle(event.target.nodeType ? event.target : doc));
  setInterval(() => each(doc, "[data-countdown]", remaining), 30000);
  doc.querySelectorAll(".tabs [aria-current], .topnav [aria-current]").forEach((tab) => {
    const bar = tab.parentElement;
    bar.scrollLeft = Math.max(0, tab.offsetLeft - bar.offsetLeft - (bar.clientWidth - tab.offsetWidth) / 2);
  });
  const firstError = doc.querySelector("[data-errors]");
  if (firstError) firstError.focus();

  /* ---- typed values: a field that is left shows the form that will be kept, and what is wrong or odd ---- */
  const tellAt = (field, kind, look, words) => {
    const id = `${field.id}-${kind}`;
    const old = doc.getElementById(id);
    const others = (field.getAttribute("aria-describedby") || "").split(" ").filter((one) => one && one !== id);
    if (old) old.remove();
    if (words) {
      const line = doc.createElement("p");
      line.className = look;
      line.id = id;
      line.textContent = words;
      (field.closest(".affix, .row") || field).after(line);
      others.push(id);
      announce(words);
    }
    field.setAttribute("aria-describedby", others.join(" "));
  };
  on("change", "[data-reads]", async (_, field) => {
    const typed = field.value;
    const token = doc.querySelector("[name=csrf_token]");
    if (!token) return;
    const body = new URLSearchParams({ csrf_token: token.value, value: typed });
    const answer = await fetch(`/codes/values/${field.dataset.reads}`, { method: "POST", body }).catch(() => null);
    if (!answer || !answer.ok || field.value !== typed) return;
    const told = await answer.json();
    if (!told.error) field.value = told.value;
    if (told.error) field.setAttribute("aria-invalid", "true"); else field.removeAttribute("aria-invalid");
    field.closest(".field")?.classList.toggle("has-error", Boolean(told.error));
    tellAt(field, "error", "field__error", told.error);
    tellAt(field, "warning", "field__warning", told.warning);
  });
})();
