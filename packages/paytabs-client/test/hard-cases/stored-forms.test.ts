import { describe, expect, it } from 'vitest';
import { type HostedPageRequest, money } from '../../src/index.js';
import { fromRecord, type RecordForm, toRecord } from '../../src/intents/intent-record.js';
import { pageReply, talk } from '../with-dispatcher.js';
import { rejection } from '../with-simulator.js';
import { after, begun, fold } from './money-samples.js';

const form: RecordForm<string, string> = {
  minor: (minor) => minor.toString(),
  time: (time) => time.toISOString(),
};

describe('an intent that was stored as text can be read again', () => {
  it('when its invoice has an expiry that means never', () => {
    const never = Date.parse('9999-12-31T23:59:59.999Z');
    const intent = fold(
      begun({ operation: 'createInvoice', pageLifeMs: never - after(0).getTime() }),
      { kind: 'paged', tranRef: 'invoice-1', at: after(1500) },
    );
    const stored: unknown = JSON.parse(JSON.stringify(toRecord(intent, form)));
    expect(fromRecord(stored)).toEqual(intent);
  });

  it.each(['tomorrow', '2026-09-13', '', '+010000-13-01T00:00:00.000Z'])(
    'but not with "%s" for a time',
    (since) => {
      const stored = { ...toRecord(begun(), form), since };
      expect(() => fromRecord(stored)).toThrow(/"since"/);
    },
  );
});

describe('amounts beyond what the gateway takes', () => {
  const tooMuch = money(10n ** 40n, 'AED');
  const page = { cartId: 'order-1001', amount: money(14950n, 'AED'), description: 'Two tickets' };
  const agreement = {
    description: 'Twelve parts',
    initialAmount: money(0n, 'AED'),
    repeatAmount: tooMuch,
    finalAmount: money(0n, 'AED'),
    repeatTerms: 12,
    repeatPeriod: 1,
    repeatEvery: 1,
    firstInstallmentDate: '2026-11-05',
  };

  it.each<[string, object]>([
    ['that a shopper may give', { donation: { min: money(1n, 'AED'), max: tooMuch } }],
    ['of a discount', { cardDiscounts: [{ prefixes: ['4111'], title: 'x', amount: tooMuch }] }],
    ['of an instalment', { agreement }],
  ])('are refused where they are amounts %s', async (_, more) => {
    const { client, requests } = talk(pageReply());
    const work = client.createHostedPage({ ...page, ...more } as HostedPageRequest);
    expect(await rejection(work)).toMatchObject({ code: 'INVALID_REQUEST' });
    expect(requests).toEqual([]);
  });
});
