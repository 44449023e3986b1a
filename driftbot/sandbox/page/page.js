// Live regions and controls. Markup comes from the server, which escapes; what is typed goes back as JSON.
"use strict";

const { user, channel, thread } = document.body.dataset;
let changes = Number(document.body.dataset.changes);

function region(name) {
  return document.querySelector(`[data-region="${name}"]`);
}

function entered(form) {
  const values = {};
  for (const entry of form.querySelectorAll(".entry")) {
    values[entry.dataset.blockId] = valueOf(entry);
  }
  return values;
}

function valueOf(place) {
  const chosen = [...place.querySelectorAll("input[type=radio]:checked, input[type=checkbox]:checked")];
  if (chosen.length) return chosen.map((one) => one.value).join("\n");
  const field = place.querySelector("input:not([type=radio]):not([type=checkbox]), select, textarea");
  if (!field) return "";
  if (field.type !== "datetime-local") return field.value;
  return field.value ? String(Date.parse(`${field.value}Z`) / 1000) : "";
}

function keepTyped(old, fresh) {
  const before = old.querySelector("form.modal");
  const after = fresh.querySelector("form.modal");
  if (!before || !after || before.dataset.hash !== after.dataset.hash) return;
  for (const field of before.querySelectorAll("[name]")) {
    const same = after.querySelector(`[name="${CSS.escape(field.name)}"]`);
    if (same && same.type !== "radio" && same.type !== "checkbox") same.value = field.value;
  }
}

const waiting = new Map();

function replace(name, markup) {
  const old = region(name);
  if (old.dataset.markup === markup) return;
  if (old.querySelector("dialog[open]")) {
    waiting.set(name, markup);
    return;
  }
  const fresh = new DOMParser().parseFromString(markup, "text/html").body.firstElementChild;
  fresh.dataset.markup = markup;
  keepTyped(old, fresh);
  const below = old.scrollHeight - old.scrollTop - old.clientHeight;
  const top = old.scrollTop;
  old.replaceWith(fresh);
  fresh.scrollTop = below < 40 ? fresh.scrollHeight : top;
  if (name === "modal" && !fresh.hidden && old.hidden) fresh.querySelector("input, textarea, select, button")?.focus({ preventScroll: true });
}

async function follow() {
  const query = new URLSearchParams({ as: user, thread });
  for (;;) {
    try {
      query.set("after", changes);
      const answer = await fetch(`/page/regions/${channel}?${query}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const drawn = await answer.json();
      changes = drawn.changes;
      for (const [name, markup] of Object.entries(drawn.regions)) replace(name, markup);
    } catch {
      region("state").textContent = "The sandbox does not answer; it is asked again…";
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  }
}

async function tell(path, body) {
  const answer = await fetch(`/page/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ user, channel, ...body }),
  });
  const problem = document.getElementById("problem");
  problem.textContent = answer.ok ? (await answer.json()).problem : `The sandbox answered ${answer.status}`;
  problem.hidden = !problem.textContent;
}

function confirmed(place) {
  const dialog = place.querySelector("dialog.confirmation");
  if (!dialog) return Promise.resolve(true);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
    dialog.querySelector(".confirm").onclick = () => dialog.close("yes");
    dialog.querySelector(".deny").onclick = () => dialog.close("no");
  });
}

async function press(place, value) {
  if (!(await confirmed(place))) return;
  const body = { action_id: place.dataset.actionId, value };
  const view = place.closest("form.modal");
  if (view) body.view = view.dataset.view;
  else body.ts = place.closest("[data-ts]").dataset.ts;
  await tell("press", body);
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button) return;
  const place = button.closest(".control");
  const view = button.closest("form.modal");
  if (button.closest("dialog.confirmation")) return;
  if (place) {
    button.closest("details")?.removeAttribute("open");
    press(place, button.dataset.value);
  } else if (view && button.classList.contains("close")) tell("close", { view: view.dataset.view });
});

document.addEventListener("change", (event) => {
  const place = event.target.closest(".control");
  if (!place) return;
  const value = valueOf(place);
  if (value) press(place, value);
  if (event.target.tagName === "SELECT") event.target.value = "";
});

document.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  if (form.classList.contains("modal")) tell("submit", { view: form.dataset.view, values: entered(form) });
  if (form.id === "composer") {
    tell("write", { text: form.elements.text.value, thread });
    form.reset();
  }
});

document.addEventListener(
  "close",
  () => {
    for (const [name, markup] of waiting) replace(name, markup);
    waiting.clear();
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const view = document.querySelector("form.modal");
  if (event.key === "Escape" && view && !document.querySelector("dialog[open]")) tell("close", { view: view.dataset.view });
});

const messages = region("messages");
if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
else messages.scrollTop = messages.scrollHeight;
follow();
