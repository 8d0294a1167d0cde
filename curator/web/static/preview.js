// The preview's keys, and subject and preheader that save themselves. Without this script links and buttons do the same.
"use strict";
{
  const REST_MS = 600;
  const AGAIN_MS = 5000;

  // -- keys: [ and ] for the width, d for the colours, t for the test mail

  function isTyping(target) {
    return target.closest("input, textarea, select, [contenteditable]") !== null;
  }

  document.addEventListener("keydown", (event) => {
    // A "d" after "g" goes to the desk.
    const isPlain = !event.ctrlKey && !event.altKey && !event.metaKey && !event.defaultPrevented;
    if (!("shortcuts" in document.body.dataset) || !isPlain || isTyping(event.target)) return;
    if (!["[", "]", "d", "t"].includes(event.key)) return;
    const wanted = event.key === "t" ? document.getElementById("send-test") : document.querySelector(`[data-key="${event.key}"]`);
    if (!wanted) return;
    event.preventDefault();
    // A mail is sent by whoever means it: the key leads to the button, and Enter presses it.
    if (event.key === "t") wanted.focus();
    else wanted.click();
  });

  // -- what a worker found stands in the checks

  document.addEventListener("htmx:afterSwap", () => {
    const over = document.querySelector("#link-check[data-over], #mail-looks[data-over]");
    if (!over) return;
    over.removeAttribute("data-over");
    refresh(["checks"]);
  });

  async function refresh(parts) {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.ok && !answer.redirected) replace(await answer.text(), parts);
  }

  // Puts the parts of a page that may have changed in place of the old ones, and returns the page.
  function replace(text, parts) {
    const page = new DOMParser().parseFromString(text, "text/html");
    for (const id of parts) {
      const old = document.getElementById(id);
      const fresh = page.getElementById(id);
      // Nobody's focus is taken away: what they are at stays, and a reload shows the new state.
      if (!old || !fresh || old.contains(document.activeElement)) continue;
      for (const details of old.querySelectorAll("details[open]")) open(fresh, details);
      old.replaceWith(fresh);
      window.htmx?.process(fresh);
    }
    return page;
  }

  // What was unfolded stays so.
  function open(fresh, details) {
    const name = details.querySelector("summary").textContent.replace(/\d+/g, "");
    for (const other of fresh.querySelectorAll("details")) {
      if (other.querySelector("summary").textContent.replace(/\d+/g, "") === name) other.open = true;
    }
  }

  // -- subject and preheader: saved as soon as the typing rests, one save at a time

  const form = document.querySelector("form[data-saves]");
  if (form) watch(form);

  function watch(form) {
    const told = document.getElementById("saved");
    let waiting = 0;
    let isSaving = false;
    let isUnsaved = false;

    form.addEventListener("input", () => {
      isUnsaved = true;
      told.textContent = "";
      for (const count of form.querySelectorAll("[data-counts]")) {
        const length = [...form.elements[count.dataset.counts].value].length;
        count.textContent = `${length} character${length === 1 ? "" : "s"}`;
      }
      later(REST_MS);
    });
    form.addEventListener("submit", () => { isUnsaved = false; clearTimeout(waiting); });
    addEventListener("beforeunload", (event) => { if (isUnsaved) event.preventDefault(); });

    function later(after) {
      clearTimeout(waiting);
      waiting = setTimeout(save, after);
    }

    async function save() {
      if (isSaving) return later(REST_MS);
      isSaving = true;
      const sent = new FormData(form);
      told.textContent = "Saving";
      try {
        const answer = await fetch(form.action, { method: "POST", body: sent });
        if (answer.status >= 500) throw new Error("not just now");
        take(answer, await answer.text(), sent);
      } catch {
        told.textContent = "Not saved, trying again";
        later(AGAIN_MS);
      } finally {
        isSaving = false;
      }
    }

    function take(answer, text, sent) {
      if (answer.status === 401) { told.textContent = "Signed out: your words are kept here. Sign in in another window, then press Save."; return; }
      if (answer.status === 409) { told.textContent = "Somebody else saved first. Press Save to see both texts."; return; }
      if (!answer.ok) { told.textContent = "Not saved: press Save to see why."; return; }
      isUnsaved = ["subject", "preheader"].some((name) => form.elements[name].value !== sent.get(name));
      const page = replace(text, ["facts", "checks", "mail", "test"]);
      const version = page.querySelector("#envelope [name='version']");
      if (version) form.elements.version.value = version.value;
      const at = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hour12: false });
      told.textContent = isUnsaved ? "" : `Saved ${at}`;
    }
  }
}
