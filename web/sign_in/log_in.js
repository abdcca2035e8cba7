// Logging in.

import { element } from "../ui/dom.js";
import { emailField, form, passwordField } from "../ui/form.js";
import { answerChallenges } from "./challenge.js";
import { heading } from "./frame.js";

export function logIn(context) {
  const { api, router, attempt } = context;
  const notice = attempt.notice;
  attempt.notice = null;
  return [
    heading("Log in", "Your photos, and everything they know."),
    notice ? element("p.notice", { role: "status" }, notice) : null,
    form({
      fields: [emailField(attempt.email), passwordField()],
      submit: "Log in",
      messageOf: (error) => (error.code === "invalid-credentials" ? "The e-mail address or the password is wrong." : error.message),
      secondary: [element("a", { href: "#/forgot" }, "Forgot your password?")],
      async onSubmit({ email, password }) {
        attempt.email = email;
        try {
          await signIn(context, email, password);
        } catch (error) {
          if (error.code === "user-not-confirmed") {
            attempt.password = password;
            router.go("#/confirm");
          } else if (error.code === "password-reset-required") {
            attempt.notice = "You must set a new password.";
            router.go("#/forgot");
          } else {
            throw error;
          }
        }
      },
    }),
    element("p.aside", {}, "New here? ", element("a", { href: "#/register" }, "Create an account")),
  ];
}

/** Logs in, including all challenges. Rejects with a Problem. */
export async function signIn(context, email, password) {
  const { api, session, attempt } = context;
  const outcome = await api.logIn(email, password);
  attempt.password = null;
  if (outcome.challenge) answerChallenges(context, email, outcome, (tokens) => session.begin(tokens));
  else session.begin(outcome);
}
