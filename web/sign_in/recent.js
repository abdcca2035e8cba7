// Some operations require a recent sign-in: if it is older, asks for the password again.

import { openDialog } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { accountHint, form, passwordField } from "../ui/form.js";
import { answerChallenges } from "./challenge.js";

const DISMISSED = Symbol("dismissed");

/** Calls `action` and, if the API requires a recent sign-in, again after that. Rejects as `action` does. */
export async function withRecentSignIn({ api, session }, email, action) {
  try {
    return await action();
  } catch (error) {
    if (error.code !== "sign-in-not-recent") throw error;
    if (!(await signedInAgain({ api, session }, email))) throw error;
    return action();
  }
}

/** Resolves to whether the user has logged in again. */
async function signedInAgain({ api, session }, email) {
  const tokens = await openDialog("Confirm that it is you", (close) => {
    const content = element("div");
    const context = {
      api,
      attempt: {},
      router: { replace: () => close(DISMISSED) },
      show: (children) => {
        content.replaceChildren(...[children].flat(2).filter(Boolean));
        content.querySelector("input")?.focus();
      },
    };
    content.append(
      element("p", {}, "Please enter your password to continue."),
      form({
        fields: [accountHint(email), passwordField()],
        submit: "Continue",
        messageOf: (error) => (error.code === "invalid-credentials" ? "The password is wrong." : error.message),
        secondary: [element("button", { type: "button", onclick: () => close() }, "Cancel")],
        async onSubmit({ password }) {
          const outcome = await api.logIn(email, password);
          if (outcome.challenge) answerChallenges(context, email, outcome, close);
          else close(outcome);
        },
      }),
    );
    return content;
  });
  if (tokens === null || tokens === DISMISSED) return false;
  session.begin(tokens);
  return true;
}
