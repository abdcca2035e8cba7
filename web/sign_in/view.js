// What users see when they are not logged in: the view that the address names.

import { element } from "../ui/dom.js";
import { confirmRegistration } from "./confirm.js";
import { forgotPassword, resetPassword } from "./forgotten.js";
import { frame } from "./frame.js";
import { logIn } from "./log_in.js";
import { register } from "./register.js";

const VIEWS = {
  register,
  confirm: confirmRegistration,
  forgot: forgotPassword,
  reset: resetPassword,
};

/** Whether a view is for users who are not logged in. */
export function isSignInView(name) {
  return Object.hasOwn(VIEWS, name);
}

/**
 * Makes the view: {element, focus}. Through `attempt`, the views pass on an e-mail address, a password that was typed,
 * and a notice for the next view.
 */
export function signInView({ api, session, router, attempt }) {
  const view = VIEWS[router.current.name] ?? logIn;
  const content = element("div");
  const context = {
    api,
    session,
    router,
    attempt,
    /** Shows something else in place of the view. */
    show(children) {
      content.replaceChildren(...[children].flat(2).filter(Boolean));
      focus();
    },
  };
  context.show(view(context));
  return { element: frame(content), focus };

  function focus() {
    (content.querySelector("input:not([hidden])") ?? content.querySelector("h1"))?.focus();
  }
}
