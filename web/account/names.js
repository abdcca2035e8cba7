// The user's names.

import { element } from "../ui/dom.js";
import { field, form } from "../ui/form.js";
import { section } from "./section.js";

export function namesSection({ api, announcer }, profile, onChange) {
  const name = (key, label, autocomplete) => field({ name: key, label, required: false, autocomplete, value: profile[key] ?? "" });
  return section(
    "You",
    element("p.address", {}, profile.email),
    form({
      fields: [name("given_name", "Given name", "given-name"), name("family_name", "Family name", "family-name")],
      submit: "Save names",
      isMain: false,
      async onSubmit({ given_name, family_name }) {
        onChange(await api.changeNames({ given_name: given_name || null, family_name: family_name || null }));
        announcer.tell("Saved.");
      },
    }),
  );
}
