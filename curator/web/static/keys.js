// The keys that every page of the desk has: / searches, g goes somewhere, ? shows what the keys do. Loaded only for
// whoever wants single keys; they do nothing while somebody writes, and nothing with Ctrl, Alt or Meta.
"use strict";
{
  const CHORD_MS = 1200;
  const WRITING = "input, textarea, select, [contenteditable]";
  const help = document.getElementById("help");
  const shown = document.getElementById("show-help");
  let chordUntil = 0;

  function isFree(event) {
    const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.isComposing;
    return isPlain && !event.defaultPrevented && !event.target.closest(WRITING) && !document.querySelector("dialog[open]");
  }

  function act(event) {
    if (event.timeStamp < chordUntil) {
      chordUntil = 0;
      const link = help.querySelector(`[data-chord="${CSS.escape(event.key)}"]`);
      if (link) location.href = link.href;
      return Boolean(link);
    }
    if (event.key === "g") chordUntil = event.timeStamp + CHORD_MS;
    else if (event.key === "?") help.showModal();
    else if (event.key === "/") return focusOn(document.querySelector("main input[type=search]"));
    else return false;
    return true;
  }

  function focusOn(field) {
    if (field) field.select(), field.focus();
    return Boolean(field);
  }

  // Before the keys of the page itself: what follows a "g" belongs to it.
  document.addEventListener("keydown", (event) => {
    if ("shortcuts" in document.body.dataset && isFree(event) && act(event)) event.preventDefault();
  }, true);
  shown.hidden = false;
  shown.addEventListener("click", () => help.showModal());
}
