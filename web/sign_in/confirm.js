// Confirming an account with the code from the e-mail, and logging in.

import { element } from "../ui/dom.js";
import { codeField, emailField, form } from "../ui/form.js";
import { heading } from "./frame.js";
import { signIn } from "./log_in.js";

export function confirmRegistration(context) {
  const { api, router, attempt } = context;
  const sentTo = attempt.sentTo ?? attempt.email;
  const status = element("p.notice", { role: "status", hidden: true });
  const address = attempt.email ? [] : [emailField()];
  return [
    heading("Check your e-mail", `Enter the code that we sent${sentTo ? ` to ${sentTo}` : ""}.`),
    status,
    form({
      fields: [...address, codeField()],
      submit: "Confirm",
      messageOf: (error) =>
        error.code === "expired-code" ? "The code has expired. Request a new one." : error.message,
      secondary: [element("button.link", { type: "button", onclick: resend }, "Send a new code")],
      async onSubmit({ email = attempt.email, code }) {
        await api.confirm(email, code);
        attempt.email = email;
        if (attempt.password) {
          await signIn(context, email, attempt.password);
        } else {
          attempt.notice = "Your account is confirmed.";
          router.go("#/");
        }
      },
    }),
    element("p.aside", {}, element("a", { href: "#/" }, "Back to log in")),
  ];

  async function resend(event) {
    const email = attempt.email ?? event.target.form.elements.email.value.trim();
    status.hidden = false;
    try {
      await api.resendCode(email);
      status.textContent = "A new code is on its way.";
    } catch (error) {
      status.textContent = error.message;
    }
  }
}
