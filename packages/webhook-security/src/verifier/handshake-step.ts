import type { VerifierSettings } from '../options.js';
import { valueAt } from '../payload/content.js';
import type { MaybeLater } from '../platform/platform.js';
import { isPinnedUrl } from '../request/pinned-url.js';
import { queryParameter } from '../request/request-url.js';
import type { BodyReply } from '../scheme/handshake.js';
import { toHex } from '../text/hex.js';
import type { ChallengeReply } from '../verdict.js';
import type { Challenge, Check, Outcome, Refusal, Step } from './check.js';
import type { ReadContent } from './content-steps.js';

const REFUSED: Refusal = { reason: 'challenge-refused' };

/** What answers a handshake that is asked in the address; undefined where the request is none. */
export function queryHandshake(
  settings: VerifierSettings,
): ((check: Check) => Check['asked']) | undefined {
  const { handshake } = settings.scheme;
  if (handshake?.kind !== 'query') return undefined;
  const { method, when, token, echo } = handshake;
  return ({ request }) => {
    if (request?.method !== method) return undefined;
    const text = queryParameter(request.url, echo);
    if (text === undefined) return undefined;
    if (when !== undefined && queryParameter(request.url, when.name) !== when.equals) {
      return undefined;
    }
    const judge = (isRight: boolean): Outcome => (isRight ? { reply: plainText(text) } : REFUSED);
    if (token === undefined) return () => judge(true);
    return () => {
      const isRight = settings.isVerifyToken(queryParameter(request.url, token));
      return typeof isRight === 'boolean' ? judge(isRight) : isRight.then(judge);
    };
  };
}

/** Answers a handshake that is asked in a signed body; undefined where the request is none. */
export function bodyHandshake(
  { scheme }: VerifierSettings,
  contentOf: ReadContent,
): Step | undefined {
  const { handshake } = scheme;
  if (handshake?.kind !== 'body') return undefined;
  const { when, reply } = handshake;
  return (check) => {
    if (valueAt(contentOf(check), when.path) !== when.equals) return undefined;
    return answer(reply, check, contentOf) ?? REFUSED;
  };
}

const longestChallenge = 4_096;

function answer(
  reply: BodyReply,
  check: Check,
  contentOf: ReadContent,
): MaybeLater<Challenge> | undefined {
  if (reply.kind === 'json') return { reply: json(reply.value) };
  const text = valueAt(contentOf(check), reply.path);
  if (typeof text !== 'string' || text.length > longestChallenge) return undefined;
  switch (reply.kind) {
    case 'echo':
      return { reply: plainText(text) };
    case 'visit':
      return isPinnedUrl(text, reply.hosts) ? { reply: plainText(''), visit: text } : undefined;
    default: {
      const mac = check.keys[0]?.sign?.([text]);
      if (mac === undefined) return undefined;
      const challenge = (bytes: Uint8Array): Challenge => ({
        reply: json({ [reply.plainName]: text, [reply.hmacName]: toHex(bytes) }),
      });
      return mac instanceof Promise ? mac.then(challenge) : challenge(mac);
    }
  }
}

function plainText(body: string): ChallengeReply {
  return { status: 200, contentType: 'text/plain', body };
}

function json(value: Readonly<Record<string, unknown>>): ChallengeReply {
  return { status: 200, contentType: 'application/json', body: JSON.stringify(value) };
}
