// A user's way through the API with openapi-fetch and the types that openapi-typescript makes.
import { readFile } from "node:fs/promises";
import { basename } from "node:path";

import createClient from "openapi-fetch";

import type { paths } from "./schema.js";

async function register(url: string, email: string, password: string): Promise<void> {
  const { error } = await createClient<paths>({ baseUrl: url }).POST("/v1/users", { body: { email, password } });
  if (error) throw new Error(JSON.stringify(error));
}

async function use(url: string, email: string, password: string, code: string, photo: string): Promise<void> {
  const api = createClient<paths>({ baseUrl: url });
  await api.POST("/v1/users/confirm", { body: { email, code } });
  const { data: signedIn } = await api.POST("/v1/sessions", { body: { email, password } });
  api.use({
    onRequest: ({ request }) => {
      request.headers.set("authorization", `Bearer ${signedIn?.access_token}`);
    },
  });
  const form = new FormData();
  form.append("file", new File([new Uint8Array(await readFile(photo))], basename(photo)));
  const { data: uploaded } = await api.POST("/v1/images", {
    body: { file: photo },
    bodySerializer: () => form,
  });
  const path = { image_id: uploaded?.id ?? "" };
  const { data: page } = await api.GET("/v1/images", { params: { query: { limit: 10 } } });
  const listed = page?.items[0];
  const { data: document } = await api.GET("/v1/images/{image_id}/metadata", { params: { path } });
  await api.DELETE("/v1/images/{image_id}", { params: { path } });
  const { error } = await api.GET("/v1/images/{image_id}", { params: { path } });
  console.log(
    JSON.stringify({
      status: signedIn?.status,
      uploaded: uploaded?.id,
      filename: uploaded?.filename,
      listed: listed?.id,
      camera: document?.summary.camera_model,
      size: document?.image.size_bytes,
      afterwards: error && "code" in error ? error.code : undefined,
    }),
  );
}

const [step, ...rest] = process.argv.slice(2);
const steps: Record<string, (...texts: string[]) => Promise<void>> = {
  register: (url = "", email = "", password = "") => register(url, email, password),
  use: (url = "", email = "", password = "", code = "", photo = "") => use(url, email, password, code, photo),
};
await steps[step ?? ""]?.(...rest);
