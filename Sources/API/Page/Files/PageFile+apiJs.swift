// Made by scripts/embed-page of Sources/API/Page/Web/api.js: change that file, then run the script.
// swift-format-ignore-file

extension PageFile {
    static let apiJs = PageFile(
        path: "/page/api.js",
        type: "text/javascript; charset=utf-8",
        text: #"""
// The server's API: requests with the token, and a run's events.

const tokenKey = "hone.token";

export const token = {
  get: () => sessionStorage.getItem(tokenKey) ?? "",
  set: (text) => (text ? sessionStorage.setItem(tokenKey, text) : sessionStorage.removeItem(tokenKey)),
};

export class RequestError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

function headers(extra = {}) {
  const sent = { ...extra };
  if (token.get()) sent.authorization = `Bearer ${token.get()}`;
  return sent;
}

async function refusal(response) {
  let message = `the server answered with status ${response.status}`;
  try {
    message = (await response.json()).error.message;
  } catch {
    // Not the server's own refusal: a proxy's, for example.
  }
  if (response.status === 401) message += " (put a token into the field at the top)";
  return new RequestError(response.status, message);
}

/** Sends a request and reads the JSON reply; `options.body` is sent as JSON. */
export async function request(method, path, { body, signal, keepalive = false } = {}) {
  const response = await fetch(path, {
    method,
    signal,
    keepalive,
    headers: headers(body === undefined ? {} : { "content-type": "application/json" }),
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw await refusal(response);
  return response.json();
}

/** All pages of a list whose elements have ids. */
export async function all(path, signal, most = 1000) {
  const found = [];
  for (let after = null; found.length < most; after = found.at(-1).id) {
    const query = new URLSearchParams({ limit: "100", ...(after === null ? {} : { after }) });
    const page = await request("GET", `${path}${path.includes("?") ? "&" : "?"}${query}`, { signal });
    found.push(...page.data);
    if (!page.has_more || page.data.length === 0) break;
  }
  return found;
}

/** Follows a run's events after the one of id `last` until it ends or `signal` fires; goes on by itself where it broke off. */
export async function follow(run, last, signal, onEvent) {
  for (let pause = 1000; !signal.aborted; pause = Math.min(pause * 2, 30000)) {
    try {
      const path = `/v1/runs/${encodeURIComponent(run)}/events`;
      const response = await fetch(path, { signal, headers: headers({ "last-event-id": `${last}` }) });
      if (!response.ok) throw await refusal(response);
      for await (const event of parse(response.body)) {
        last = event.id;
        pause = 1000;
        onEvent(event);
      }
      return;
    } catch (error) {
      if (signal.aborted || (error instanceof RequestError && error.status < 500)) return;
      await new Promise((done) => setTimeout(done, pause));
    }
  }
}

// An EventSource sends no token, hence this small reader of server-sent events.
async function* parse(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const blocks = (rest + value).split("\n\n");
    rest = blocks.pop();
    for (const block of blocks) {
      const data = block.split("\n").filter((line) => line.startsWith("data:"));
      if (data.length > 0) yield JSON.parse(data.map((line) => line.slice(5)).join("\n"));
    }
  }
}

"""#
    )
}
