// Deleting the account.

import { withRecentSignIn } from "../sign_in/recent.js";
import { confirmed } from "../ui/dialog.js";
import { element } from "../ui/dom.js";
import { section } from "./section.js";

export function deletionSection(context, profile) {
  const { api, session } = context;
  const failure = element("p.failure", { role: "alert", hidden: true });
  const button = element("button.danger", { type: "button", onclick: deleteAccount }, "Delete account");
  return section("Delete account", element("p", {}, "This permanently deletes your account and all your photos."), failure, button);

  async function deleteAccount() {
    failure.hidden = true;
    const text = `${profile.email} and all its photos will be deleted. This cannot be undone.`;
    if (!(await confirmed({ title: "Delete your account?", text, action: "Delete everything", danger: true }))) return;
    button.disabled = true;
    try {
      await withRecentSignIn(context, profile.email, () => api.deleteAccount());
      session.forget("Your account has been deleted.");
    } catch (error) {
      button.disabled = false;
      failure.textContent = error.message;
      failure.hidden = false;
    }
  }
}
