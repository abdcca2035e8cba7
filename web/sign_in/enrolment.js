// The secret for an authenticator app: as a QR code to scan, a link to open and a key to type.

import { element } from "../ui/dom.js";
import { qrCode } from "../ui/qr_code.js";

/** Shows a secret for one-time passwords: {secret, otpauth_uri}. */
export function enrolment({ secret, otpauth_uri: uri }) {
  return element(
    ".enrolment",
    {},
    qrCode(uri, "QR code for the authenticator app"),
    element(
      "div",
      {},
      element("p", {}, element("a.button", { href: uri }, "Open the app on this device")),
      element("p.hint", {}, "Or type this key:"),
      element("p.secret", {}, element("code", {}, secret.match(/.{1,4}/g).join(" "))),
    ),
  );
}
