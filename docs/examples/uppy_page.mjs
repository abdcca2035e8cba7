// The script of uppy_page.html: logs in, uploads with Uppy's Dashboard, and shows the status of the photos.

import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import "@uppy/core/css/style.min.css";
import Dashboard from "@uppy/dashboard";
import "@uppy/dashboard/css/style.min.css";

import { Session } from "./session.mjs";
import { useImagesApi } from "./uppy.mjs";

const MAX_LOOKS = 60;

const form = document.querySelector("form");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const { api, email, password } = Object.fromEntries(new FormData(form));
  try {
    const session = await Session.logIn(api, email, password, answer);
    form.remove();
    start(api, session);
  } catch (error) {
    form.querySelector("[role=alert]").textContent = error.message;
  }
});

function answer(challenge) {
  if (challenge === "NEW_PASSWORD_REQUIRED") return { new_password: prompt("New password") };
  return { code: prompt("Code of your authenticator app") };
}

function start(apiUrl, session) {
  const uppy = new Uppy().use(Dashboard, { target: "#uppy", inline: true });
  useImagesApi(uppy, AwsS3, { apiUrl, getToken: () => session.accessToken() });
  uppy.on("upload-success", (file) => show(session, file.meta.imageId));
}

/** Shows an image as soon as it was read and its thumbnail is there. */
async function show(session, id) {
  const item = document.querySelector("ul").appendChild(document.createElement("li"));
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const image = await session.request("GET", `/v1/images/${id}`);
    const thumbnail = image.renditions?.find(({ name }) => name === "thumbnail");
    item.textContent = `${image.filename}: ${image.rejection?.detail ?? image.status}`;
    if (thumbnail) {
      const picture = document.createElement("img");
      picture.src = thumbnail.url;
      picture.alt = "";
      item.prepend(picture);
    }
    if (thumbnail || image.rejection || image.renditions_error) return;
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}
