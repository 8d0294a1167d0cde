// Keeps what is typed into a blurb in the inbox until the desk has it: htmx saves it, kept.js holds a copy meanwhile.
// What a closed window or an ended sign-in left here is offered again where its item stands, or above the list.
"use strict";
{
  const LONGEST_WAIT_MS = 30000;
  const Kept = globalThis.Kept;
  const prefix = "curator.blurb ";
  // Of each form: what is on its way to the desk, how often that failed since it last came through, whether it waits
  // for somebody to choose between two texts, and what was left here by an earlier page as long as nobody decided.
  const states = new WeakMap();

  const forms = () => [...document.querySelectorAll("form.blurb")];
  const area = (form) => form.elements.blurb;
  const keyOf = (form) => `${prefix}${form.elements.newsletter.value} ${form.dataset.item}`;
  const isDirty = (form) => area(form).value !== area(form).defaultValue;
  const formOf = (element) => element instanceof Element ? element.closest("form.blurb") : null;

  function of(form) {
    if (!states.has(form)) states.set(form, { sent: "", tries: 0, timer: 0, isHeld: false, offer: null });
    return states.get(form);
  }

  function remember(form) {
    const { title, url } = form.dataset;
    Kept.put(keyOf(form), { at: Date.now(), words: area(form).value, title, url, offer: of(form).offer });
  }

  const say = (form, words) => { form.querySelector(".saved").textContent = words; };

  // -- on its way

  document.addEventListener("input", ({ target }) => {
    const form = formOf(target);
    if (form && target === area(form)) remember(form);
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    const { detail } = event;
    const form = formOf(detail.elt);
    if (!form) return;
    const state = of(form);
    // Somebody else's words stand there: only whoever presses Save puts others in their place.
    if (state.isHeld && !detail.requestConfig.triggeringEvent?.submitter) return event.preventDefault();
    state.isHeld = false;
    clearTimeout(state.timer);
    state.sent = area(form).value;
  });

  document.addEventListener("htmx:afterRequest", ({ detail }) => {
    const form = formOf(detail.elt), status = detail.xhr?.status ?? 0;
    if (!form) return;
    // Not `detail.successful`: to htmx a refusal that brings words to show is a success.
    if (status >= 200 && status < 300) return saved(form);
    if (status === 0 || status === 429 || status >= 500) again(form);
    else if (status === 409) of(form).isHeld = true;
    else say(form, "Not saved. Your words are kept in this browser.");
  });

  function saved(form) {
    const state = of(form);
    state.tries = 0;
    area(form).defaultValue = state.sent;
    if (!isDirty(form)) forget(form);
  }

  function forget(form) {
    const { offer } = of(form);
    if (offer) Kept.put(keyOf(form), offer);
    else Kept.drop(keyOf(form));
  }

  function again(form) {
    const state = of(form);
    say(form, "Not saved, trying again. Your words are kept in this browser.");
    state.timer = setTimeout(() => send(form), Math.min(1000 * 2 ** state.tries++, LONGEST_WAIT_MS));
  }

  const send = (form) => form.isConnected && form.requestSubmit();

  document.addEventListener("curator:signed-in", () => forms().filter(isDirty).forEach(send));
  addEventListener("online", () => forms().filter((form) => isDirty(form) && of(form).tries).forEach(send));
  Kept.warn(() => forms().some(isDirty));

  // -- what was left here

  function offerBack(form) {
    const found = Kept.get(keyOf(form)), place = form.querySelector("[data-notice]");
    if (!found || isDirty(form) || place.firstElementChild) return;
    const copy = [found, found.offer].find((each) => each && each.words.trim() !== area(form).value.trim());
    if (!copy) return Kept.drop(keyOf(form));
    of(form).offer = copy;
    const decide = () => {
      of(form).offer = null;
      place.replaceChildren();
      area(form).focus();
      if (isDirty(form)) remember(form);
      else forget(form);
    };
    const take = () => {
      area(form).value = copy.words;
      decide();
      send(form);
    };
    place.append(Kept.note([`You typed this here ${Kept.when(copy.at)}, and it was not saved:`], { "Take it in": take, "Let it go": decide }, copy.words));
  }

  function offerAbove(place) {
    const open = new Set(forms().map(keyOf));
    for (const [key, copy] of Kept.all(`${prefix}${place.dataset.newsletter} `)) {
      if (open.has(key)) continue;
      const drop = () => {
        Kept.drop(key);
        box.remove();
      };
      const words = `You wrote about “${copy.title}” ${Kept.when(copy.at)}, and it was not saved:`;
      const box = Kept.note([words], { "Write on": copy.url, "Let it go": drop }, copy.words);
      place.append(box);
    }
  }

  document.addEventListener("htmx:afterSettle", () => forms().forEach(offerBack));
  forms().forEach(offerBack);
  for (const place of document.querySelectorAll("[data-notices][data-newsletter]")) offerAbove(place);
}
