// Says while somebody types how many characters of a limited field are used. The server counts again.
"use strict";
{
  for (const field of document.querySelectorAll("[data-limit]")) {
    const limit = Number(field.dataset.limit);
    const tally = document.createElement("p");
    tally.className = "tally";
    field.after(tally);

    const tell = () => {
      // As Python counts: by characters, not by UTF-16's halves.
      const used = [...field.value.trim()].length;
      const over = used - limit;
      tally.classList.toggle("over", over > 0);
      tally.textContent = over > 0 ? `${used} of ${limit}: ${over} too many` : `${used} of ${limit}`;
    };
    field.addEventListener("input", tell);
    tell();
  }
}
