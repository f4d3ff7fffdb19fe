// The keys of the capture form. Without this script the form works the same, with Tab.
// It fills nothing in, sends nothing by itself, and knows no figure but those typed here.

const sheet = document.querySelector(".sheet");
const form = document.getElementById("figures");
const save = document.getElementById("save");
const status = document.getElementById("status");
const fields = [...form.querySelectorAll(".rows input")];
const words = { "*": form.dataset.ilegible, "-": form.dataset.sinDato };
const asked = new WeakSet();
let sent = false;
let leaving = false;

const say = (text) => {
  status.textContent = text;
};

const show = (field) => {
  field.nextElementSibling.textContent = words[field.value] ?? "";
};

// Within the sheet alone: the page stays where the field is that is being typed.
const bringIntoSheet = (box) => {
  const above = box.getBoundingClientRect().top - sheet.getBoundingClientRect().top;
  sheet.scrollTop += above - sheet.clientHeight / 3;
};

const light = (field, lit) => {
  for (const box of document.querySelectorAll(`rect[data-field="${CSS.escape(field.name)}"]`)) {
    box.classList.toggle("lit", lit);
    if (lit) bringIntoSheet(box);
  }
};

const mayLeave = (field) => {
  if (!("vote" in field.dataset) || field.value.length < 4 || asked.has(field)) return true;
  asked.add(field);
  say(form.dataset.four);
  return false;
};

const focus = (target) => {
  target.focus();
  if (target.select) target.setSelectionRange(target.value.length, target.value.length);
};

const goOn = (field) => {
  if (!mayLeave(field)) return;
  const next = fields[fields.indexOf(field) + 1];
  say(next ? "" : form.dataset.saving);
  focus(next ?? save);
};

const goBack = (field) => {
  const before = fields[fields.indexOf(field) - 1];
  if (before) focus(before);
};

const put = (field, sign) => {
  field.value = sign;
  asked.delete(field);
  show(field);
};

const onKey = (event) => {
  const field = event.target;
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === "Enter" || event.key === "ArrowDown") {
    event.preventDefault();
    if (!event.repeat) goOn(field);
  } else if (event.key === "Tab" && !event.shiftKey) {
    event.preventDefault();
    goOn(field);
  } else if (event.key === "ArrowUp") {
    event.preventDefault();
    goBack(field);
  } else if (event.key in words) {
    event.preventDefault();
    put(field, event.key);
  } else if (/^[0-9]$/.test(event.key) && field.value in words) {
    field.value = ""; // a digit after a sign is typed instead of it
  }
};

for (const field of fields) {
  show(field);
  field.addEventListener("keydown", onKey);
  field.addEventListener("focus", () => light(field, true));
  field.addEventListener("blur", () => light(field, false));
  field.addEventListener("input", () => {
    asked.delete(field);
    show(field);
  });
  field.addEventListener("beforeinput", (event) => {
    if (event.data !== null && /[^0-9*-]/.test(event.data)) event.preventDefault();
  });
  for (const kind of ["paste", "drop"]) {
    field.addEventListener(kind, (event) => {
      event.preventDefault();
      say(form.dataset.noPaste);
    });
  }
  if (field === document.activeElement) light(field, true);
}

// Of the lesson alone: its form has a field for how many keys were pressed.
const keys = form.elements.teclas;
if (keys) {
  keys.value = 0;
  const silent = ["Shift", "Control", "Alt", "AltGraph", "Meta", "CapsLock", "NumLock"];
  const count = (event) => {
    if (!silent.includes(event.key)) keys.value = Number(keys.value) + 1;
  };
  form.addEventListener("keydown", count, { capture: true });
}

save.addEventListener("keydown", (event) => {
  if (event.key === "ArrowUp") {
    event.preventDefault();
    focus(fields.at(-1));
  } else if (event.key === "Enter" && event.repeat) {
    event.preventDefault(); // a key held down is not a second Enter
  }
});

form.addEventListener("submit", (event) => {
  if (sent) event.preventDefault();
  sent = true;
});

// Reload, Back or a closed tab would lose what was typed and not sent: the browser asks first.
document.addEventListener("submit", () => {
  leaving = true;
});

addEventListener("beforeunload", (event) => {
  const typed = fields.some((field) => field.value !== field.defaultValue);
  if (typed && !leaving) event.preventDefault();
});

addEventListener("pageshow", () => {
  sent = leaving = false;
});
