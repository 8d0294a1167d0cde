// Holds each look of what is written on a page to the rules about colours: not each place, and no look that was found good.
//
// Contrast follows from a text's colour, size and weight and from what lies behind it. All of that is computed here for
// the element and everything around it, with their classes, which decide about ::before and ::after.
([good, times, options]) => {
  const chains = new Map();
  const own = (element) => {
    const style = getComputedStyle(element);
    return [
      element.tagName, element.getAttribute("class"), element.matches(":disabled, [aria-disabled=true]"),
      style.color, style.backgroundColor, style.backgroundImage, style.opacity, style.filter, style.mixBlendMode,
      style.position, style.zIndex, style.display, style.textDecorationLine, style.textShadow,
    ].join(";");
  };
  const around = (element) => {
    if (!element) return "";
    if (!chains.has(element)) chains.set(element, hashed(`${around(element.parentElement)}>${own(element)}`));
    return chains.get(element);
  };
  // Axe passes over a single character: a number of one digit must not stand for one of two.
  const written = (element) => {
    const text = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE).map((node) => node.data).join("");
    return `${text}${element.value ?? ""}${element.placeholder ?? ""}`.trim();
  };
  const look = (element) => {
    const style = getComputedStyle(element);
    const length = Math.min(written(element).length, 2);
    return hashed([around(element), style.fontSize, style.fontWeight, style.fontStyle, length].join(";"));
  };

  // cyrb53: two hashes of 32 bits, of which a number holds 53.
  function hashed(text) {
    let [high, low] = [0xdeadbeef, 0x41c6ce57];
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      high = Math.imul(high ^ code, 2654435761);
      low = Math.imul(low ^ code, 1597334677);
    }
    high = Math.imul(high ^ (high >>> 16), 2246822507) ^ Math.imul(low ^ (low >>> 13), 3266489909);
    low = Math.imul(low ^ (low >>> 16), 2246822507) ^ Math.imul(high ^ (high >>> 13), 3266489909);
    return 4294967296 * (2097151 & low) + (high >>> 0);
  }

  const left = new Map(good);
  const looks = [];
  const chosen = [...document.body.querySelectorAll("*")].filter((element) => {
    if (!element.getClientRects().length || !written(element)) return false;
    const found = look(element), wanting = left.get(found) ?? times;
    left.set(found, wanting - 1);
    if (wanting > 0) looks.push(found);
    return wanting > 0;
  });
  return chosen.length ? axe.run(chosen, options).then(({violations}) => ({looks, violations})) : {looks, violations: []};
}
