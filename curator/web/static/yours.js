// Adds what a moment is on the clock of whoever reads it, where that is another time than the newsletter's.
"use strict";
{
  const clock = (at, zone) => new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(at);
  const day = (at, zone) => new Intl.DateTimeFormat("en-GB", { weekday: "short", timeZone: zone }).format(at);
  for (const time of document.querySelectorAll("time[data-zone]")) {
    const at = new Date(time.dateTime);
    const theirs = clock(at, time.dataset.zone);
    const mine = clock(at);
    if (mine === theirs && day(at) === day(at, time.dataset.zone)) continue;
    const on = day(at) === day(at, time.dataset.zone) ? "" : ` on ${day(at)}`;
    const away = time.nextElementSibling;
    (away?.classList.contains("away") ? away : time).append(`; ${mine}${on} for you`);
  }
}
