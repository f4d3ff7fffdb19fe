// Typing a third figure chooses it, and the field that is being decided is lit on the image.

const sheet = document.querySelector(".sheet");
const form = document.getElementById("dispute");

// Within the sheet alone: the page stays where the field is that is being typed.
const bringIntoSheet = (box) => {
  const above = box.getBoundingClientRect().top - sheet.getBoundingClientRect().top;
  sheet.scrollTop += above - sheet.clientHeight / 3;
};

for (const third of form.querySelectorAll("[data-third]")) {
  third.addEventListener("input", () => {
    document.getElementById(third.dataset.third).checked = true;
  });
}

for (const one of form.querySelectorAll("[data-field]")) {
  const light = (lit) => {
    const name = CSS.escape(one.dataset.field);
    for (const box of document.querySelectorAll(`rect[data-field="${name}"]`)) {
      box.classList.toggle("lit", lit);
      if (lit) bringIntoSheet(box);
    }
  };
  one.addEventListener("focusin", () => light(true));
  one.addEventListener("focusout", () => light(false));
}
