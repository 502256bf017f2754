"use strict";
// Sends a form of the documentation as the request it stands for, and shows the answer.
async function send(form) {
  const out = form.querySelector("output");
  let path = form.dataset.path;
  const query = new URLSearchParams();
  for (const field of form.querySelectorAll("[data-in]")) {
    if (field.dataset.in === "path") {
      path = path.replace(`{${field.name}}`, encodeURIComponent(field.value));
    } else if (field.value !== "") {
      query.set(field.name, field.value);
    }
  }
  const body = form.querySelector("textarea");
  const asked = { method: form.dataset.method };
  if (body) {
    asked.body = body.value;
    asked.headers = { "Content-Type": "application/json" };
  }
  const shown = document.createElement("pre");
  try {
    const answer = await fetch(query.size ? `${path}?${query}` : path, asked);
    const kind = answer.headers.get("Content-Type") || "";
    let text = /json|text/.test(kind) ? await answer.text() : `(${kind || "no content"})`;
    if (kind.includes("json")) text = JSON.stringify(JSON.parse(text), null, 2);
    shown.textContent = `${answer.status} ${answer.statusText}\n\n${text}`;
  } catch (error) {
    shown.textContent = `No answer: ${error.message}`;
  }
  out.replaceChildren(shown);
}

for (const form of document.querySelectorAll("form[data-path]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
}
