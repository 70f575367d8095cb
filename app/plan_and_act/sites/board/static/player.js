"use strict";

// The player of a video: it counts the seconds while it plays.
const play = document.getElementById("play");
if (play) {
  let seconds = 0;
  let timer = 0;
  play.addEventListener("click", () => {
    const playing = play.getAttribute("aria-pressed") === "true";
    play.setAttribute("aria-pressed", String(!playing));
    play.textContent = playing ? "Play" : "Pause";
    clearInterval(timer);
    if (playing) return;
    timer = setInterval(() => {
      seconds += 1;
      document.getElementById("progress").textContent = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    }, 1000);
  });
}
