// Connects Uppy 6 (@uppy/core, @uppy/aws-s3 6.3 or newer) with the images upload API.
//
//   const uppy = new Uppy()
//   useImagesApi(uppy, AwsS3, { apiUrl: 'https://api.example.com', getToken: () => session.accessToken })
//
// Afterwards file.meta.imageId is the id of the image: GET /v1/images/{imageId} returns its status.

const MIB = 1024 * 1024;
const PART_SIZE = 8 * MIB;
const ATTEMPTS = 5;

export function useImagesApi(
  uppy,
  AwsS3,
  { apiUrl, getToken, isResumable = (file) => file.size > 16 * MIB },
) {
  const forms = new Map();

  async function call(method, path, body, attempt = 1) {
    const response = await fetch(`${apiUrl}${path}`, {
      method,
      headers: { authorization: `Bearer ${await getToken()}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if ((response.status >= 500 || response.status === 429) && attempt < ATTEMPTS) {
      // Uppy itself does the same with storage.
      const seconds = Math.max(Number(response.headers.get("retry-after")), Math.random() * 2 ** attempt);
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return call(method, path, body, attempt + 1);
    }
    const answer = await response.json();
    if (!response.ok) throw new Error(answer.detail);
    return answer;
  }

  async function announce(file) {
    const created = await call("POST", "/v1/uploads", {
      content_type: file.type,
      size: file.size,
      filename: file.name,
      multipart: isResumable(file),
      part_size: PART_SIZE,
    });
    const imageId = created.image_id;
    uppy.setFileMeta(file.id, { imageId });
    if (created.multipart) {
      // Uppy resumes uploads that it knows; this one has no parts yet.
      uppy.setFileState(file.id, {
        s3Multipart: { key: imageId, uploadId: created.multipart.upload_id },
      });
    } else {
      forms.set(imageId, created.upload);
    }
  }

  uppy.addPreProcessor(async (fileIDs) => {
    const files = uppy.getFilesByIds(fileIDs);
    await Promise.all(files.filter((file) => !file.s3Multipart).map(announce));
  });

  uppy.use(AwsS3, {
    allowedMetaFields: false,
    shouldUseMultipart: (file) => Boolean(file.s3Multipart),
    getChunkSize: () => PART_SIZE,
    generateObjectKey: (file) => file.meta.imageId,
    // Here, the key is the id of the image.
    async signRequest({ method, key, uploadId, partNumber }) {
      const path = `/v1/uploads/${key}`;
      if (!uploadId) {
        const { url, fields } = forms.get(key);
        return { url, fields };
      }
      if (partNumber) {
        const { items } = await call("POST", `${path}/parts`, { part_numbers: [partNumber] });
        return { url: items[0].url };
      }
      if (method === "DELETE") {
        return {
          url: `${apiUrl}${path}`,
          headers: { authorization: `Bearer ${await getToken()}` },
        };
      }
      const operation = method === "GET" ? "list-parts" : "complete";
      const { url } = await call("POST", `${path}/requests`, { operation });
      return { url };
    },
  });
}
