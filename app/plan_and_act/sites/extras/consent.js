"use strict";

// A consent dialog over the whole page. The answer is kept for the session, by the server.
{
  const layer = document.createElement("div");
  layer.className = "extra-layer";
  layer.innerHTML = `<div class="extra-box" role="dialog" aria-modal="true" aria-labelledby="consent-title">
    <h2 id="consent-title">We value your privacy</h2>
    <p>We use cookies to keep you signed in, to measure how our pages are used and to show offers that fit.</p>
    <div class="extra-buttons"><button type="button" class="extra-main">Accept all cookies</button>
    <button type="button">Only necessary cookies</button></div></div>`;
  for (const button of layer.querySelectorAll("button"))
    button.addEventListener("click", () => {
      fetch("/_extras/consent", { method: "POST", keepalive: true });
      layer.remove();
    });
  document.body.append(layer);
}
