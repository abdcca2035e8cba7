// The second factor: an authenticator app.

import { enrolment } from "../sign_in/enrolment.js";
import { withRecentSignIn } from "../sign_in/recent.js";
import { confirmed, openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { codeField, form } from "../ui/form.js";
import { section } from "./section.js";

export function authenticatorSection(context, profile, onChange) {
  const { api, announcer } = context;
  const failure = element("p.failure", { role: "alert", hidden: true });
  const isOn = profile.mfa_enabled;
  return section(
    "Authenticator app",
    element("p", {}, isOn ? "Logging in requires a code from your app." : "A second lock: logging in requires a code from an app on your phone."),
    failure,
    element("button", { type: "button", onclick: () => attempt(isOn ? turnOff : turnOn) }, isOn ? "Turn off" : "Set up"),
  );

  async function attempt(action) {
    failure.hidden = true;
    try {
      await action();
    } catch (error) {
      failure.textContent = error.message;
      failure.hidden = false;
    }
  }

  async function turnOn() {
    const secret = await withRecentSignIn(context, profile.email, () => api.startAuthenticator());
    const isVerified = await openDialog("Set up an authenticator app", (close) => [
      element("p", {}, "Scan the QR code with the app, then enter the code that it shows."),
      enrolment(secret),
      form({
        fields: [codeField()],
        submit: "Turn on",
        secondary: [element("button", { type: "button", onclick: () => close() }, "Cancel")],
        async onSubmit({ code }) {
          await api.enableAuthenticator(code);
          close(true);
        },
      }),
    ]);
    if (isVerified) changed("Your authenticator app is on.", true);
  }

  async function turnOff() {
    const text = "Logging in will require only your password.";
    if (!(await confirmed({ title: "Turn off the authenticator app?", text, action: "Turn off" }))) return;
    await withRecentSignIn(context, profile.email, () => api.disableAuthenticator());
    changed("Your authenticator app is off.", false);
  }

  function changed(text, isEnabled) {
    announcer.tell(text);
    onChange({ ...profile, mfa_enabled: isEnabled });
  }
}
