// Resetting a forgotten password: requesting a code, and setting a new password with it.

import { element } from "../ui/dom.js";
import { accountHint, codeField, emailField, form, newPasswordField } from "../ui/form.js";
import { heading } from "./frame.js";

export function forgotPassword({ api, router, attempt }) {
  return [
    heading("Reset your password", attempt.notice ?? "We will send a code to your address."),
    form({
      fields: [emailField(attempt.email)],
      submit: "Send code",
      async onSubmit({ email }) {
        attempt.notice = null;
        attempt.email = email;
        await api.forgotPassword(email);
        router.go("#/reset");
      },
    }),
    backToLogIn(),
  ];
}

export function resetPassword({ api, router, attempt }) {
  const address = attempt.email ? accountHint(attempt.email) : emailField();
  return [
    heading("Check your e-mail", "If there is an account with this address, a code is on its way."),
    form({
      fields: [address, codeField(), newPasswordField("new_password", "New password")],
      submit: "Set password",
      secondary: [element("a", { href: "#/forgot" }, "Send a new code")],
      async onSubmit({ email = attempt.email, code, new_password }) {
        await api.resetPassword(email, code, new_password);
        attempt.email = email;
        attempt.notice = "Your new password has been set.";
        router.go("#/");
      },
    }),
    backToLogIn(),
  ];
}

function backToLogIn() {
  return element("p.aside", {}, element("a", { href: "#/" }, "Back to log in"));
}
