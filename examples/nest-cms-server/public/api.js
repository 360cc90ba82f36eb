// The token lives for this tab only: the page leaves for the gateway and comes back in the same tab.
const KEY = 'nestcms.session';

export const session = {
  read: () => JSON.parse(sessionStorage.getItem(KEY) ?? 'null'),
  write: (value) => sessionStorage.setItem(KEY, JSON.stringify(value)),
  clear: () => sessionStorage.removeItem(KEY),
};

/** `status` is 0 when there was no answer at all. */
export class ApiError extends Error {
  constructor(status, problem, retryAfterMs) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem?.code;
    this.retryAfterMs = retryAfterMs;
  }
}

const unreachable = () => {
  throw new ApiError(0, { detail: 'The server cannot be reached.' });
};

/** What stands before the server may answer something else than JSON. */
function parse(text) {
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Calls the API; resolves to { body, headers, status } and rejects with an ApiError that carries the server's problem. */
export async function call(method, path, { body, idempotencyKey } = {}) {
  const headers = { accept: 'application/json' };
  const token = session.read()?.accessToken;
  if (token) headers.authorization = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (idempotencyKey) headers['idempotency-key'] = idempotencyKey;
  const response = await fetch(`/api${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
    cache: 'no-store',
  }).catch(unreachable);
  const parsed = parse(await response.text().catch(unreachable));
  if (!response.ok) {
    const seconds = Number(response.headers.get('retry-after'));
    throw new ApiError(response.status, parsed, Number.isFinite(seconds) ? seconds * 1_000 : 0);
  }
  return { body: parsed, headers: response.headers, status: response.status };
}
