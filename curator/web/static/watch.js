// Keeps the part of a page that is marked data-watch up to date while something moves, and opens the page anew once it
// has come to rest. Buttons stand outside of that part, so nobody's focus is lost. Without scripts a link does it.
"use strict";
{
  const SOONEST_MS = 2000;
  const LATEST_MS = 15000;
  const part = document.querySelector("[data-watch]");
  let wait = SOONEST_MS;

  // Returns the part as it is now; null where the page is another one by now, such as the sign-in.
  async function fresh() {
    const answer = await fetch(location.href, { cache: "no-store" });
    if (answer.status >= 500) throw new Error("not just now");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return answer.redirected ? null : page.getElementById(part.id);
  }

  async function look() {
    try {
      const now = document.hidden ? part : await fresh();
      // Another state has other buttons.
      if (!now || now.dataset.watch !== part.dataset.watch) return location.reload();
      const moves = now.innerHTML !== part.innerHTML;
      if (moves) part.replaceChildren(...now.childNodes);
      wait = moves ? SOONEST_MS : Math.min(wait * 1.5, LATEST_MS);
    } catch {
      wait = LATEST_MS;
    }
    setTimeout(look, wait);
  }

  setTimeout(look, wait);
}
