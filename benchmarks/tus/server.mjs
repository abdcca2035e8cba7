// A tus server that keeps uploads in S3, with the settings of its documentation; prints its port.
import { S3Store } from "@tus/s3-store";
import { Server } from "@tus/server";

const datastore = new S3Store({
  partSize: 8 * 1024 * 1024,
  s3ClientConfig: {
    bucket: process.env.IMAGES_BUCKET,
    region: process.env.AWS_DEFAULT_REGION,
    endpoint: process.env.AWS_ENDPOINT_URL,
    forcePathStyle: true,
    credentials: {
      accessKeyId: process.env.AWS_ACCESS_KEY_ID,
      secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
    },
  },
});
const server = new Server({ path: "/files", datastore }).listen(0, "127.0.0.1", () => {
  console.log(server.address().port);
});
