// Runs before the first paint, so that a chosen theme does not flash. A classic script on purpose.
(function () {
  try {
    const theme = localStorage.getItem("dressrun.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // No storage: the system's own preference holds.
  }
})();
