/* Several pictures one after the other in one file field, with previews and a way to take one out. Without it the field works plainly. */
(() => {
  "use strict";
  document.querySelectorAll("[data-copies]").forEach((box) => {
    const input = box.querySelector("input[name]");
    const camera = box.querySelector("[data-copies-camera]");
    const list = box.querySelector("[data-copies-list]");
    const say = box.querySelector("[data-copies-say]");
    const most = Number(box.dataset.most);
    let kept = [];
    const same = (a, b) => a.name === b.name && a.size === b.size && a.lastModified === b.lastModified;
    const settle = () => {
      const bag = new DataTransfer();
      kept.forEach((file) => bag.items.add(file));
      input.files = bag.files;
      list.replaceChildren(...kept.map((file, place) => {
        const row = document.createElement("li");
        if (file.type.startsWith("image/")) {
          const picture = Object.assign(document.createElement("img"), { alt: file.name, src: URL.createObjectURL(file) });
          picture.addEventListener("load", () => URL.revokeObjectURL(picture.src), { once: true });
          row.append(picture);
        }
        const name = Object.assign(document.createElement("span"), { textContent: file.name });
        const remove = Object.assign(document.createElement("button"), { type: "button", className: "button button--small", textContent: "×" });
        remove.setAttribute("aria-label", box.dataset.remove.replace("{name}", file.name));
        remove.addEventListener("click", () => { kept.splice(place, 1); settle(); input.focus(); });
        row.append(name, remove);
        return row;
      }));
    };
    const take = (files) => {
      const fresh = [...files].filter((file) => !kept.some((one) => same(one, file)));
      const all = kept.concat(fresh);
      kept = all.slice(0, most);
      say.textContent = all.length > most ? box.dataset.full : "";
      settle();
    };
    input.classList.add("visually-hidden");
    input.addEventListener("change", () => take(input.files));
    camera.hidden = !matchMedia("(pointer: coarse)").matches;
    camera.querySelector("input").addEventListener("change", (event) => { take(event.target.files); event.target.value = ""; });
    if (input.files.length) take(input.files); // chosen before this file had come over a slow line
  });
})();
