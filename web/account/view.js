// The account.

import { element } from "../ui/dom.js";
import { icon } from "../ui/icons.js";
import { failed, loading } from "../ui/states.js";
import { authenticatorSection } from "./authenticator.js";
import { deletionSection } from "./deletion.js";
import { namesSection } from "./names.js";
import { passwordSection } from "./password.js";
import { sessionsSection } from "./sessions.js";
import { usageSection } from "./usage.js";

/** `context` has {api, session, announcer}. `onProfile(profile)` is called when the profile is loaded or changed. */
export function accountView({ context, close, onProfile }) {
  const title = element("h1", { tabindex: "-1" }, "Account");
  const content = element("div.sections", {}, loading());
  load();
  return {
    element: element(
      "div.account",
      {},
      element("header", {}, element("button.quiet.round", { type: "button", "aria-label": "Back to all photos", onclick: close }, icon("back")), title),
      content,
    ),
    focus: () => title.focus(),
    dispose() {},
  };

  async function load() {
    try {
      draw(await context.api.profile());
    } catch (error) {
      const again = () => {
        content.replaceChildren(loading());
        load();
      };
      content.replaceChildren(failed(error, again));
    }
  }

  function draw(profile) {
    const onChange = (changed) => {
      onProfile(changed);
      draw(changed);
    };
    onProfile(profile);
    content.replaceChildren(
      namesSection(context, profile, onChange),
      usageSection(context),
      passwordSection(context, profile),
      authenticatorSection(context, profile, onChange),
      sessionsSection(context),
      deletionSection(context, profile),
    );
  }
}
