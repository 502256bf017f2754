/** Wording that is used in more than one place: kind, short, with the next step. */

export const PRODUCT = "Dressrun";

/** @type {Record<string, string>} */
export const ROLES = { trainee: "Trainee", instructor: "Instructor", admin: "Admin" };

/** @type {Record<string, string>} */
export const STATES = { paused: "Paused", closed: "Ended", busy: "", active: "" };

/** Offered as buttons in a thread, as far as the registry has them: what a newcomer reaches for first. */
export const QUICK = ["order", "submit", "hint", "status", "pause"];

/** The command that shows the library. */
export const LIST = "list";

/** What is wrong with the whole, by what it is. @type {Record<string, string>} */
export const AWAY = {
  lost: "The connection is lost. What you write is safe here, and is sent by itself.",
  restarting: "The server is restarting. What you write is safe here, and is sent by itself.",
  down: "Messages cannot be taken in just now. What you write is safe here, and is sent by itself.",
};

/** Beside a message that is tried again without anybody doing a thing. */
export const WAITS = "It is safe here, and is sent by itself.";

/** Why something did not work that is not tried again by itself. @param {import("./api.js").Problem | any} problem */
export function whyNot(problem) {
  if (problem?.status === 0) return "The server cannot be reached just now. Try again in a moment.";
  if (problem?.status === 429) return problem.message || "That was a little fast. Wait a moment, then try again.";
  if (problem?.passing) return problem.message || "The server is away for a moment. Try again soon.";
  return problem?.message || "That did not work. Please try again.";
}
