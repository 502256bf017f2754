/** What is read out by assistive technology: new messages politely, problems at once. */

/** @param {string} text */
export function say(text) {
  const box = document.getElementById("said");
  if (!box) return;
  const line = document.createElement("p");
  line.textContent = text;
  box.append(line);
  while (box.childElementCount > 8) box.firstElementChild?.remove();
}

/** @param {string} text */
export function urgent(text) {
  const box = document.getElementById("urgent");
  if (box) box.textContent = text;
}
