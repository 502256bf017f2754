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

/** @param {import("./api.js").Problem | any} problem */
export function whyNot(problem) {
  if (problem?.status === 0) return "The server cannot be reached. It is tried again by itself.";
  if (problem?.status === 429) return problem.message || "That was a little fast. Wait a moment, then try again.";
  if (problem?.passing) return problem.message || "The server is away for a moment. Try again soon.";
  return problem?.message || "That did not work. Please try again.";
}
