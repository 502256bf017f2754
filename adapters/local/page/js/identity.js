/** Who this tab is. Each tab has its own identity, so that several people fit into one browser. */

const KEY = "dressrun.as";
const FIRST = "trainee-1";

/** The identity of this tab; an address with `?as=` names it once and is then tidied away. */
export function current() {
  const query = new URLSearchParams(location.search);
  const asked = query.get("as");
  if (asked) {
    choose(asked);
    query.delete("as");
    const rest = query.toString();
    history.replaceState(null, "", `${location.pathname}${rest ? `?${rest}` : ""}${location.hash}`);
    return asked;
  }
  try {
    return sessionStorage.getItem(KEY) || FIRST;
  } catch {
    return FIRST;
  }
}

/** @param {string} id */
export function choose(id) {
  try {
    sessionStorage.setItem(KEY, id);
  } catch {
    // Kept only until the next reload then.
  }
}
