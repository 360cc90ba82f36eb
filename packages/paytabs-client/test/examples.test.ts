import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readReply } from '../src/gateway/reply.js';
import {
  describeTransaction,
  moneyToJson,
  parseMajor,
  readNotification,
  type Transaction,
} from '../src/index.js';
import { startPair } from './with-simulator.js';

interface Example {
  readonly name: string;
  readonly as: string;
  readonly kind?: string;
  readonly body: never;
}

const examples = JSON.parse(
  readFileSync(new URL('fixtures/gateway-examples.json', import.meta.url), 'utf8'),
) as {
  readonly replies: readonly Example[];
  readonly requests: readonly { readonly name: string; readonly text: string }[];
};

const read = ({ body }: Example) => readReply({ httpStatus: 200, text: JSON.stringify(body) });
const ofShape = (...shapes: string[]) =>
  examples.replies
    .filter((each) => shapes.includes(each.as))
    .map((each) => [each.name, each] as const);

/** The transactions a reply holds, next to what the example's JSON says. */
const transactionsOf = (example: Example): [Transaction, Record<string, string>][] => {
  const reply = read(example);
  const bodies = [example.body].flat() as Record<string, string>[];
  const found =
    reply.shape === 'rows'
      ? reply.transactions
      : reply.shape === 'completed'
        ? [reply.transaction]
        : [];
  return found.map((transaction, index) => [transaction, bodies[index] ?? {}]);
};

describe('the documented examples', () => {
  it.each(ofShape('redirect', 'completed', 'rows', 'error', 'unreadable'))(
    'are read as what they are: %s',
    (_, example) => {
      expect(read(example).shape).toBe(example.as);
    },
  );

  it.each(ofShape('completed', 'rows'))('keep amounts and meaning: %s', (_, example) => {
    const found = transactionsOf(example);
    expect(found.length).toBeGreaterThan(0);
    for (const [transaction, body] of found) {
      expect(describeTransaction(transaction).kind).toBe(example.kind);
      expect(transaction.tranRef).toBe(body.tran_ref);
      expect(transaction.total).toEqual(
        parseMajor(String(body.tran_total), transaction.total.currency),
      );
      expect(moneyToJson(transaction.cartAmount).currency).toBe(body.cart_currency);
      expect(transaction.time?.toISOString().slice(0, 10)).toBe('2026-09-13');
      expect(transaction.raw).toEqual(body);
    }
  });

  it.each(ofShape('notification'))('are notices of the right kind: %s', (_, example) => {
    const notice = readNotification(example.body);
    const body = example.body as Record<string, unknown>;
    expect(notice.kind).toBe(example.kind);
    expect(notice.profileId).toBe(98765);
    expect(notice.followUp).toBe('previous_tran_ref' in body);
    expect(notice.ipnTrace).toBe(body.ipn_trace);
  });

  it.each(examples.requests.map((each) => [each.name, each.text] as const))(
    'of requests are taken by the simulator: %s',
    async (_, text) => {
      const { simulator } = await startPair({ simulator: { allowLocalCallback: false } });
      const answer = await fetch(`${simulator.baseUrl}/payment/request`, {
        method: 'POST',
        headers: { authorization: simulator.serverKey, 'content-type': 'application/json' },
        body: text,
      });
      expect(await answer.json()).toMatchObject({ redirect_url: expect.any(String) });
    },
  );
});
