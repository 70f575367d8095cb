// The graph API at the same origin: the subset of the LangGraph Platform API that the page stands on.

import { dialog, field, h } from "./dom.js";

const ROOT = new URL("../", import.meta.url);
const KEY = "plan-and-act.key";
const GRAPH = "agent";

// Every run goes on when nobody watches, can be joined after a reload, and has its decisions on disk before they are acted on.
const LASTING = { stream_mode: ["updates", "custom"], stream_resumable: true, durability: "sync", multitask_strategy: "reject" };

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function credentials() {
  const key = sessionStorage.getItem(KEY);
  if (!key) return {};
  return /^eyJ[^.]*\.[^.]+\.[^.]*$/.test(key) ? { authorization: `Bearer ${key}` } : { "x-api-key": key };
}

let asking = null;

// One dialog, however many requests were refused at once.
function askForKey(why) {
  asking ??= (async () => {
    const input = h("input", { type: "password", required: true, autocomplete: "off" });
    const help = "An API key or a token. It is kept in this tab until it is closed.";
    const content = [h("p", {}, why), field("Key", input, help)];
    const answer = await dialog("A key, please", content, [["Go on", "go", "primary"]]);
    asking = null;
    if (answer !== "go" || !input.value.trim()) throw new ApiError(401, "The server asks for a key. Reload the page to give one.");
    sessionStorage.setItem(KEY, input.value.trim());
  })();
  return asking;
}

async function send(method, path, { body, signal, headers = {} } = {}) {
  for (;;) {
    const sent = credentials();
    const type = body === undefined ? {} : { "content-type": "application/json" };
    let response;
    try {
      const payload = body === undefined ? undefined : JSON.stringify(body);
      response = await fetch(new URL(path, ROOT), { method, signal, headers: { ...sent, ...type, ...headers }, body: payload });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new ApiError(0, "The server does not answer. The page goes on when it does.");
    }
    if (response.ok) return response;
    const why = await complaint(response);
    if (response.status !== 401) throw new ApiError(response.status, why);
    if (JSON.stringify(sent) === JSON.stringify(credentials())) await askForKey(why);
  }
}

async function complaint(response) {
  const text = await response.text();
  try {
    const { detail = text } = JSON.parse(text);
    return typeof detail === "string" ? detail : JSON.stringify(detail);
  } catch {
    return text || `The server answered ${response.status}.`;
  }
}

const json = async (...request) => (await send(...request)).json();

export const assistants = () => json("POST", "assistants/search", { body: { graph_id: GRAPH, limit: 100 } });
export const schemas = (assistant) => json("GET", `assistants/${assistant}/schemas`);

export const createThread = (metadata) => json("POST", "threads", { body: { metadata: { graph_id: GRAPH, ...metadata } } });
export const thread = (id) => json("GET", `threads/${id}`);
export const threads = (limit) => json("POST", "threads/search", {
  body: {
    metadata: { graph_id: GRAPH }, limit, sort_by: "updated_at", sort_order: "desc",
    select: ["thread_id", "status", "metadata", "created_at", "updated_at"],
  },
});

export const state = (id) => json("GET", `threads/${id}/state`);
// The newest checkpoints, or those before one of them. LangGraph Server takes it as a configuration.
export const history = (id, before) => json("POST", `threads/${id}/history`, {
  body: { limit: 50, ...(before && { before: { ...before, configurable: before } }) },
});
export const writeState = (id, values, as_node) => json("POST", `threads/${id}/state`, { body: { values, as_node } });

export const runs = (id) => json("GET", `threads/${id}/runs?limit=10`);
export const startRun = (id, body) => json("POST", `threads/${id}/runs`, { body: { ...LASTING, ...body } });
export const cancel = (id, run) => send("POST", `threads/${id}/runs/${run}/cancel?action=interrupt&wait=true`);

// What a run tells: {event, data} until it ends, waits or is stopped.
export async function* join(id, run, signal) {
  const headers = { accept: "text/event-stream" };
  const response = await send("GET", `threads/${id}/runs/${run}/stream`, { signal, headers });
  let rest = "";
  for await (const text of decoded(response.body)) {
    const messages = (rest + text).split(/\r?\n\r?\n/);
    rest = messages.pop();
    for (const message of messages) {
      const event = parsed(message);
      if (event) yield event;
    }
  }
}

async function* decoded(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
  } finally {
    await reader.cancel().catch(() => {});
  }
}

export function parsed(message) {
  const fields = { event: "message", data: [] };
  for (const line of message.split(/\r?\n/)) {
    const [, name, value] = /^([^:]*):? ?(.*)$/s.exec(line);
    if (name === "data") fields.data.push(value);
    else if (name === "event") fields.event = value;
  }
  return fields.data.length ? { event: fields.event, data: JSON.parse(fields.data.join("\n")) } : null;
}

// Artefacts are fetched and not linked, so that the key goes with the request; they never change, so the browser keeps them.
const artefact = async (hash) => (await send("GET", `artefacts/${hash}`)).blob();

export const text = async (hash) => (await artefact(hash)).text();

const pictures = new Map();

// A screenshot as {url, width, height}; the last ones stay decoded.
export function picture(hash) {
  if (!pictures.has(hash)) {
    const found = decodedPicture(hash);
    found.catch(() => pictures.delete(hash));
    pictures.set(hash, found);
    if (pictures.size > 40) {
      const [oldest, gone] = pictures.entries().next().value;
      pictures.delete(oldest);
      gone.then(({ url }) => URL.revokeObjectURL(url)).catch(() => {});
    }
  }
  return pictures.get(hash);
}

async function decodedPicture(hash) {
  const image = new Image();
  image.src = URL.createObjectURL(await artefact(hash));
  await image.decode();
  return { url: image.src, width: image.naturalWidth, height: image.naturalHeight };
}
