// Starts the page. If one of its files fails to load, reloads the page a few times, which usually helps.

const RELOADS = "reloads";
const MAX_RELOADS = 3;

try {
  const { startApp } = await import("./app.js");
  sessionStorage.removeItem(RELOADS);
  startApp(document.getElementById("app"));
} catch (error) {
  const reloads = Number(sessionStorage.getItem(RELOADS));
  if (reloads < MAX_RELOADS) {
    sessionStorage.setItem(RELOADS, String(reloads + 1));
    setTimeout(() => location.reload(), 500 * 2 ** reloads);
  } else {
    sessionStorage.removeItem(RELOADS);
    const note = document.createElement("p");
    note.className = "start-note";
    note.textContent = "The page could not be loaded. Please reload it in a minute.";
    document.getElementById("app").replaceChildren(note);
  }
  console.error(error);
}
