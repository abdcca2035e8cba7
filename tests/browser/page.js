// What an application's page does: Uppy with the documented connection to the API. The tests drive it.
import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";

import { useImagesApi } from "../../docs/examples/uppy.mjs";

window.startUppy = ({ apiUrl, token }) => {
  const uppy = new Uppy({ autoProceed: false });
  useImagesApi(uppy, AwsS3, { apiUrl, getToken: () => token });
  window.partsDone = [];
  window.waitForPart = (number) =>
    new Promise((resolve) => {
      const look = () => window.partsDone.includes(number) && resolve();
      uppy.on("s3-multipart:part-uploaded", look);
      look();
    });
  uppy.on("s3-multipart:part-uploaded", (file, part) => window.partsDone.push(part.PartNumber));
  window.uppy = uppy;
};

window.addFile = ({ name, type, base64, padding }) => {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return window.uppy.addFile({
    name,
    type,
    data: new Blob([bytes, new Uint8Array(padding)], { type }),
  });
};

// What became of the files; the files of Uppy's own result hold more than a test can be sent.
window.upload = async () => {
  const { successful, failed } = await window.uppy.upload();
  return {
    successful: successful.map((file) => file.meta.imageId),
    failed: failed.map((file) => file.error),
  };
};

window.retry = async () => {
  const { successful, failed } = await window.uppy.retryAll();
  return {
    successful: successful.map((file) => file.meta.imageId),
    failed: failed.map((file) => file.error),
  };
};
