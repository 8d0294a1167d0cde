// Colour pickers beside the fields of a newsletter's look; what is picked is typed for one. Without this, colours are typed.
"use strict";
{
  for (const picker of document.querySelectorAll("input[data-picks]")) {
    const field = document.getElementById(picker.dataset.picks);
    const isColor = () => /^#[0-9a-f]{6}$/i.test(field.value.trim());
    const follow = () => { picker.value = isColor() ? field.value.trim().toLowerCase() : picker.dataset.usual; };
    picker.hidden = false;
    follow();
    field.addEventListener("input", follow);
    picker.addEventListener("input", () => {
      field.value = picker.value;
      // As if it had been typed: the sample follows.
      field.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}
