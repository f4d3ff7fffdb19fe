// Typing a third figure chooses it, and the field that is being decided is lit on the image.

const form = document.getElementById("dispute");

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
      if (lit) box.scrollIntoView({ block: "nearest" });
    }
  };
  one.addEventListener("focusin", () => light(true));
  one.addEventListener("focusout", () => light(false));
}
