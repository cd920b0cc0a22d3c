// Small comforts; every page works without them.
"use strict";

document.documentElement.classList.add("scripted");

const local = new Intl.DateTimeFormat(undefined, {dateStyle: "medium", timeStyle: "long"});
for (const time of document.querySelectorAll("time[datetime]")) {
  time.title = local.format(new Date(time.dateTime));
}

for (const field of document.querySelectorAll("[data-send]")) {
  field.addEventListener("change", () => field.form.requestSubmit());
}

// A one-time link is used by whoever looks at it, not by what loads it ahead of time.
const enter = document.querySelector("form[data-enter]");
if (enter) {
  let sent = false;
  const go = () => {
    if (!sent && document.visibilityState === "visible" && !document.prerendering) {
      sent = true;
      enter.requestSubmit();
    }
  };
  document.addEventListener("visibilitychange", go);
  document.addEventListener("prerenderingchange", go);
  go();
}
