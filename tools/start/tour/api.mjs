// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';

const TIMEOUT_MS = 15_000;
const LONGEST_WAIT_S = 65;
/** Seldom enough for the limits of a server that has other callers too. */
const POLL_MS = 500;

/** What a step expected and did not get. */
export class TourError extends Error {}

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Headers} headers
 * @property {any} body parsed JSON, undefined when there is none
 */

/**
 * @typedef {object} Request
 * @property {string} [token]
 * @property {Record<string, string>} [headers]
 * @property {unknown} [body]
 * @property {number} [expect] default 200
 */

/**
 * Calls the server and holds it to the status that the step expects.
 * @param {string} url
 * @param {'GET' | 'POST'} method
 * @param {Request} [request]
 * @returns {Promise<Answer>}
 * @throws {TourError}
 */
export async function call(url, method, { token, headers = {}, body, expect = 200 } = {}) {
  const path = new URL(url).pathname;
  const send = () =>
    fetch(url, {
      method,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        ...(token && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }).catch((error) => {
      throw new TourError(
        `${method} ${path} got no answer: ${error.cause?.message ?? error.message}`,
      );
    });
  let response = await send();
  const wait = Number(response.headers.get('retry-after'));
  if (response.status === 429 && wait > 0 && wait <= LONGEST_WAIT_S) {
    process.stdout.write(`       the limit of ${path} is reached; going on in ${wait} s\n`);
    await sleep(wait * 1_000);
    response = await send();
  }
  const text = await response.text();
  const answer = { status: response.status, headers: response.headers, body: parse(text) };
  if (answer.status !== expect) {
    const { code, detail } = answer.body ?? {};
    const said = [code, detail].filter(Boolean).join(': ') || text.slice(0, 200);
    throw new TourError(
      `${method} ${path} answered ${answer.status}, not ${expect}. ${said}`.trim(),
    );
  }
  return answer;
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} condition
 * @param {string} message
 * @returns {asserts condition}
 */
export function expectThat(condition, message) {
  if (!condition) throw new TourError(message);
}

/**
 * Asks again until the answer is the wanted one.
 * @template T
 * @param {() => Promise<T>} ask
 * @param {(answer: T) => boolean} isWanted
 * @param {number} timeoutMs
 * @returns {Promise<T>} the wanted answer, or the last one when the time is over
 */
export async function askUntil(ask, isWanted, timeoutMs) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (isWanted(answer) || Date.now() >= deadline) return answer;
    await sleep(POLL_MS);
  }
}
