// Keeps what is typed on the board: saves it by itself, tries again when the desk does not answer, shows both texts
// when somebody else was faster, and holds a copy in the browser (kept.js) until the desk has it. board.js does the rest.
"use strict";
{
  const PAUSE_MS = 600;
  const LONGEST_WAIT_MS = 30000;
  // What is written in Markdown, and counted: not a heading or a subject.
  const WRITTEN = "textarea[data-words]:not(.one-line)";
  const board = document.getElementById("board");
  const Kept = globalThis.Kept;
  const prefix = `curator.words ${location.pathname} `;
  const states = new WeakMap();
  let lastSaved = "";

  const forms = () => [...board.querySelectorAll("[data-words-form]")];
  const fields = (form) => [...form.querySelectorAll("[data-words]")];
  const isDirty = (form) => fields(form).some((field) => field.value !== field.defaultValue);
  const time = () => new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const announce = (words) => document.dispatchEvent(new CustomEvent("curator:say", { detail: { words } }));

  function of(form) {
    if (!states.has(form)) states.set(form, { timer: 0, sending: null, tries: 0, isHeld: false, offer: null });
    return states.get(form);
  }

  // -- asking the desk

  // Sends fields and returns {status, part, trigger}; `part` is null where no part of this page came back, and isOut
  // says that nobody is signed in (any more). Whoever signed in again has another token: it is fetched, once.
  async function send(url, given, isSecond = false) {
    const answer = await fetch(url, {
      method: "POST",
      headers: { "HX-Request": "true" },
      body: new URLSearchParams({ ...given, csrf_token: board.dataset.csrf }),
      redirect: "manual",
      signal: AbortSignal.timeout(20000),
    });
    if ([400, 401].includes(answer.status) && !isSecond) {
      const isIn = await renew();
      return isIn ? send(url, given, true) : { status: answer.status, part: null, isOut: true };
    }
    return told(answer);
  }

  async function told(answer) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const trigger = JSON.parse(answer.headers.get("HX-Trigger") || "{}");
    const isOut = answer.status === 401 || answer.type === "opaqueredirect";
    return { status: answer.status, part: page.getElementById("changed"), trigger, isOut };
  }

  async function look() {
    const asked = { headers: { "HX-Request": "true" }, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(20000) };
    return told(await fetch(board.dataset.url, asked));
  }

  async function renew() {
    const { part } = await look();
    if (!part) return false;
    board.dataset.csrf = part.dataset.csrf;
    for (const token of document.querySelectorAll("[name=csrf_token]")) token.value = part.dataset.csrf;
    return true;
  }

  // -- saving

  // Saves a form's words, one request at a time; false when they are still only here.
  async function save(form, { isAsked = false } = {}) {
    const state = of(form);
    clearTimeout(state.timer);
    while (state.sending) await state.sending;
    if (state.isHeld) return false;
    if (!isDirty(form) && !isAsked) return true;
    state.sending = attempt(form, isAsked);
    try {
      return await state.sending;
    } finally {
      state.sending = null;
      sum();
    }
  }

  async function attempt(form, isAsked) {
    const sent = new Map(fields(form).map((field) => [field, field.value]));
    const given = Object.fromEntries([...sent].map(([field, value]) => [field.name, value]));
    tell(form, "Saving");
    let answer;
    try {
      const asked = isAsked ? { asked: "1" } : {};
      answer = await send(form.action, { ...given, ...asked, version: form.elements.version.value, do: "save" });
    } catch {
      return later(form);
    }
    if (answer.isOut) return signedOut(form);
    if (answer.status >= 500 || answer.status === 429) return later(form);
    if (answer.part && answer.status < 300) return saved(form, sent, answer);
    if (answer.part?.matches("[data-conflict]")) return twofold(form, answer.part);
    return refused(form, answer);
  }

  function saved(form, sent, answer) {
    const state = of(form);
    for (const [field, value] of sent) field.defaultValue = value;
    form.elements.version.value = answer.part.dataset.version;
    state.tries = 0;
    lastSaved = `Saved ${time()}`;
    tell(form, lastSaved);
    if (isDirty(form)) soon(form);
    else forget(form);
    if (!state.offer) clear(form);
    document.dispatchEvent(new CustomEvent("board:answer", { detail: answer }));
    return true;
  }

  function later(form) {
    const state = of(form);
    tell(form, "Not saved, retrying", true);
    if (state.tries === 0) announce("Not saved: the desk does not answer. Your words are kept here, and it is tried again.");
    state.timer = setTimeout(() => save(form), Math.min(1000 * 2 ** state.tries++, LONGEST_WAIT_MS));
    return false;
  }

  function signedOut(form) {
    const link = document.createElement("a");
    link.href = board.dataset.signIn;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = "Sign in";
    announce("Signed out: your words are kept here.");
    hold(form, "Not saved: signed out", ["Signed out: your words are kept here. ", link, ", then Retry."], {
      Retry: () => release(form),
    });
    return false;
  }

  function refused(form, answer) {
    const reason = answer.part?.dataset.refused;
    tell(form, "Not saved", true);
    if (reason) note(form, [`Not saved: ${reason}`], {});
    else if (answer.status === 404) hold(form, "Not saved", ["This is not on the board any more: somebody took it out. Your words are kept here."], { "Copy mine": () => copy(form) });
    else hold(form, "Not saved", ["The desk does not take this now. Your words are kept here; open the page anew to see why."], { "Copy mine": () => copy(form), Retry: () => release(form) });
    announce(reason ? `Not saved: ${reason}` : "Not saved. Your words are kept here.");
    return false;
  }

  // -- two versions

  function twofold(form, part) {
    const shown = part.querySelector(".twofold");
    shown.dataset.version = part.dataset.version;
    hold(form, "Two versions", [shown], {});
    announce("This was saved elsewhere first. Both texts are kept: choose between them.");
    return false;
  }

  async function choose(form, which) {
    const shown = form.querySelector(".twofold");
    if (which === "copy") return copy(form);
    form.elements.version.value = shown.dataset.version;
    for (const theirs of which === "theirs" ? shown.querySelectorAll("[data-theirs]") : []) {
      const field = form.elements[theirs.dataset.theirs];
      field.value = field.defaultValue = theirs.textContent;
    }
    fields(form)[0].focus();
    if (which === "theirs") forget(form);
    await release(form);
    if (which === "theirs") tell(form, "Theirs is kept");
  }

  function copy(form) {
    const words = fields(form).filter((field) => field.value !== field.defaultValue).map((field) => field.value).join("\n\n");
    // Without TLS there is no clipboard to write to: the words are selected, so that Ctrl+C takes them.
    if (navigator.clipboard) navigator.clipboard.writeText(words).then(() => announce("Copied."));
    else fields(form)[0].select();
  }

  // -- what is said beside a form

  function tell(form, words, isBad = false) {
    for (const place of form.querySelectorAll("[data-saying]")) {
      place.textContent = words;
      place.classList.toggle("bad-ink", isBad);
    }
    sum();
  }

  function sum() {
    const place = board.querySelector("[data-saving]");
    const waiting = forms().filter(isDirty);
    const stuck = waiting.filter((form) => of(form).isHeld || of(form).tries).length;
    place.textContent = stuck ? `${stuck} not saved` : waiting.length ? "Saving" : lastSaved;
    place.classList.toggle("bad-ink", stuck > 0);
  }

  // Puts words and buttons above the fields; a text of one's own may stand between.
  function note(form, words, buttons, text = "") {
    (form.querySelector("[data-notice]") ?? form).replaceChildren(Kept.note(words, buttons, text));
  }

  function hold(form, words, said, buttons) {
    of(form).isHeld = true;
    tell(form, words, true);
    note(form, said, buttons);
  }

  function clear(form) {
    form.querySelector("[data-notice]").replaceChildren();
  }

  function release(form) {
    const state = of(form);
    state.isHeld = false;
    state.tries = 0;
    clear(form);
    return save(form);
  }

  // -- the copy in the browser

  function remember(form) {
    const words = Object.fromEntries(fields(form).map((field) => [field.name, field.value]));
    Kept.put(prefix + form.id, { at: Date.now(), words, offer: of(form).offer });
  }

  function forget(form) {
    const { offer } = of(form);
    if (offer) Kept.put(prefix + form.id, offer);
    else Kept.drop(prefix + form.id);
  }

  function offer(key, found) {
    const form = document.getElementById(key.slice(prefix.length));
    const isTakeable = form !== null && "editable" in board.dataset;
    const differs = (copy) => !isTakeable || fields(form).some((field) => (copy.words[field.name] ?? field.value).trim() !== field.value.trim());
    const copy = differs(found) ? found : found.offer;
    if (!copy || !differs(copy)) return Kept.drop(key);
    const words = Object.entries(copy.words).filter(([name, value]) => value.trim() && (!isTakeable || form.elements[name]?.value !== value));
    const text = words.map(([, value]) => value).join("\n\n");
    const when = Kept.when(copy.at);
    const drop = () => { if (isTakeable) { of(form).offer = null; clear(form); isDirty(form) ? remember(form) : forget(form); } else { Kept.drop(key); place.remove(); } };
    const place = isTakeable ? form : board.querySelector("[data-notices]").appendChild(document.createElement("div"));
    if (!isTakeable) return note(place, [`You typed this here ${when}, it was not saved, and its place is gone:`], { "Let it go": drop }, text);
    of(form).offer = copy;
    note(form, [`You typed this here ${when}, and it was not saved:`], { "Take it in": () => { for (const [name, value] of words) form.elements[name].value = value; drop(); remember(form); save(form); }, "Let it go": drop }, text);
  }

  // -- marks and counting

  function mark(area, kind) {
    const { selectionStart: start, selectionEnd: end, value } = area;
    const chosen = value.slice(start, end);
    const [before, after] = kind === "link" ? ["[", "](https://)"] : [kind, kind];
    const isMarked = value.slice(start - before.length, start) === before && value.slice(end, end + after.length) === after;
    area.focus();
    if (isMarked) area.setSelectionRange(start - before.length, end + after.length);
    // The browser's own typing can be taken back with Ctrl+Z; writing the value could not.
    document.execCommand("insertText", false, isMarked ? chosen : before + chosen + after);
    const from = isMarked ? start - before.length : start + before.length;
    if (kind === "link" && !isMarked && chosen) area.setSelectionRange(from + chosen.length + 2, from + chosen.length + 10);
    else area.setSelectionRange(from, from + chosen.length);
  }

  function count(form) {
    const area = form.querySelector(WRITTEN), place = form.querySelector("[data-count]");
    if (!area || !place) return;
    const number = area.value.split(/\s+/).filter(Boolean).length;
    place.textContent = number === 1 ? "1 word" : `${number} words`;
  }

  // -- listening

  const soon = (form) => {
    clearTimeout(of(form).timer);
    if (!of(form).isHeld) of(form).timer = setTimeout(() => save(form), PAUSE_MS);
  };

  board.addEventListener("input", (event) => {
    const form = event.target.closest("[data-words-form]");
    if (!form || !event.target.matches("[data-words]")) return;
    remember(form);
    count(form);
    soon(form);
    sum();
  });

  board.addEventListener("click", (event) => {
    const form = event.target.closest("[data-words-form]");
    const button = event.target.closest("[data-choose], [data-mark]");
    if (!form || !button) return;
    if (button.dataset.choose) choose(form, button.dataset.choose);
    else mark(form.querySelector(WRITTEN), button.dataset.mark);
  });

  board.addEventListener("keydown", (event) => {
    const kind = { b: "**", i: "*" }[event.key];
    if (!kind || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (!event.target.matches(`.block ${WRITTEN}:not([readonly])`)) return;
    event.preventDefault();
    mark(event.target, kind);
  });

  function tryAgain() {
    for (const form of forms().filter((form) => isDirty(form) && of(form).tries)) save(form);
  }

  addEventListener("online", tryAgain);
  document.addEventListener("visibilitychange", () => document.hidden || tryAgain());
  Kept.warn(() => forms().some(isDirty));

  // Whoever goes on within the pause takes the words along.
  document.addEventListener("click", async (event) => {
    const link = event.target.closest("a[href]");
    const isPlain = event.button === 0 && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!link || link.target || !isPlain || link.hash || !forms().some(isDirty)) return;
    event.preventDefault();
    await saveAll();
    location.href = link.href;
  });

  async function saveAll(how) {
    return Promise.all(forms().filter(isDirty).map((form) => save(form, how)));
  }

  globalThis.Words = { send, look, renew, save, saveAll, isDirty, of, count, forms };
  Kept.all(prefix).forEach(([key, found]) => offer(key, found));
  forms().forEach(count);
  // Whoever began before this was loaded typed for nobody to hear.
  for (const form of forms().filter(isDirty)) {
    remember(form);
    soon(form);
  }
}
