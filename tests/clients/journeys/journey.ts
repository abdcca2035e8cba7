// A user's way through the API with the client that openapi-generator makes for TypeScript.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

import { Configuration, ImagesApi, ResponseError, UsersApi } from "./generated/index.js";
import type { Problem } from "./generated/index.js";

async function register(url: string, email: string, password: string): Promise<void> {
  const users = new UsersApi(new Configuration({ basePath: url }));
  await users.registerUser({ registration: { email, password } });
}

async function use(url: string, email: string, password: string, code: string, photo: string): Promise<void> {
  const users = new UsersApi(new Configuration({ basePath: url }));
  await users.confirmUser({ confirmation: { email, code } });
  const signedIn = await users.logIn({ credentials: { email, password } });
  const images = new ImagesApi(new Configuration({ basePath: url, accessToken: signedIn.accessToken ?? "" }));
  const file = new File([new Uint8Array(await readFile(photo))], basename(photo));
  const uploaded = await images.uploadImage({ file });
  const page = await images.listImages({ limit: 10 });
  const [listed] = page.items;
  const document = await images.getImageMetadata({ imageId: uploaded.id });
  await images.deleteImage({ imageId: uploaded.id });
  let afterwards: Problem["code"] | undefined;
  try {
    await images.getImage({ imageId: uploaded.id });
  } catch (error) {
    if (!(error instanceof ResponseError)) throw error;
    afterwards = ((await error.response.json()) as Problem).code;
  }
  console.log(
    JSON.stringify({
      status: signedIn.status,
      uploaded: uploaded.id,
      filename: uploaded.filename,
      listed: listed?.id,
      camera: document.summary.cameraModel,
      size: document.image.sizeBytes,
      afterwards,
    }),
  );
}

const [step, ...rest] = process.argv.slice(2);
const steps: Record<string, (...texts: string[]) => Promise<void>> = {
  register: (url = "", email = "", password = "") => register(url, email, password),
  use: (url = "", email = "", password = "", code = "", photo = "") => use(url, email, password, code, photo),
};
await steps[step ?? ""]?.(...rest);
