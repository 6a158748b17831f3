/* Pictures of a form: shrunk, sent at once with progress, sent again, turned, removed; no form leaves while one of them has
   not arrived. Without this file the plain form works. */
(() => {
  "use strict";
  const LONGEST = 2600; // pixels a side: a stamp and small print on A4 stay readable
  const TALL = 2; // a screenshot of a long page is bound by its area instead, or nobody could read it
  const AREA = 12e6;
  const LONGEST_TALL = 16000; // what every browser can draw
  const HEAVY = 1.5 * 1024 * 1024;
  const MOST_BYTES = 10 * 1024 * 1024;
  const doc = document;
  const token = (box) => (box.closest("form") || doc).querySelector("[name=csrf_token]")?.value || "";
  const words = (box) => (box.words ||= JSON.parse(box.dataset.words));
  const say = (box, key, name = "") => {
    const line = (words(box)[key] || "").replaceAll("{name}", name);
    const place = box.querySelector("[data-photos-say]");
    place.textContent = "";
    setTimeout(() => { place.textContent = line; }, 50);
    return line;
  };
  const rows = (box) => [...box.querySelectorAll("[data-photos-list] > [data-photo]")];
  const part = (row, name) => row.querySelector(`[name=photo_${name}]`);
  const size = (bytes) => (bytes > 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`);

  /* ---- what one row shows ---- */
  const name = (box, row, title) => {
    row.querySelector(".photo__name").textContent = title;
    const drawn = (row.dataset.mime || "").startsWith("image/");
    row.querySelector(".photo__view").setAttribute("aria-label", drawn ? words(box).picture.replaceAll("{name}", title) : title);
    for (const key of ["again", "turn", "remove"]) part(row, key).setAttribute("aria-label", words(box)[key].replaceAll("{name}", title));
  };
  const look = (row, url) => {
    row.querySelector(".photo__view").href = url;
    const picture = row.querySelector("img");
    if (!picture) return;
    picture.hidden = false;
    picture.src = url;
  };
  const show = (box, row, file) => {
    row.dataset.id = file.id;
    row.dataset.mime = file.mime;
    name(box, row, file.name);
    row.querySelector(".photo__size").textContent = size(file.size);
    for (const key of ["turn", "remove"]) part(row, key).value = file.id;
    if (file.mime.startsWith("image/")) look(row, file.url); else row.querySelector(".photo__view").href = file.url;
  };
  /* Only what helps now: nothing is turned that is not there, nothing sent again that would be refused again. */
  const state = (row, { busy = false, error = "", again = false }) => {
    row.classList.toggle("is-busy", busy);
    row.classList.toggle("has-error", Boolean(error));
    row.classList.toggle("can-again", again);
    row.querySelector("progress").hidden = !busy;
    row.querySelector(".field__error").hidden = !error;
    row.querySelector("[data-photo-error]").textContent = error;
    part(row, "again").hidden = !again;
    part(row, "turn").hidden = busy || !row.dataset.id || !(row.dataset.mime || "").startsWith("image/");
  };
  const note = (box, line = "") => {
    const place = box.querySelector("[data-photos-left]");
    place.hidden = !line;
    place.querySelector("span").textContent = line;
  };
  const settle = (box) => {
    const kept = rows(box).filter((row) => row.dataset.id).length;
    const full = Boolean(box.dataset.most) && rows(box).length >= Number(box.dataset.most);
    box.querySelector("[data-photos-add]").hidden = full;
    box.querySelector("[data-photos-full]").hidden = !full;
    if (!box.beyond && !rows(box).some((row) => row.classList.contains("has-error"))) note(box);
    box.dispatchEvent(new CustomEvent("photos:changed", { bubbles: true, detail: { kind: box.dataset.kind, count: kept } }));
  };

  /* ---- talking to the server ---- */
  const send = (box, body, { row, progress } = {}) => new Promise((done, refused) => {
    const call = new XMLHttpRequest();
    call.open("POST", box.dataset.photos);
    call.setRequestHeader("Accept", "application/json");
    call.setRequestHeader("X-CSRFToken", token(box));
    call.responseType = "json";
    call.timeout = 120000;
    if (row) row.call = call;
    if (progress) call.upload.addEventListener("progress", (e) => { if (e.lengthComputable) progress(Math.round((e.loaded / e.total) * 100)); });
    call.addEventListener("load", () => {
      const told = call.response;
      if (call.status < 300 && told) return done(told);
      const lines = told && told.errors ? Object.values(told.errors).flat() : [];
      const text = lines.join(" ") || (told && told.message) || words(box)[call.status === 413 ? "large" : "failed"];
      refused({ text, again: ![409, 413, 415, 422].includes(call.status) });
    });
    for (const kind of ["error", "timeout"]) call.addEventListener(kind, () => refused({ text: words(box).offline, again: true }));
    call.addEventListener("abort", () => refused({ text: "", again: false }));
    body.append("kind", box.dataset.kind);
    call.send(body);
  });

  /* ---- pictures of a phone are far larger than a reader needs ---- */
  const shrunk = async (file) => {
    const sendable = ["image/jpeg", "image/png", "image/webp"].includes(file.type);
    if (!file.type.startsWith("image/") || (sendable && file.size < HEAVY)) return file;
    try {
      const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
      const [long, short] = [Math.max(picture.width, picture.height), Math.min(picture.width, picture.height)];
      const tall = long > TALL * short;
      if (tall && sendable && file.size <= MOST_BYTES) return file;
      const scale = Math.min(1, tall ? Math.min(Math.sqrt(AREA / (long * short)), LONGEST_TALL / long) : LONGEST / long);
      const canvas = Object.assign(doc.createElement("canvas"), {
        width: Math.round(picture.width * scale), height: Math.round(picture.height * scale),
      });
      const ground = canvas.getContext("2d");
      ground.fillStyle = "#fff";
      ground.fillRect(0, 0, canvas.width, canvas.height);
      ground.drawImage(picture, 0, 0, canvas.width, canvas.height);
      picture.close();
      const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.86));
      if (!blob || (sendable && blob.size >= file.size)) return file;
      return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
    } catch {
      return file; // the server says what is wrong with it
    }
  };

  /* ---- one file after the other: a weak line is not split ---- */
  const queue = new Map();
  const busy = (box) => rows(box).some((row) => row.classList.contains("is-busy"));
  const upload = async (box, row) => {
    const bar = row.querySelector("progress");
    bar.value = 0;
    state(row, { busy: true });
    const file = (row.file = await shrunk(row.file));
    row.querySelector(".photo__size").textContent = size(file.size);
    const title = file.name;
    if (file.size > MOST_BYTES) { state(row, { error: words(box).large }); return settle(box); }
    say(box, "sending", title);
    const body = new FormData();
    body.append(`photo.${box.dataset.kind}`, file, file.name);
    try {
      const told = await send(box, body, { row, progress: (value) => { bar.value = value; } });
      const twin = rows(box).find((other) => other !== row && other.dataset.id === String(told.file.id));
      if (twin) twin.remove(); // the same file once more is one file
      show(box, row, told.file);
      state(row, {});
      say(box, "sent", told.file.name);
      doc.body.dispatchEvent(new CustomEvent("photos:kept")); // what is read on them is asked for again
    } catch (reason) {
      if (row.isConnected) state(row, { error: reason.text || words(box).failed, again: reason.again ?? true });
    } finally {
      delete row.call;
      settle(box);
    }
  };
  const line_up = (box, row) => {
    const turn = (queue.get(box) || Promise.resolve()).then(() => (row.isConnected ? upload(box, row) : null));
    queue.set(box, turn);
    return turn;
  };
  const add = (box, files) => {
    const list = box.querySelector("[data-photos-list]");
    const beyond = box.beyond = [];
    for (const file of files) {
      if (box.dataset.most && rows(box).length >= Number(box.dataset.most)) { beyond.push(file.name); continue; }
      const row = box.querySelector("[data-photos-blank]").content.firstElementChild.cloneNode(true);
      row.file = file;
      row.dataset.id = "";
      row.dataset.mime = file.type;
      name(box, row, file.name);
      row.querySelector(".photo__size").textContent = size(file.size);
      row.querySelector("img").hidden = true;
      const seen = URL.createObjectURL(file);
      if (file.type.startsWith("image/")) look(row, seen); else row.querySelector(".photo__view").href = seen;
      list.append(row);
      state(row, { busy: true });
      line_up(box, row);
    }
    if (!beyond.length) box.beyond = null;
    settle(box);
    if (beyond.length) note(box, words(box).beyond.replaceAll("{names}", beyond.join(words(box).comma)));
  };

  /* ---- turning and removing ---- */
  const change = async (box, row, verb, done) => {
    state(row, { busy: true });
    const body = new FormData();
    body.append(`photo_${verb}`, row.dataset.id);
    try {
      const told = await send(box, body);
      state(row, {});
      done(told);
    } catch (reason) {
      state(row, { error: reason.text || words(box).failed });
    }
    settle(box);
  };
  const title = (row) => row.querySelector(".photo__name").textContent;
  const turn = (box, row) => change(box, row, "turn", (told) => {
    show(box, row, told.file);
    state(row, {});
    say(box, "turned", title(row));
    part(row, "turn").focus();
  });
  const gone = (box, row) => {
    const next = row.nextElementSibling || row.previousElementSibling;
    row.call?.abort();
    row.remove();
    box.beyond = null;
    settle(box);
    say(box, "removed", title(row));
    (next ? part(next, "remove") : box.querySelector("[data-photos-add] input")).focus();
  };
  const remove = (box, row) => (row.dataset.id ? change(box, row, "remove", () => gone(box, row)) : gone(box, row));

  /* ---- the page ---- */
  doc.addEventListener("click", (event) => {
    const button = event.target.closest?.("[name=photo_turn], [name=photo_remove], [name=photo_again]");
    const box = button && button.closest("[data-photos]");
    if (!box) return;
    event.preventDefault();
    const row = button.closest("[data-photo]");
    if (button.name === "photo_turn") { if (row.dataset.id) turn(box, row); }
    else if (button.name === "photo_remove") remove(box, row);
    else line_up(box, row);
  });
  const take = (box, field) => {
    add(box, [...field.files]);
    field.value = "";
  };
  doc.addEventListener("change", (event) => {
    const box = event.target.type === "file" && event.target.closest("[data-photos]");
    if (box) take(box, event.target);
  });
  for (const kind of ["dragover", "drop"]) doc.addEventListener(kind, (event) => {
    const box = event.target.closest?.("[data-photos]");
    if (!box || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    if (kind === "drop") add(box, [...event.dataTransfer.files]);
  });
  /* A form waits for its pictures, tries once more what the line had lost, and does not leave without the rest. */
  const lost = (box) => rows(box).filter((row) => row.classList.contains("has-error") && !row.dataset.id);
  const again = (box) => lost(box).filter((row) => row.classList.contains("can-again")).map((row) => line_up(box, row));
  doc.addEventListener("submit", (event) => {
    const boxes = [...doc.querySelectorAll("[data-photos]")].filter((box) => busy(box) || lost(box).length);
    if (!boxes.length || event.target.method === "get") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    boxes.filter(busy).forEach((box) => say(box, "busy"));
    const [form, button] = [event.target, event.submitter];
    Promise.all(boxes.flatMap((box) => [queue.get(box), ...again(box)])).then(() => {
      const left = boxes.filter((box) => lost(box).length);
      if (!left.length) return form.requestSubmit(button);
      left.forEach((box) => { note(box, words(box).left); say(box, "left"); });
      const row = lost(left[0])[0];
      part(row, row.classList.contains("can-again") ? "again" : "remove").focus();
      row.scrollIntoView({ block: "center" });
    });
  }, true);
  addEventListener("online", () => doc.querySelectorAll("[data-photos]").forEach(again));
  addEventListener("beforeunload", (event) => { if ([...doc.querySelectorAll("[data-photos]")].some(busy)) event.preventDefault(); });
  /* What the browser cannot draw (HEIC in most) is shown as a paper, not as a broken picture. */
  doc.addEventListener("error", (event) => { if (event.target.matches?.(".photo__view img")) event.target.hidden = true; }, true);

  const coarse = matchMedia("(pointer: coarse)").matches;
  doc.querySelectorAll("[data-photos]").forEach((box) => {
    box.querySelector("[data-photos-camera]").hidden = !coarse;
    box.querySelector(".photos__send").hidden = true;
    box.querySelectorAll(".photos__pick input").forEach((field) => { field.classList.add("visually-hidden"); });
    // Enter in a field of the same form must not press the first button of a picture.
    for (const root of [box, box.querySelector("[data-photos-blank]").content]) root.querySelectorAll("button").forEach((b) => { b.type = "button"; });
    rows(box).forEach((row) => { state(row, {}); });
    settle(box);
    // Chosen before this file had come over a slow line: nobody will tell of it again.
    box.querySelectorAll(".photos__pick input").forEach((field) => { if (field.files.length) take(box, field); });
  });
})();
