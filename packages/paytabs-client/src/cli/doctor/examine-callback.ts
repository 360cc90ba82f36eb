import type { Clock } from '@nestcms/circuit-breaker';
import { Agent, request } from 'undici';
import { signBytes } from '../../testing/simulator/notices/sign.js';
import { checkCallbackAddress, type Lookup } from './callback-address.js';
import { type Check, type Finding, failed, ok, skip, warning } from './check.js';
import { describeLoss } from './describe-loss.js';
import { type SampleNotice, sampleNotice } from './sample-notice.js';

export interface CallbackQuestion {
  readonly url: string;
  readonly profileId: number;
  readonly serverKey: string;
  /** Milliseconds to connect, and again for the answer. */
  readonly timeoutMs: number;
  /** The gateway is on this machine. */
  readonly isLocal: boolean;
  readonly clock: Clock;
  readonly lookup: Lookup;
}

/** What a delivery came to: an HTTP status, or what was thrown. */
type Answer = { readonly status: number } | { readonly error: unknown };

/** Asks the shop's address as the gateway would: with a signed notice about nothing, and with forged ones. */
export async function* examineCallback(
  asked: CallbackQuestion,
  signal: AbortSignal,
): AsyncGenerator<Check> {
  const address = await checkCallbackAddress(asked.url, asked);
  yield { name: 'callback-address', ...address };
  if (address.status === 'failed') {
    yield* skip(['callback-answer', 'callback-forged'], 'The gateway would not deliver there.');
    return;
  }
  const { timeoutMs, serverKey, profileId, clock } = asked;
  const agent = new Agent({
    connect: { timeout: timeoutMs },
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  });
  const key = serverKey.trim();
  const notice = sampleNotice({ profileId, serverKey: key, at: clock.wallTime() });
  const send = (signature: string | undefined) =>
    deliver({ url: asked.url, body: notice.body, signature, agent, signal });
  try {
    const answer = judge(await send(notice.signature), new URL(asked.url).host);
    yield { name: 'callback-answer', ...answer };
    if (answer.status === 'failed') {
      yield* skip(['callback-forged'], 'It takes no signed notice yet.');
      return;
    }
    yield {
      name: 'callback-forged',
      ...judgeForged(await send(undefined), await send(forged(notice))),
    };
  } finally {
    await agent.destroy();
  }
}

/** Well formed, and made with another key. */
const forged = ({ body }: SampleNotice): string =>
  signBytes('SFORGED000-FORGED0000-FORGED0000', body);

async function deliver(how: {
  url: string;
  body: Buffer;
  signature: string | undefined;
  agent: Agent;
  signal: AbortSignal;
}): Promise<Answer> {
  const { url, body, signature, agent, signal } = how;
  try {
    const answer = await request(url, {
      method: 'POST',
      dispatcher: agent,
      signal,
      body,
      headers: {
        // Some firewalls block the gateway by its name.
        'user-agent': 'Go-http-client/1.1',
        'content-type': 'application/json',
        ...(signature === undefined ? {} : { signature }),
      },
    });
    await answer.body.dump();
    return { status: answer.statusCode };
  } catch (error) {
    return { error };
  }
}

const again = 'the gateway sends up to five times more, and then gives up.';

/** @returns what it says of a signed notice about an unknown cart: only 200 is right */
function judge(answer: Answer, host: string): Finding {
  if ('error' in answer) {
    const { says, todo } = describeLoss(answer.error, { host });
    return failed(says, todo);
  }
  const { status } = answer;
  if (status === 200) return ok('It takes a signed notice about an unknown cart with 200.');
  if (status >= 300 && status < 400) {
    return failed(`It redirects (${status}): ${again}`, 'Give the address that it leads to.');
  }
  if (status === 400 || status === 401 || status === 403) {
    return failed(
      `It refuses a signed notice (${status}).`,
      'Check that it has this very key, that the signature is compared over the raw bytes, and that no firewall blocks Go-http-client/1.1.',
    );
  }
  if (status === 404 || status === 405) {
    return failed(
      `It answers ${status}: there is no route for a POST, or it answers so for an unknown cart.`,
      'Check the path; answer 200 also where the cart is unknown.',
    );
  }
  return failed(
    `It answers ${status} to a signed notice about an unknown cart: ${again}`,
    'Answer exactly 200 once the notice is stored, also where the cart is unknown.',
  );
}

/** What it says of a notice without a signature, and of one with a wrong one. */
function judgeForged(...answers: readonly Answer[]): Finding {
  const statuses = answers.map((answer) => ('error' in answer ? undefined : answer.status));
  const [unsigned, wrong] = statuses;
  if (statuses.some((status) => status !== undefined && status < 300)) {
    return failed(
      `It takes notices that anybody could have sent (without a signature: ${unsigned ?? 'no answer'}, with a wrong one: ${wrong ?? 'no answer'}).`,
      'Check the signature of every notice before anything else, and refuse with 401.',
    );
  }
  if (statuses.every((status) => status !== undefined && status >= 400 && status < 500)) {
    return ok('It refuses notices without a signature and with a wrong one.');
  }
  return warning(
    `It does not take forged notices, but it says so oddly (${unsigned ?? 'no answer'}, ${wrong ?? 'no answer'}).`,
    'Refuse them with 401.',
  );
}
