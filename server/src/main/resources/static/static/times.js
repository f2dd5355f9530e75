// Adds the viewer's own time, which only the browser knows.
const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

for (const cell of document.querySelectorAll(".viewer")) {
  cell.hidden = false;
  if (cell.dataset.instant) {
    cell.textContent = format.format(new Date(cell.dataset.instant));
  }
}
for (const time of document.querySelectorAll("time[datetime]")) {
  time.title += `; your time ${format.format(new Date(time.dateTime))}`;
}
