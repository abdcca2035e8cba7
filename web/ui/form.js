// Forms: labelled fields with their errors, and a button that shows when the form is busy.

import { element, newId, show } from "./dom.js";
import { icon } from "./icons.js";

/**
 * Makes a form that calls `onSubmit(values)` and shows its error: at the fields that a Problem names, otherwise above
 * the button, in the words of `messageOf(error)`. `fields` are made by {@link field}; values are keyed by their names.
 * `isMain` means that the form is the main purpose of its page.
 */
export function form({ fields = [], submit, onSubmit, secondary = [], isMain = true, messageOf = (error) => error.message }) {
  const failure = element("p.failure", { role: "alert", hidden: true });
  const button = element(isMain ? "button.primary" : "button", { type: "submit" }, submit);
  const made = element(
    "form",
    { novalidate: true },
    fields.map((one) => one.element),
    failure,
    element("div.form-buttons", {}, button, secondary),
  );

  function tell(error) {
    const told = new Set();
    for (const { field: name, message } of error.fields ?? []) {
      const at = fields.find((one) => one.name === name);
      if (at === undefined || told.has(at)) continue;
      at.complain(sentence(message));
      told.add(at);
    }
    if (told.size > 0) {
      [...told][0].focus();
      return;
    }
    failure.textContent = messageOf(error);
    show(failure, true);
  }

  made.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (made.ariaBusy === "true") return;
    show(failure, false);
    fields.forEach((one) => one.complain(""));
    const missing = fields.filter((one) => one.isMissing);
    if (missing.length > 0) {
      missing.forEach((one) => one.complain("Please fill in this field."));
      missing[0].focus();
      return;
    }
    setBusy(made, button, true);
    try {
      await onSubmit(Object.fromEntries(fields.map((one) => [one.name, one.value])));
    } catch (error) {
      tell(error);
    } finally {
      setBusy(made, button, false);
    }
  });
  return made;
}

/** Makes a labelled input. `attributes` are those of the input; `hint` is shown below it. */
export function field({ name, label, hint, required = true, saysOptional = false, value = "", multiline = false, ...attributes }) {
  const id = newId(name);
  const hintId = `${id}-hint`;
  const complaintId = `${id}-complaint`;
  const input = element(multiline ? "textarea" : "input", {
    id,
    name,
    "aria-required": required ? "true" : null,
    "aria-describedby": [hint && hintId, complaintId].filter(Boolean).join(" "),
    ...attributes,
  });
  input.value = value;
  const complaint = element("p.complaint", { id: complaintId, hidden: true });
  const isPassword = attributes.type === "password";
  return {
    name,
    element: element(
      ".field",
      {},
      element("label", { for: id }, label, saysOptional ? element("span.optional", {}, " optional") : null),
      isPassword ? element(".with-button", {}, input, revealButton(input)) : input,
      hint ? element("p.hint", { id: hintId }, hint) : null,
      complaint,
    ),
    get value() {
      return isPassword ? input.value : input.value.trim();
    },
    get isMissing() {
      return required && this.value === "";
    },
    complain(text) {
      complaint.textContent = text;
      show(complaint, text !== "");
      if (text === "") input.removeAttribute("aria-invalid");
      else input.setAttribute("aria-invalid", "true");
    },
    focus() {
      input.focus();
    },
  };
}

export function emailField(value = "") {
  return field({
    name: "email",
    label: "E-mail",
    type: "email",
    autocomplete: "username",
    autocapitalize: "none",
    spellcheck: "false",
    value,
  });
}

export function newPasswordField(name, label = "Password") {
  return field({
    name,
    label,
    type: "password",
    autocomplete: "new-password",
    hint: "Several words make a strong password. Add a capital letter and a digit.",
  });
}

export function passwordField(name = "password", label = "Password") {
  return field({ name, label, type: "password", autocomplete: "current-password" });
}

/** A hidden field that tells password managers whose password a form is about. */
export function accountHint(email) {
  const input = element("input", { type: "text", autocomplete: "username", value: email, readonly: true, hidden: true });
  return { name: "account", value: email, isMissing: false, element: input, complain() {}, focus() {} };
}

export function codeField(label = "Code") {
  return field({ name: "code", label, inputmode: "numeric", autocomplete: "one-time-code", class: "code" });
}

function revealButton(input) {
  const button = element("button.reveal", { type: "button", "aria-pressed": "false", "aria-label": "Show password" });
  button.append(icon("eye"));
  button.addEventListener("click", () => {
    const shown = input.type === "password";
    input.type = shown ? "text" : "password";
    button.setAttribute("aria-pressed", String(shown));
  });
  return button;
}

function setBusy(made, button, busy) {
  made.ariaBusy = String(busy);
  button.classList.toggle("busy", busy);
}

function sentence(text) {
  return `${text[0].toUpperCase()}${text.slice(1).replace(/\.?$/, ".")}`;
}
