// The camera of this machine, live, in the place of a file: what is taken is put into the form's
// file and posted as one. Without this script, or without a camera, the file is chosen by hand.

const LOOK_EVERY = 250; // milliseconds between two looks for a code
const OPEN = "openprep-camera"; // that it was open in this tab: it is opened again for the next

const block = document.querySelector(".camera");
const form = block.closest("form");
const file = form.querySelector("input[type=file]");
const typed = document.getElementById(form.dataset.code ?? "");
const live = block.querySelector("[data-live]");
const video = block.querySelector("video");
const told = block.querySelector(".camera-told");
const [open, take, close] = ["open", "take", "close"].map((what) =>
  block.querySelector(`[data-do=${what}]`),
);
const WHY = { NotAllowedError: "refused", NotFoundError: "none", OverconstrainedError: "none" };
let stream = null;
let sent = false;

const show = (isLive) => {
  live.hidden = !isLive;
  open.hidden = isLive;
};

const stop = (why = "") => {
  for (const track of stream?.getTracks() ?? []) track.stop();
  stream = null;
  video.srcObject = null;
  sessionStorage.removeItem(OPEN);
  show(false);
  told.textContent = why && block.dataset[why];
};

const start = async () => {
  told.textContent = "";
  try {
    stream = await navigator.mediaDevices.getUserMedia({
      video: { facingMode: "environment", width: { ideal: 4096 }, height: { ideal: 4096 } },
    });
  } catch (error) {
    stop(WHY[error.name] ?? "busy");
    open.focus();
    return;
  }
  stream.getVideoTracks()[0].addEventListener("ended", () => stop("lost"));
  sessionStorage.setItem(OPEN, "1");
  video.srcObject = stream;
  await video.play();
  show(true);
  take.focus();
  lookForCode();
};

const post = (blob) => {
  if (blob === null || sent) return;
  sent = true;
  const chosen = new DataTransfer();
  chosen.items.add(new File([blob], "camara.jpg", { type: "image/jpeg" }));
  file.files = chosen.files;
  form.requestSubmit();
};

const photograph = () => {
  if (!video.videoWidth) return;
  const canvas = document.createElement("canvas");
  canvas.width = video.videoWidth;
  canvas.height = video.videoHeight;
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob(post, "image/jpeg", 0.95);
};

// Where the browser reads codes itself nobody need press a key; the house reads them elsewhere.
const lookForCode = async () => {
  if (typed === null || !("BarcodeDetector" in window)) return;
  let detector;
  try {
    detector = new BarcodeDetector({ formats: ["qr_code"] });
  } catch {
    return;
  }
  while (stream !== null && !sent) {
    const found = await detector.detect(video).catch(() => []);
    const code = found.find((one) => one.rawValue.split(":").length > 2);
    if (code !== undefined && !sent) {
      sent = true;
      typed.value = code.rawValue;
      typed.form.requestSubmit();
    }
    await new Promise((go) => setTimeout(go, LOOK_EVERY));
  }
};

addEventListener("pageshow", () => {
  sent = false;
});

if (navigator.mediaDevices !== undefined) {
  block.hidden = false;
  open.addEventListener("click", start);
  take.addEventListener("click", photograph);
  close.addEventListener("click", () => {
    stop();
    open.focus();
  });
  if (sessionStorage.getItem(OPEN)) {
    const around = form.closest("details");
    if (around !== null) around.open = true;
    start();
  }
}
