// Words that the desk may not have yet: a copy of them in the browser, the offer to take it in again, and a warning to
// whoever leaves with some. What is typed on the board (words.js) and in the inbox (blurbs.js) is kept by this.
"use strict";
{
  const unsaved = [];
  // Several people may use one browser: each is offered their own words alone.
  const mine = (key) => `${document.body.dataset.person ?? ""} ${key}`;

  function put(key, copy) {
    try {
      localStorage.setItem(mine(key), JSON.stringify(copy));
    } catch {
      // Full or forbidden: the words still stand on the page.
    }
  }

  function get(key) {
    try {
      return JSON.parse(localStorage.getItem(mine(key)));
    } catch {
      return null;
    }
  }

  function drop(key) {
    try {
      localStorage.removeItem(mine(key));
    } catch {
      // See put.
    }
  }

  function all(prefix) {
    try {
      const keys = Object.keys(localStorage).filter((key) => key.startsWith(mine(prefix)));
      return keys.map((key) => key.slice(mine("").length)).map((key) => [key, get(key)]).filter(([, copy]) => copy);
    } catch {
      return [];
    }
  }

  function when(at) {
    const minutes = Math.max(1, Math.round((Date.now() - at) / 60000));
    return minutes < 120 ? `${minutes} min ago` : `on ${new Date(at).toLocaleDateString()}`;
  }

  // Returns words and buttons to put where they are seen; a text of one's own may stand between. A button is given as
  // what it does, or as the address that it leads to.
  function note(words, buttons, text = "") {
    const box = made("div", "note warn stack"), said = made("div");
    said.append(...words);
    box.append(said);
    if (text) box.append(made("div", "as-typed", text));
    if (Object.keys(buttons).length) box.append(actions(buttons));
    return box;
  }

  function actions(buttons) {
    const row = made("div", "actions");
    for (const [label, does] of Object.entries(buttons)) {
      const isLink = typeof does === "string";
      const button = Object.assign(made(isLink ? "a" : "button", "button", label), isLink ? { href: does } : { type: "button" });
      if (!isLink) button.addEventListener("click", does);
      row.append(button);
    }
    return row;
  }

  const made = (tag, className = "", textContent = "") => Object.assign(document.createElement(tag), { className, textContent });

  // Asks whoever leaves while `isUnsaved` holds.
  const warn = (isUnsaved) => unsaved.push(isUnsaved);

  addEventListener("beforeunload", (event) => {
    if (unsaved.some((each) => each())) event.preventDefault();
  });

  globalThis.Kept = { put, get, drop, all, when, note, warn };
}
