// The password.

import { accountHint, form, newPasswordField, passwordField } from "../ui/form.js";
import { section } from "./section.js";

export function passwordSection({ api, announcer }, profile) {
  const made = form({
    fields: [
      accountHint(profile.email),
      passwordField("current_password", "Current password"),
      newPasswordField("new_password", "New password"),
    ],
    submit: "Change password",
    isMain: false,
    messageOf: (error) => (error.code === "invalid-credentials" ? "The current password is wrong." : error.message),
    async onSubmit({ current_password, new_password }) {
      await api.changePassword(current_password, new_password);
      made.reset();
      announcer.tell("Your password has been changed.");
    },
  });
  return section("Password", made);
}
