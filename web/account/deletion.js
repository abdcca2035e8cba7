// The end of the account.

import { withRecentSignIn } from "../sign_in/recent.js";
import { confirmed } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { section } from "./section.js";

export function deletionSection(context, profile) {
  const { api, session } = context;
  const failure = element("p.failure", { role: "alert", hidden: true });
  const button = element("button.danger", { type: "button", onclick: deleteAccount }, "Delete account");
  return section("Delete account", element("p", {}, "Your account and all your photos go, for good."), failure, button);

  async function deleteAccount() {
    failure.hidden = true;
    const text = `${profile.email} and all its photos will be gone. They cannot be brought back.`;
    if (!(await confirmed({ title: "Delete your account?", text, action: "Delete everything", danger: true }))) return;
    button.disabled = true;
    try {
      await withRecentSignIn(context, profile.email, () => api.deleteAccount());
      session.forget("Your account is deleted.");
    } catch (error) {
      button.disabled = false;
      failure.textContent = error.message;
      failure.hidden = false;
    }
  }
}
