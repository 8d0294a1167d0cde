// Triage by keyboard: one row has the focus, its deeds are its own buttons, and a deed moves the focus to the next row.
// The forms themselves are sent by htmx, or by the browser where there is none of this.
"use strict";
{
  const WRITING = "input, textarea, select, [contenteditable]";
  const list = document.getElementById("rows");
  // What was done on this page, the newest last: where its opposite is sent, and whose row and feed it was.
  const done = [];
  let isPointing = false;

  const rows = () => [...list.querySelectorAll(":scope > li:not([hidden])")].filter((row) => !row.classList.contains("is-going"));
  const here = () => list.querySelector(":scope > li.is-here");
  const rowOf = (element) => element instanceof Element ? element.closest("#rows > li") : null;
  const itemOf = (row) => row.id.slice("item-".length);

  // -- the row that has the focus

  function mark(row) {
    for (const other of list.querySelectorAll(":scope > li.is-here")) {
      if (other === row) continue;
      other.classList.remove("is-here");
      other.removeAttribute("tabindex");
    }
    if (!row) return;
    row.classList.add("is-here");
    row.tabIndex = 0;
  }

  function go(row) {
    mark(row);
    if (!row) return;
    row.focus({preventScroll: true});
    row.scrollIntoView({block: "nearest"});
  }

  function neighbour(row, step) {
    const all = rows();
    const at = all.indexOf(row);
    return at < 0 ? all[0] : all[at + step];
  }

  function step(by) {
    const now = here();
    const next = now ? neighbour(now, by) : rows()[0];
    if (next) go(next);
    else if (by > 0) more();
  }

  function more() {
    const link = document.querySelector("#older a[hx-get]");
    if (link) link.click();
    return Boolean(link);
  }

  // -- deeds

  function press(row, key) {
    const button = row.querySelector(`.pick [data-key="${key}"]`);
    if (button) button.click();
  }

  function send(row, name) {
    const form = row.querySelector(".pick");
    if (form && !list.matches(".tips")) htmx.ajax("POST", `${list.dataset.rowUrl}/${itemOf(row)}/${name}`, {source: form, target: row, swap: "outerHTML"});
  }

  async function open(row, wanted) {
    const panel = row.querySelector(".deeds");
    const link = row.querySelector(".open-deeds");
    if (!link) return;
    panel.hidden = false;
    if (!panel.firstElementChild) await htmx.ajax("GET", link.href, {source: link, target: panel, swap: "innerHTML"});
    // Its forms are htmx's own before a key can reach them.
    htmx.process(panel);
    const found = panel.querySelector(wanted);
    if (found) found.focus();
  }

  function original(row) {
    const link = row.querySelector(".original");
    if (link) window.open(link.href, "_blank", "noopener,noreferrer");
  }

  const DEEDS = {
    x: (row) => press(row, "x"),
    X: (row) => open(row, ".reasons button"),
    s: (row) => open(row, ".later button"),
    b: (row) => send(row, "write"),
    m: (row) => send(row, "mute"),
    v: original,
  };

  document.addEventListener("keydown", (event) => {
    const isBusy = event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented;
    const isOff = !("shortcuts" in document.body.dataset) || document.querySelector("dialog[open]");
    if (event.key === "Escape" && rowOf(event.target)) return close(rowOf(event.target));
    if (isBusy || isOff || event.target.closest(WRITING)) return;
    const row = rowOf(document.activeElement);
    if (event.key === "j") step(1);
    else if (event.key === "k") step(-1);
    else if (event.key === "u" && done.length) undo(done.at(-1));
    else if (row && DEEDS[event.key]) DEEDS[event.key](row);
    else if (row && /^[1-9]$/.test(event.key)) press(row, event.key);
    else return;
    event.preventDefault();
  });

  function close(row) {
    // Only hidden: a save of its blurb may be on its way, and wants to tell the words' new version.
    row.querySelector(".deeds").hidden = true;
    go(row);
  }

  // A row that is left on the way down of a mouse button must not shrink before the button is up again: the rows below
  // would move, and the click would be lost.
  document.addEventListener("pointerdown", () => { isPointing = true; });
  document.addEventListener("click", (event) => {
    isPointing = false;
    const row = rowOf(event.target);
    if (!row) return;
    if (event.target.closest("a, button, label, input, textarea, select")) mark(row);
    else go(row);
  });
  document.addEventListener("pointercancel", () => { isPointing = false; });
  list.addEventListener("focusin", (event) => { if (!isPointing) mark(rowOf(event.target)); });

  // -- answers

  const isDeed = (detail) => detail.requestConfig?.verb === "post" && rowOf(detail.elt) && !detail.elt.matches(".blurb");

  document.addEventListener("htmx:beforeRequest", ({detail}) => {
    const row = isDeed(detail) && rowOf(detail.elt);
    if (!row) return;
    row.querySelector(":scope > .refused")?.remove();
    row.dataset.next = neighbour(row, 1)?.id ?? "";
    row.dataset.before = neighbour(row, -1)?.id ?? "";
    if (detail.requestConfig.path.endsWith("/write")) return;
    // The next row has the focus at once: nobody waits for an answer.
    const next = document.getElementById(row.dataset.next) ?? document.getElementById(row.dataset.before);
    row.classList.add("is-going");
    go(next);
  });

  document.addEventListener("htmx:beforeSwap", ({detail}) => {
    if (detail.xhr.status === 409 || detail.xhr.status === 422) {
      detail.target.closest("li")?.classList.remove("is-going");
    }
  });

  document.addEventListener("htmx:afterSettle", ({detail}) => {
    const path = detail.requestConfig?.path ?? "";
    if (path.endsWith("/write")) focusOn(document.getElementById(`item-${path.split("/").at(-2)}`));
    if (detail.target?.matches(".deeds")) detail.target.hidden = false;
    if (detail.target?.id === "older" || detail.elt?.id === "older") {
      atMostOnce();
      afterMore();
    }
    if (!rows().length && !list.querySelector(":scope > .is-going") && !more()) location.reload();
  });

  function focusOn(row) {
    if (!row) return;
    mark(row);
    (row.querySelector("textarea") ?? row).focus();
  }

  // The order is made anew while somebody looks: the next page may hold what stands here already.
  function atMostOnce() {
    const seen = new Set();
    for (const row of list.querySelectorAll(":scope > li")) {
      if (seen.has(row.id)) row.remove();
      seen.add(row.id);
    }
  }

  function afterMore() {
    const last = here();
    go(last ? neighbour(last, 1) ?? last : rows()[0]);
  }

  document.addEventListener("curator:muted", (event) => {
    for (const row of list.querySelectorAll(`:scope > li[data-feed="${CSS.escape(event.detail.feed)}"]`)) row.hidden = true;
    if (!here()) go(rows()[0]);
  });

  function trouble(event) {
    const row = rowOf(event.detail.elt);
    if (!row || !isDeed(event.detail)) return;
    row.classList.remove("is-going");
    const why = event.detail.xhr?.status === 401
      ? "You are signed out. Sign in in another tab, then do it again."
      : "Not saved: the desk did not answer. Nothing is lost; do it again.";
    const words = document.createElement("p");
    words.className = "note bad refused";
    words.setAttribute("role", "alert");
    words.textContent = why;
    row.querySelector(".deeds").before(words);
  }
  document.addEventListener("htmx:responseError", trouble);
  document.addEventListener("htmx:sendError", trouble);

  // -- undo: desk.js says what was done, with its Undo; here its row comes back

  list.addEventListener("curator:done", (event) => {
    const row = rowOf(event.target);
    const { undo: way } = event.detail;
    if (row && way) done.push({item: itemOf(row), feed: row.dataset.feed, url: new URL(way, location.href).href});
    // What is written says in its own place that it is saved.
    if (event.target.matches(".blurb")) event.stopPropagation();
  });

  document.addEventListener("curator:undo", (event) => {
    const wanted = done.find((each) => each.url === event.detail.url);
    if (!wanted) return;
    event.preventDefault();
    undo(wanted);
  });

  async function undo(wanted) {
    const fields = new URLSearchParams({csrf_token: token()});
    const answer = await fetch(wanted.url, {method: "POST", headers: {"HX-Request": "true"}, body: fields}).catch(() => null);
    if (answer?.status === 401) return document.dispatchEvent(new CustomEvent("curator:signed-out"));
    if (!answer || answer.status >= 500) return say("That did not reach the desk. Nothing is taken back yet; do it again.");
    done.splice(done.indexOf(wanted), 1);
    const told = Object.values(JSON.parse(answer.headers.get("HX-Trigger") ?? "{}"))[0];
    if (!answer.ok) return say(told?.words ?? "That cannot be taken back any more.");
    for (const row of list.querySelectorAll(`:scope > li[hidden][data-feed="${CSS.escape(wanted.feed)}"]`)) row.hidden = false;
    await restore(wanted.item);
    say(told?.words ?? "Taken back.");
  }

  // Puts a row back where it stands in the list's order: what was undone may be long ago.
  async function restore(item) {
    const url = `${list.dataset.rowUrl}/${item}/row?newsletter=${list.dataset.newsletter}&show=${list.dataset.show}`;
    let row = document.getElementById(`item-${item}`);
    if (!row) {
      row = document.createElement("li");
      row.id = `item-${item}`;
      const now = here();
      if (now) now.before(row);
      else list.prepend(row);
    }
    await htmx.ajax("GET", url, {source: row, target: row, swap: "outerHTML"});
    const back = document.getElementById(`item-${item}`);
    // Its form is htmx's own before a key can reach it.
    if (back) htmx.process(back);
    go(back ?? here());
  }

  const token = () => document.querySelector("input[name=csrf_token]").value;

  const say = (words) => document.dispatchEvent(new CustomEvent("curator:say", {detail: {words}}));
}
