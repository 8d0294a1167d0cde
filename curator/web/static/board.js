// Arranges the board in place: moves and takes out blocks by button, key or drag, shows the mail as it stands and who
// else is here, and puts in what others changed without touching what somebody is typing. words.js keeps the words.
"use strict";
{
  const PING_MS = 30000;
  const board = document.getElementById("board");
  // What was done to the issue before this page came is older than what its keys take back.
  const since = board.dataset.change;
  // One after the other: what is newest is known when the one before it is gone.
  let undone = Promise.resolve();
  const Words = globalThis.Words;
  const lists = () => [...board.querySelectorAll(".blocks")];
  const cards = (list) => [...list.querySelectorAll(":scope > .block")];
  const say = (words) => words && document.dispatchEvent(new CustomEvent("curator:say", { detail: { words } }));

  // -- taking in what the desk answers

  function take({ part, trigger = {} }) {
    for (const fresh of part.querySelectorAll("[data-part]")) sync(fresh);
    const arrangement = part.querySelector("#arrangement");
    if (arrangement) {
      merge(arrangement);
      board.dataset.change = part.dataset.change;
      board.querySelector("[data-news]").hidden = true;
    }
    showMail(part.dataset.mail);
    tell(part.dataset.said, trigger["curator:done"]);
  }

  // Says what happened; what can be taken back comes with its way back, which desk.js shows.
  function tell(words, done) {
    if (done && words) document.dispatchEvent(new CustomEvent("curator:done", { detail: { ...done, words } }));
    else say(words);
  }

  function sync(fresh) {
    for (const old of board.querySelectorAll(`[data-part="${fresh.dataset.part}"]`)) {
      if (old.innerHTML === fresh.innerHTML || old.contains(document.activeElement)) continue;
      if (fresh.className) old.className = fresh.className;
      old.replaceChildren(...fresh.cloneNode(true).childNodes);
    }
  }

  // Puts the blocks in their present order. A block with unsaved words, or with a choice open, stays as it is: its
  // older version makes the desk show both texts, should somebody else have changed it.
  function merge(arrangement) {
    const place = focused();
    for (const fresh of arrangement.querySelectorAll(".blocks")) {
      const list = lists().find((one) => one.dataset.section === fresh.dataset.section);
      if (!list) continue;
      cards(fresh).forEach((card, index) => {
        const mine = settled(card);
        if (cards(list)[index] !== mine) list.insertBefore(mine, cards(list)[index] ?? null);
      });
    }
    const known = new Set([...arrangement.querySelectorAll(".block"), ...board.querySelectorAll("[data-fresh]")].map((card) => card.id));
    for (const card of board.querySelectorAll(".block")) {
      if (!known.has(card.id) && !Words.isDirty(card)) card.remove();
      delete card.dataset.fresh;
    }
    refocus(place);
  }

  // Returns the card to show for a fresh one: the one that stands there where it is the same or in use, else the fresh.
  function settled(fresh) {
    const mine = document.getElementById(fresh.id);
    const isSame = mine?.elements.version.value === fresh.elements.version.value;
    if (mine && (isSame || Words.isDirty(mine) || Words.of(mine).isHeld || Words.of(mine).offer)) {
      mine.querySelector(".tools")?.replaceWith(fresh.querySelector(".tools").cloneNode(true));
      return mine;
    }
    const card = document.importNode(fresh, true);
    card.dataset.fresh = "";
    for (const [index, details] of [...(mine?.querySelectorAll("details") ?? [])].entries()) {
      const other = card.querySelectorAll("details")[index];
      if (other) other.open = details.open;
    }
    mine?.replaceWith(card);
    Words.count(card);
    return card;
  }

  // -- where the focus is

  function focused() {
    const at = document.activeElement, card = at?.closest(".block");
    if (!card) return null;
    return { card: card.id, field: at.name === "do" ? "" : at.name, deed: at.value, start: at.selectionStart, end: at.selectionEnd };
  }

  function refocus(place) {
    const card = place && document.getElementById(place.card);
    if (!card || (card.contains(document.activeElement) && document.activeElement !== card)) return;
    const field = place.field && card.elements[place.field];
    (field || button(card, place.deed) || card).focus({ preventScroll: true });
    if (field && place.start !== undefined && place.start !== null) field.setSelectionRange?.(place.start, place.end);
  }

  function button(card, deed) {
    const find = (value) => card.querySelector(`button[name="do"][value="${value}"]`);
    const others = { up: "down", down: "up", show_picture: "hide_picture", hide_picture: "show_picture" };
    return find(deed) ?? find(others[deed]);
  }

  // -- moving and taking out

  async function act(card, given, isBack = () => {}) {
    await Words.save(card);
    const next = card.nextElementSibling ?? card.previousElementSibling ?? card.closest(".section").querySelector("h2");
    let answer;
    try {
      answer = await Words.send(card.action, given);
    } catch {
      isBack();
      return say("That did not reach the desk. Nothing is lost; try again.");
    }
    if (!answer.part || answer.part.dataset.refused) {
      isBack();
      return say(answer.isOut ? "You are signed out. Sign in in another window, then try again." : answer.part?.dataset.refused ?? "The desk did not take that. Open the page anew.");
    }
    // Its words go with it, saved or not; the desk knows them as they were saved last.
    if (given.do === "remove") card.remove();
    take(answer);
    const there = document.getElementById(card.id);
    if (given.do === "remove") (document.getElementById(next.id) ?? next).focus();
    else there?.scrollIntoView({ block: "nearest" });
  }

  const move = (card, list, after, isBack) => act(card, { do: "move", to: list.dataset.section, after: after?.dataset.block ?? "" }, isBack);

  function step(card, by) {
    const list = card.closest(".blocks"), all = cards(list), to = all.indexOf(card) + by;
    if (to < 0 || to >= all.length) return say(by < 0 ? "It stands first in its section." : "It stands last in its section.");
    return act(card, { do: by < 0 ? "up" : "down" });
  }

  function change(card, by) {
    const open = lists().filter((list) => list.dataset.section || card.dataset.kind !== "pick");
    const list = open[open.indexOf(card.closest(".blocks")) + by];
    if (!list) return say(by < 0 ? "There is no section before this one." : "There is no section behind this one.");
    return move(card, list, cards(list).at(-1));
  }

  function draggable() {
    if (!globalThis.Sortable || !("editable" in board.dataset)) return;
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    for (const list of lists()) {
      globalThis.Sortable.create(list, {
        group: { name: "blocks", put: (to, _from, card) => Boolean(to.el.dataset.section) || card.dataset.kind !== "pick" },
        handle: ".handle",
        draggable: ".block",
        animation: isCalm ? 0 : 150,
        onEnd: ({ item, from, to, oldDraggableIndex, newDraggableIndex }) => {
          if (from === to && oldDraggableIndex === newDraggableIndex) return;
          const before = item.previousElementSibling?.closest(".block");
          move(item, to, before, () => from.insertBefore(item, cards(from)[oldDraggableIndex] ?? null));
        },
      });
    }
  }

  board.addEventListener("submit", (event) => {
    const form = event.target, deed = event.submitter?.value ?? "save";
    if (!form.matches("[data-words-form]")) return leave(event);
    event.preventDefault();
    if (deed === "save") return Words.save(form, { isAsked: true });
    if (deed === "up" || deed === "down") return step(form, deed === "up" ? -1 : 1);
    if (deed === "move") {
      const list = lists().find((one) => one.dataset.section === form.elements.to.value);
      return move(form, list, cards(list).at(-1));
    }
    return act(form, { do: deed });
  });

  // A form that leads to another page waits for the words that are on their way.
  async function leave(event) {
    if (!Words.forms().some(Words.isDirty)) return;
    event.preventDefault();
    await Words.saveAll();
    event.target.submit();
  }

  // -- keys

  document.addEventListener("keydown", (event) => {
    const { key, altKey, ctrlKey, metaKey, shiftKey, target } = event;
    if (key === "s" && (ctrlKey || metaKey) && !altKey && !shiftKey) {
      event.preventDefault();
      const form = target.closest("[data-words-form]");
      return form?.querySelector("[data-words]") ? Words.save(form, { isAsked: true }) : Words.saveAll({ isAsked: true });
    }
    const card = target.closest?.(".block"), isField = target.matches?.("input, textarea, select");
    const hasShortcuts = "shortcuts" in document.body.dataset;
    if (key === "u" && isUndo(event, isField, hasShortcuts)) {
      event.preventDefault();
      undone = undone.then(() => undo(board.dataset.takesBack, { since }));
      return undefined;
    }
    if (!card || !("editable" in board.dataset) || ctrlKey || metaKey || shiftKey) return;
    if (isField) return key === "Escape" ? card.focus() : undefined;
    const deeds = altKey
      ? { ArrowUp: () => step(card, -1), ArrowDown: () => step(card, 1), ArrowLeft: () => change(card, -1), ArrowRight: () => change(card, 1) }
      : hasShortcuts ? { e: () => card.querySelector("[data-words]")?.focus(), Delete: () => act(card, { do: "remove" }) } : {};
    if (!deeds[key]) return;
    event.preventDefault();
    deeds[key]();
  });

  function isUndo({ altKey, ctrlKey, metaKey, repeat }, isField, hasShortcuts) {
    const isFree = !altKey && !ctrlKey && !metaKey && !repeat && !isField && !document.querySelector("dialog[open]");
    return isFree && hasShortcuts && "editable" in board.dataset;
  }

  // -- the mail as it stands

  // The next mail is loaded behind the present one and scrolled to the same place before they change.
  function showMail(mark) {
    const frame = document.getElementById("mail-frame");
    if (!frame || !mark || frame.dataset.mail === mark) return;
    frame.dataset.mail = mark;
    frame.hidden = false;
    frame.querySelector(".coming")?.remove();
    const old = frame.querySelector("iframe"), next = old.cloneNode();
    next.className = "coming";
    next.setAttribute("aria-hidden", "true");
    next.tabIndex = -1;
    next.src = `${old.src.split("?")[0]}?m=${mark}`;
    next.addEventListener("load", () => exchange(old, next), { once: true });
    frame.append(next);
  }

  function exchange(old, next) {
    try {
      next.contentWindow.scrollTo(0, old.contentWindow.scrollY);
    } catch {
      // Signed out, the frame holds another page: there is nothing to scroll.
    }
    old.remove();
    next.className = "";
    next.removeAttribute("aria-hidden");
    next.removeAttribute("tabindex");
  }

  // -- who is here

  let at = "", soon = 0;

  async function ping() {
    if (document.hidden) return;
    const body = new URLSearchParams({ csrf_token: board.dataset.csrf, block: at, seen: board.dataset.change });
    try {
      const answer = await fetch(board.dataset.presence, { method: "POST", body, redirect: "manual" });
      if (answer.ok) hear(await answer.json());
    } catch {
      // The next one is due in half a minute.
    }
  }

  function hear({ people, blocks, news }) {
    board.querySelector("[data-part=people]").textContent = people;
    for (const place of board.querySelectorAll("[data-here]")) place.textContent = blocks[place.closest(".block").dataset.block] ?? "";
    const told = board.querySelector("[data-news]");
    if (news && told.hidden) say(news);
    told.querySelector("span").textContent = news;
    told.hidden = !news;
  }

  // Takes a change back; what came of it the desk says by the events that it names.
  async function undo(url, given = {}) {
    await Words.saveAll();
    try {
      const { trigger } = await Words.send(url, given);
      for (const [name, detail] of Object.entries(trigger ?? {})) document.dispatchEvent(new CustomEvent(name, { detail }));
    } catch {
      say("That did not reach the desk. Nothing is lost; try again.");
    }
  }

  async function load() {
    try {
      const answer = await Words.look();
      if (!answer.part) return say("You are signed out. Sign in in another window, then try again.");
      take(answer);
    } catch {
      say("The desk does not answer. Try again.");
    }
  }

  board.addEventListener("click", (event) => {
    if (event.target.closest("[data-load]")) load();
  });
  board.addEventListener("focusin", (event) => {
    const block = event.target.closest(".block")?.dataset.block ?? "";
    if (block === at) return;
    at = block;
    clearTimeout(soon);
    soon = setTimeout(ping, 1500);
  });
  document.addEventListener("visibilitychange", () => (document.hidden ? depart() : ping()));
  addEventListener("pagehide", depart);

  function depart() {
    navigator.sendBeacon(board.dataset.presence, new URLSearchParams({ csrf_token: board.dataset.csrf, leaving: "1" }));
  }

  // -- beginning

  document.addEventListener("board:answer", (event) => take(event.detail));
  document.addEventListener("curator:undo", (event) => {
    event.preventDefault();
    undo(event.detail.url);
  });
  document.addEventListener("curator:undone", load);
  document.addEventListener("curator:signed-in", (event) => (board.dataset.csrf = event.detail.token));
  board.classList.add("has-scripts");
  draggable();
  ping();
  setInterval(ping, PING_MS);
}
