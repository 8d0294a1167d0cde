// Keeps the part of a page that is marked data-watch up to date while something moves, and opens the page anew once it
// has come to rest. Buttons stand outside of that part, so nobody's focus is lost. Without scripts a link does it.
"use strict";
{
  const LATEST_MS = 15000;
  const QUARTERS = [25, 50, 75, 100];
  const part = document.querySelector("[data-watch]");
  const spoken = document.createElement("p");
  let wait = 1000;
  let told = share(part);

  // The slower the answer, the longer the next question waits: whoever is busy is asked less.
  const backOff = (tookMs) => Math.max(Math.floor(250 * Math.sqrt(tookMs)) - 1000, 1000);

  // Returns how much is done, in percent; null where nothing tells.
  function share(of) {
    const bar = of.querySelector("progress[value]");
    return bar && bar.max > 0 ? (100 * bar.value) / bar.max : null;
  }

  // A bar that is read out at every step is noise: four times is enough.
  function announce() {
    const now = share(part);
    const passed = QUARTERS.filter((quarter) => told !== null && now !== null && told < quarter && now >= quarter).pop();
    if (passed) spoken.textContent = `${passed} %`;
    told = now;
  }

  const isTyped = () =>
    [...document.querySelectorAll("main input:not([type=hidden]), main textarea")].some(
      (field) => field.value !== field.defaultValue,
    );

  const say = (words) => document.dispatchEvent(new CustomEvent("curator:say", { detail: { words } }));

  // Another state has other buttons; but words that somebody types are worth more than those.
  function comeToRest() {
    if (isTyped()) return say("It has come to rest. Reload the page to see the end; first send what you typed.");
    location.reload();
  }

  async function look() {
    if (document.hidden) return document.addEventListener("visibilitychange", look, { once: true });
    const begun = performance.now();
    try {
      const answer = await fetch(location.href, { cache: "no-store" });
      if (answer.status >= 500) throw new Error("not just now");
      if (answer.redirected) return document.dispatchEvent(new CustomEvent("curator:signed-out"));
      const now = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(part.id);
      if (!now || now.dataset.watch !== part.dataset.watch) return comeToRest();
      const moves = now.innerHTML !== part.innerHTML;
      if (moves) part.replaceChildren(...now.childNodes);
      announce();
      const soonest = backOff(performance.now() - begun);
      wait = moves ? soonest : Math.min(Math.max(wait * 1.5, soonest), LATEST_MS);
    } catch {
      wait = LATEST_MS;
    }
    setTimeout(look, wait);
  }

  spoken.className = "sr";
  spoken.setAttribute("role", "status");
  (document.querySelector("main") ?? document.body).append(spoken);
  document.addEventListener("curator:signed-in", () => setTimeout(look, wait));
  setTimeout(look, wait);
}
