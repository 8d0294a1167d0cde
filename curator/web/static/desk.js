// What every page of the desk shares: short words about what happened, with Undo or another try beside them.
// Whoever has something to say dispatches `curator:say` on the document, with the words in `detail.words`; the server
// says `curator:done` (words, undo, label) after a form and `curator:undone` after an undo. A page that takes a change
// back by itself listens for `curator:undo` (detail.url) and prevents its default.
"use strict";
{
  const STAYS_MS = 20000;
  const place = document.getElementById("toasts");
  let fading = 0;

  const token = () => document.querySelector("input[name=csrf_token]")?.value ?? "";

  function made(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...children);
    return element;
  }

  function clear() {
    clearTimeout(fading);
    place.replaceChildren();
  }

  function stay() {
    clearTimeout(fading);
    fading = setTimeout(clear, STAYS_MS);
  }

  // What has the focus is never hidden behind the words: they go to the other end of the window.
  function giveWay(focused) {
    const toast = place.firstElementChild;
    if (!toast || !focused || focused === document.body || place.contains(focused)) return;
    const [ours, theirs] = [toast, focused].map((each) => each.getBoundingClientRect());
    const meets = theirs.bottom > ours.top && theirs.top < ours.bottom && theirs.right > ours.left && theirs.left < ours.right;
    if (meets) place.classList.toggle("above");
  }

  function say(words, deed) {
    const toast = made("div", { class: "toast" }, made("p", {}, words));
    if (deed) toast.append(deed);
    place.classList.remove("above");
    place.replaceChildren(toast);
    giveWay(document.activeElement);
    stay();
  }

  function undoForm(url, label) {
    const field = (name, value) => made("input", { type: "hidden", name, value });
    const back = location.pathname + location.search + location.hash;
    return made("form", { method: "post", action: url, "data-undo": label === "Redo" ? "redo" : "" },
      field("csrf_token", token()), field("back", back), made("button", {}, label));
  }

  function retryButton(again) {
    const button = made("button", { type: "button" }, "Retry");
    button.addEventListener("click", () => {
      clear();
      again();
    });
    return button;
  }

  // Returns what sends again what a request of htmx sent; nothing for what a page asks by itself from time to time.
  function another(detail) {
    const { elt, requestConfig } = detail;
    const asked = requestConfig?.triggeringEvent;
    if (!asked || !elt.isConnected) return null;
    return () => (elt.matches("form") ? elt.requestSubmit() : htmx.trigger(elt, asked.type));
  }

  function trouble(words, detail) {
    const again = another(detail);
    if (again) say(words, retryButton(again));
  }

  // A sign-in in another tab has other tokens than the forms of this one.
  async function renew() {
    const answer = await fetch(location.href, { cache: "no-store" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("header.masthead input[name=csrf_token]");
    if (!fresh) return window.addEventListener("focus", renew, { once: true });
    for (const field of document.querySelectorAll("input[name=csrf_token]")) field.value = fresh.value;
    say("You are signed in again. Send it once more.");
    document.dispatchEvent(new CustomEvent("curator:signed-in", { detail: { token: fresh.value } }));
  }

  function signedOut() {
    const link = made("a", { class: "button", href: "/desk/sign-in", target: "_blank" }, "Sign in (new tab)");
    say("You are signed out. Your words are kept here.", link);
    clearTimeout(fading);
    window.addEventListener("focus", () => renew().catch(() => {}), { once: true });
  }

  const ANSWERS = {
    400: "This form was open in another sign-in. Reload the page, and send it again.",
    403: "Your role at this desk does not include this.",
    404: "That is not there any more. Reload the page.",
    413: "That is too large.",
    429: "That was too often. Wait a moment.",
  };

  function refused(event) {
    const { status } = event.detail.xhr;
    // What a page asks by itself ends with the sign-in: it would say so every few seconds.
    if (status === 401 && event.detail.elt.matches("[hx-trigger^=every]")) event.detail.elt.remove();
    if (status === 401) return signedOut();
    if (event.detail.xhr.getResponseHeader("HX-Trigger")?.includes("curator:say")) return undefined;
    if (status in ANSWERS) return another(event.detail) && say(ANSWERS[status]);
    trouble("That did not work just now. Nothing is lost here.", event.detail);
  }

  function mayAct(event) {
    const at = event.target instanceof Element ? event.target : document.body;
    const writes = at.closest("input, textarea, select, [contenteditable]") !== null;
    const open = document.querySelector("dialog[open]") !== null;
    return "shortcuts" in document.body.dataset && !writes && !open && !(event.ctrlKey || event.altKey || event.metaKey);
  }

  // On a phone the areas are a strip: the one that the page belongs to is in sight.
  function showArea() {
    const strip = document.querySelector(".areas"), link = strip?.querySelector("[aria-current]");
    if (link) strip.scrollLeft = link.offsetLeft - strip.offsetLeft - (strip.clientWidth - link.offsetWidth) / 2;
  }

  showArea();
  place.addEventListener("pointerenter", () => clearTimeout(fading));
  place.addEventListener("pointerleave", () => stay());
  place.addEventListener("focusin", () => clearTimeout(fading));
  place.addEventListener("focusout", () => stay());

  document.addEventListener("focusin", (event) => giveWay(event.target));
  document.addEventListener("curator:signed-out", signedOut);
  document.addEventListener("curator:say", (event) => say(event.detail.words));
  for (const name of ["curator:done", "curator:undone"]) {
    document.addEventListener(name, (event) => {
      const { words, undo, label } = event.detail;
      // Only the newest deed is offered: what the page told when it came is older.
      for (const old of document.querySelectorAll(".said [data-undo]")) old.remove();
      say(words, undo ? undoForm(undo, label ?? "Undo") : undefined);
    });
  }
  document.addEventListener("submit", (event) => {
    if (!(event.target instanceof HTMLFormElement) || !("undo" in event.target.dataset)) return;
    const asked = new CustomEvent("curator:undo", { cancelable: true, detail: { url: event.target.action } });
    if (!document.dispatchEvent(asked)) event.preventDefault();
  });
  // On the window: a page's own keys, on the document, come first.
  window.addEventListener("keydown", (event) => {
    const wanted = { u: "", U: "redo" }[event.key];
    if (wanted === undefined || event.defaultPrevented || event.repeat || !mayAct(event)) return;
    // Never does "u" do again what it took back: whoever presses it twice wants to go one further back.
    const button = document.querySelector(`:is(#toasts, .said) [data-undo="${wanted}"] button`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig.verb !== "get") clear();
  });
  document.addEventListener("htmx:sendError", (event) => trouble("That did not reach the desk. Nothing is lost here.", event.detail));
  document.addEventListener("htmx:responseError", refused);
}
