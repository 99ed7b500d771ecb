// Runs in the browser, inlined into the page. Everything that was read from the server stands in the document already.

const SANDBOX = 'https://embeddable-sandbox.cdn.apollographql.com/_latest/embeddable-sandbox.umd.production.min.js';
/** The origin of the Sandbox's frame. */
const FRAME = 'https://sandbox.embed.apollographql.com';
/** The time in which its script, and then its frame, must arrive before the page offers its own editor. */
const PATIENCE_MS = 5_000;

const endpoint = new URL('/graphql', location.href).href;
const find = (id) => document.getElementById(id);
const viewer = find('viewer');
const query = find('query');

/** The Authorization header of the chosen demo login; none for "not signed in". */
function credentials() {
  return viewer?.value ? { authorization: `Basic ${btoa(viewer.value)}` } : {};
}

/** Sends a request as the chosen viewer: never with a session cookie, and nowhere but to this server. */
function send(options) {
  const headers = new Headers(options.headers);
  for (const [name, value] of Object.entries(credentials())) {
    if (!headers.has(name)) {
      headers.set(name, value);
    }
  }
  return fetch(endpoint, { ...options, headers, credentials: 'omit' });
}

/** The sockets of subscriptions, which the Sandbox opens in this page: they say who the chosen viewer is. */
class ViewerSocket extends WebSocket {
  send(data) {
    const message = typeof data === 'string' ? JSON.parse(data) : null;
    if (message?.type !== 'connection_init') {
      super.send(data);
      return;
    }
    const { payload = {} } = message;
    const isGiven = Object.keys(payload).some((name) => name.toLowerCase() === 'authorization');
    super.send(JSON.stringify({ ...message, payload: isGiven ? payload : { ...payload, ...credentials() } }));
  }
}

async function run() {
  const answer = find('answer');
  answer.textContent = '…';
  try {
    const response = await send({
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: query.value }),
    });
    answer.textContent = `HTTP ${response.status}\n${JSON.stringify(await response.json(), null, 2)}`;
  } catch {
    answer.textContent = 'The server does not answer.';
  }
}

/** The page's own editor, for when the Sandbox cannot be reached. */
function showEditor() {
  find('waiting').hidden = true;
  find('editor').hidden = false;
}

/** Shows the Sandbox, and once its frame has said something, that alone: a frame that does not load stays silent. */
function showSandbox() {
  find('sandbox').hidden = false;
  const timer = setTimeout(() => {
    find('sandbox').hidden = true;
    showEditor();
  }, PATIENCE_MS);
  window.addEventListener('message', function hear({ origin }) {
    if (origin === FRAME) {
      clearTimeout(timer);
      window.removeEventListener('message', hear);
      find('waiting').hidden = true;
      find('editor').hidden = true;
      find('sandbox').hidden = false;
    }
  });
  window.WebSocket = ViewerSocket;
  Reflect.construct(window.EmbeddedSandbox, [
    {
      target: '#sandbox',
      initialEndpoint: endpoint,
      initialSubscriptionEndpoint: endpoint.replace(/^http/, 'ws'),
      endpointIsEditable: false,
      hideCookieToggle: true,
      allowDynamicStyles: false,
      runTelemetry: false,
      initialState: { document: query.value, includeCookies: false, pollForSchemaUpdates: false },
      handleRequest: (_endpoint, options) => send(options),
    },
  ]);
}

function start() {
  let isDecided = false;
  const decide = (show) => () => {
    if (!isDecided) {
      isDecided = true;
      show();
    }
  };
  const script = document.createElement('script');
  script.src = SANDBOX;
  script.addEventListener('load', decide(showSandbox));
  script.addEventListener('error', decide(showEditor));
  setTimeout(decide(showEditor), PATIENCE_MS);
  document.head.append(script);
  find('run').addEventListener('click', () => void run());
  find('try').hidden = false;
}

start();
