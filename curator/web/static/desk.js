// What every page of the desk shares: short words about what happened. Whoever has something to say dispatches
// `curator:say` on the document, with the words in `detail.words`.
"use strict";
{
  const STAYS_MS = 20000;
  const place = document.getElementById("toasts");
  let fading = 0;

  function say(words) {
    const toast = document.createElement("p");
    toast.className = "toast";
    toast.textContent = words;
    place.replaceChildren(toast);
    clearTimeout(fading);
    fading = setTimeout(() => place.replaceChildren(), STAYS_MS);
  }

  document.addEventListener("curator:say", (event) => say(event.detail.words));
  document.addEventListener("htmx:sendError", () => say("That did not reach the desk. Nothing is lost here; try again."));
}
