"use strict";

// An advertisement over the page, with a button to close it.
{
  const layer = document.createElement("div");
  layer.className = "extra-layer";
  layer.innerHTML = `<div class="extra-box" role="dialog" aria-modal="true" aria-labelledby="ad-title">
    <h2 id="ad-title">Never miss a thing</h2>
    <p>Our letter comes every Thursday: what is new, what is good, and what it costs.</p>
    <div class="extra-buttons"><button type="button" class="extra-main" data-subscribe>Subscribe to the letter</button>
    <button type="button" aria-label="Close advertisement">No, thanks</button></div></div>`;
  for (const button of layer.querySelectorAll("button"))
    button.addEventListener("click", () => {
      fetch("/_extras/ad", { method: "POST", keepalive: true });
      layer.remove();
    });
  document.body.append(layer);
}
