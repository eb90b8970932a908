// The picture of oneself, out of the way of whatever it covers: dragged to a corner, pressed on to
// the next one, or sent there with the arrow keys.

const CORNERS = ["right bottom", "left bottom", "left top", "right top"];
const STILL_PX = 8; // a finger that moves less than this has pressed, not dragged

/** @type {Record<string, (corner: string) => string>} */
const WAYS = {
  ArrowLeft: (corner) => corner.replace("right", "left"),
  ArrowRight: (corner) => corner.replace("left", "right"),
  ArrowUp: (corner) => corner.replace("bottom", "top"),
  ArrowDown: (corner) => corner.replace("top", "bottom"),
};

/** @param {HTMLElement} picture a button; its corner is data-corner */
export function movable(picture) {
  /** @type {{x: number, y: number} | null} */
  let from = null;
  let dragged = false;

  picture.addEventListener("pointerdown", (event) => {
    from = { x: event.clientX, y: event.clientY };
    dragged = false;
    picture.setPointerCapture(event.pointerId);
  });
  picture.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    dragged ||= Math.hypot(x, y) > STILL_PX;
    if (dragged) picture.style.translate = `${x}px ${y}px`;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    picture.addEventListener(end, () => {
      if (dragged) picture.dataset.corner = nearest(picture);
      picture.style.translate = "";
      from = null;
    });
  }
  picture.addEventListener("click", () => {
    if (!dragged) picture.dataset.corner = next(picture.dataset.corner ?? "");
    dragged = false;
  });
  picture.addEventListener("keydown", (event) => {
    const way = WAYS[event.key];
    if (!way) return;
    event.preventDefault();
    picture.dataset.corner = way(picture.dataset.corner ?? "");
  });
}

/** @param {string} corner */
function next(corner) {
  return CORNERS[(CORNERS.indexOf(corner) + 1) % CORNERS.length] ?? "";
}

/** @param {HTMLElement} picture the corner of its frame that it was dragged to */
function nearest(picture) {
  const [own, frame] = [picture, picture.parentElement ?? picture].map((each) => each.getBoundingClientRect());
  if (!own || !frame) return "";
  const left = own.left + own.right < frame.left + frame.right;
  const top = own.top + own.bottom < frame.top + frame.bottom;
  return `${left ? "left" : "right"} ${top ? "top" : "bottom"}`;
}
