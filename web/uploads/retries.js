// Retries temporary failures: immediately when the connection is back, otherwise with growing delays.

const ATTEMPTS = 6;
const FIRST_WAIT_MS = 1000;

/**
 * Calls `attempt()` until it succeeds or fails permanently. Rejects with its last Problem, or with an AbortError once
 * `signal` is aborted. The limit on attempts starts again whenever `progress()` has increased. While the browser is
 * offline, no attempt is made.
 */
export async function withRetries(attempt, { signal, onWait, progress }) {
  let furthest = progress();
  for (let count = 1; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (error.name === "AbortError" || !error.isTemporary) throw error;
      if (progress() > furthest) {
        furthest = progress();
        count = 1;
      }
      if (navigator.onLine && count >= ATTEMPTS) throw error;
      onWait(error);
      if (!navigator.onLine) {
        count = 0;
        await event(window, "online", signal);
      } else {
        const later = FIRST_WAIT_MS * 2 ** (count - 1) * (0.5 + Math.random());
        await pause(Math.max(later, (error.retryAfter ?? 0) * 1000), signal);
      }
    }
  }
}

function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, milliseconds);
    // The return of the connection ends the pause.
    window.addEventListener("online", done, { once: true });
    signal.addEventListener("abort", stop, { once: true });
    function done() {
      clean();
      resolve();
    }
    function stop() {
      clean();
      reject(new DOMException("The upload was stopped.", "AbortError"));
    }
    function clean() {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      signal.removeEventListener("abort", stop);
    }
  });
}

function event(target, name, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    if (signal.aborted) return stop();
    target.addEventListener(name, resolve, { once: true, signal });
    signal.addEventListener("abort", stop, { once: true });
    return undefined;
  });
}
