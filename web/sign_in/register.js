// Creating an account.

import { element } from "../ui/dom.js";
import { emailField, field, form, newPasswordField } from "../ui/form.js";
import { heading } from "./frame.js";
import { signIn } from "./log_in.js";

export function register(context) {
  const { api, router, attempt } = context;
  return [
    heading("Create an account"),
    form({
      fields: [
        emailField(attempt.email),
        newPasswordField("password"),
        field({ name: "given_name", label: "Given name", required: false, saysOptional: true, autocomplete: "given-name" }),
        field({ name: "family_name", label: "Family name", required: false, saysOptional: true, autocomplete: "family-name" }),
      ],
      submit: "Create account",
      messageOf: (error) =>
        error.code === "user-exists" ? "An account with this address already exists. Log in, or reset its password." : error.message,
      async onSubmit({ email, password, given_name, family_name }) {
        attempt.email = email;
        const user = await api.register({
          email,
          password,
          ...(given_name ? { given_name } : {}),
          ...(family_name ? { family_name } : {}),
        });
        attempt.password = password;
        if (user.status === "confirmed") {
          await signIn(context, email, password);
          return;
        }
        attempt.sentTo = user.code_delivery?.destination;
        router.go("#/confirm");
      },
    }),
    element("p.aside", {}, "Already have an account? ", element("a", { href: "#/" }, "Log in")),
  ];
}
