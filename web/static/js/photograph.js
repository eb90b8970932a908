// A picture in full resolution, taken by this page's own camera because its owner has said yes.

const MOST_BYTES = 5 * 1024 * 1024; // what the record takes
const QUALITIES = [0.92, 0.8, 0.6, 0.4];

/**
 * Drawn anew, so that it stands upright and says nothing of where it was taken.
 * @param {MediaStreamTrack} camera @returns {Promise<Blob | null>} a JPEG; null when there is none
 */
export async function photograph(camera) {
  const track = camera.clone(); // which sends nothing, and is on though the picture of the call is off
  track.enabled = true;
  try {
    return await jpeg((await still(track)) ?? (await frame(track)));
  } catch {
    return null;
  } finally {
    track.stop();
  }
}

/** As the camera takes it, where a browser can ask it to. @param {MediaStreamTrack} track */
async function still(track) {
  if (!("ImageCapture" in globalThis)) return null;
  try {
    return await createImageBitmap(await new ImageCapture(track).takePhoto());
  } catch {
    return null; // it films, and does not photograph
  }
}

/** One frame of what it films. @param {MediaStreamTrack} track */
async function frame(track) {
  const seen = document.createElement("video");
  seen.muted = true;
  seen.srcObject = new MediaStream([track]);
  await seen.play();
  return createImageBitmap(seen);
}

/** @param {ImageBitmap} picture @returns {Promise<Blob | null>} */
async function jpeg(picture) {
  const sheet = document.createElement("canvas");
  [sheet.width, sheet.height] = [picture.width, picture.height];
  sheet.getContext("2d")?.drawImage(picture, 0, 0);
  for (const quality of QUALITIES) {
    /** @type {Blob | null} */
    const made = await new Promise((resolve) => sheet.toBlob(resolve, "image/jpeg", quality));
    if (made && made.size <= MOST_BYTES) return made;
  }
  return null;
}
