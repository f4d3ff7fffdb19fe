// Loads the page again every half minute, with the focus, the open parts and the place where it was.
// It waits while somebody types, points or selects, and rests when nobody did for long, so that a
// session that was left alone ends in its time. Without this script the page is as it was loaded.

const EVERY = 30_000;
const QUIET = 5_000;
const LONGEST = 20 * 60_000;
const KEPT = "coordinacion";

const line = document.getElementById("refreshing");
const wanted = document.getElementById("refresh");
const stops = [...document.querySelectorAll("a, button, summary, input, [tabindex]")];
const wide = [...document.querySelectorAll(".wide")];
const parts = [...document.querySelectorAll("details")];

const read = () => {
  try {
    return JSON.parse(sessionStorage.getItem(KEPT)) ?? {};
  } catch {
    return {};
  }
};

const keep = (more) => {
  sessionStorage.setItem(KEPT, JSON.stringify({ touched, wanted: wanted.checked, ...more }));
};

const before = read();
let touched = Date.now();

const putBack = () => {
  touched = before.touched;
  parts.forEach((part, at) => {
    part.open = before.open[at] ?? false;
  });
  wide.forEach((region, at) => {
    region.scrollLeft = before.across[at] ?? 0;
  });
  if (before.focus < 0) document.activeElement?.blur();
  else stops[before.focus]?.focus({ preventScroll: true });
  window.scrollTo(0, before.down);
};

const again = () => {
  keep({
    again: true,
    open: parts.map((part) => part.open),
    across: wide.map((region) => region.scrollLeft),
    focus: stops.indexOf(document.activeElement),
    down: window.scrollY,
  });
  location.reload();
};

const look = () => {
  const quiet = Date.now() - touched;
  if (quiet > LONGEST) {
    line.querySelector("[role=status]").textContent =
      line.querySelector("[role=status]").dataset.resting;
    setTimeout(look, EVERY);
    return;
  }
  const busy = document.hidden || quiet < QUIET || !getSelection().isCollapsed;
  if (wanted.checked && !busy) again();
  else setTimeout(look, QUIET);
};

for (const kind of ["keydown", "pointerdown", "wheel", "touchmove"]) {
  addEventListener(kind, () => {
    touched = Date.now();
    line.querySelector("[role=status]").textContent = "";
  }, { passive: true });
}
wanted.addEventListener("change", () => keep({}));

line.hidden = false;
wanted.checked = before.wanted ?? true;
if (before.again) putBack();
keep({});
setTimeout(look, EVERY);
