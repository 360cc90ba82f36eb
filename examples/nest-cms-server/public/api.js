// The token lives for this tab only: the page leaves for the gateway and comes back in the same tab.
const KEY = 'nestcms.session';

export const session = {
  read: () => JSON.parse(sessionStorage.getItem(KEY) ?? 'null'),
  write: (value) => sessionStorage.setItem(KEY, JSON.stringify(value)),
  clear: () => sessionStorage.removeItem(KEY),
};

export class ApiError extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `The server answered ${status}.`);
    this.status = status;
    this.code = problem?.code;
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
  });
  const text = await response.text();
  const parsed = text === '' ? undefined : JSON.parse(text);
  if (!response.ok) throw new ApiError(response.status, parsed);
  return { body: parsed, headers: response.headers, status: response.status };
}
