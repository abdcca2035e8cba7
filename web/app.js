// Assembles the page. The session decides between the sign-in and the home view, the address which part is shown.

import { ImagesApi } from "./api/client.js";
import { Session } from "./api/session.js";
import { home } from "./home.js";
import { isSignInView, signInView } from "./sign_in/view.js";
import { Announcer } from "./ui/announcer.js";
import { element } from "./ui/dom.js";
import { Router } from "./ui/router.js";

/** Shows the page in `root`. */
export function startApp(root) {
  const session = new Session(sessionStorage);
  const api = new ImagesApi(session);
  const router = new Router(window);
  const announcer = new Announcer();
  const page = element("div");
  let attempt = { email: "", password: null, notice: null };
  let shown = null;
  root.replaceChildren(page, announcer.element);
  router.addEventListener("change", draw);
  session.addEventListener("begun", () => (isSignInView(router.current.name) ? router.replace("#/") : draw()));
  session.addEventListener("ended", ({ detail: notice }) => {
    attempt = { email: "", password: null, notice };
    shown?.dispose?.();
    shown = null;
    router.replace("#/");
  });
  draw();

  function draw() {
    if (session.isSignedIn) {
      if (shown === null) {
        shown = home({ api, session, router, announcer });
        page.replaceChildren(shown.element);
      }
      shown.draw();
    } else {
      document.title = "Images";
      const view = signInView({ api, session, router, attempt });
      page.replaceChildren(view.element);
      view.focus();
    }
  }
}
