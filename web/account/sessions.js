// Logging out, on this device or everywhere.

import { element } from "../ui/dom.js";
import { section } from "./section.js";

export function sessionsSection({ api, session, announcer }) {
  const everywhere = element("button", { type: "button", onclick: logOutEverywhere }, "Log out everywhere");
  return section(
    "Log out",
    element(
      "div.form-buttons",
      {},
      element("button", { type: "button", onclick: () => session.end() }, "Log out"),
      everywhere,
    ),
  );

  async function logOutEverywhere() {
    everywhere.disabled = true;
    try {
      await api.logOutEverywhere();
      session.forget();
    } catch (error) {
      everywhere.disabled = false;
      announcer.tell(error.message);
    }
  }
}
