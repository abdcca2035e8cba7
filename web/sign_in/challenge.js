// The additional steps that a sign-in can require.

import { element } from "../ui/dom.js";
import { codeField, form, newPasswordField } from "../ui/form.js";
import { enrolment } from "./enrolment.js";
import { heading } from "./frame.js";

const STEPS = {
  SOFTWARE_TOKEN_MFA: {
    title: "Enter your code",
    text: () => "Your authenticator app shows it.",
    field: () => codeField(),
  },
  MFA_SETUP: {
    title: "Set up an authenticator app",
    text: () => "Scan the QR code with the app, then enter the code that it shows.",
    more: ({ parameters }) => enrolment(parameters),
    field: () => codeField(),
  },
  NEW_PASSWORD_REQUIRED: {
    title: "Choose a new password",
    text: () => "The password that you were given was only for the first log-in.",
    field: () => newPasswordField("new_password", "New password"),
  },
};

/** Shows the form for a challenge, and for those after it. Finally calls `done` with the tokens. */
export function answerChallenges(context, email, outcome, done) {
  const { api, router, attempt, show } = context;
  const step = STEPS[outcome.challenge];
  if (step === undefined) {
    show([heading("Log in"), element("p.failure", {}, `This page does not support the challenge ${outcome.challenge}.`)]);
    return;
  }
  show([
    heading(step.title, step.text(outcome)),
    step.more?.(outcome),
    form({
      fields: [step.field()],
      submit: "Continue",
      messageOf: (error) => (error.code === "challenge-failed" ? "That was wrong, or it took too long." : error.message),
      secondary: [element("button.link", { type: "button", onclick: startAgain }, "Start again")],
      async onSubmit(answer) {
        const next = await api.answerChallenge(email, outcome, answer);
        if (next.challenge) answerChallenges(context, email, next, done);
        else done(next);
      },
    }),
  ]);

  function startAgain() {
    attempt.email = email;
    router.replace("#/");
  }
}
