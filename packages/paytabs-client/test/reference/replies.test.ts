import { describe, expect, it } from 'vitest';
import { type PaylibReply, PayTabsFormError, payWithForm } from '../../src/browser/index.js';
import { acknowledgementReader } from '../../src/gateway/acknowledgement.js';
import { createdInvoiceReader, invoiceStatusReader } from '../../src/gateway/invoice-reply.js';
import { sadadBillReader, valuReader } from '../../src/gateway/loose-reply.js';
import { type AnyReply, type Reader, readReply } from '../../src/gateway/reply.js';
import { tokenReader } from '../../src/gateway/token-reply.js';
import { describeTransaction, readNotification, type Transaction } from '../../src/index.js';
import { FakePaylib, fakeForm } from '../fake-page.js';
import { rejection } from '../with-simulator.js';
import { type Example, exampleOf, examples } from './examples.js';
import { notices, replies, transactions } from './what-replies-say.js';

const others: Readonly<Record<string, Reader<AnyReply>>> = {
  acknowledgement: acknowledgementReader,
  createdInvoice: createdInvoiceReader,
  invoiceStatus: invoiceStatusReader,
  sadadBill: sadadBillReader,
  token: tokenReader,
  valu: valuReader,
};

const read = ({ as, body }: Example) =>
  (others[as] ?? readReply)({ httpStatus: 200, text: JSON.stringify(body) });

/** The transactions a reply holds, and the JSON each was read from. */
function transactionsOf(example: Example): [Transaction, unknown][] {
  const reply = read(example);
  if (reply.shape === 'completed') return [[reply.transaction, example.body]];
  if (reply.shape !== 'rows') throw new Error(`it was read as ${reply.shape}`);
  expect(reply.unreadable).toEqual([]);
  const bodies = example.body as unknown[];
  return reply.transactions.map((transaction, index) => [transaction, bodies[index]]);
}

const cases = <Value>(table: Readonly<Record<string, Value>>) =>
  Object.entries(table).map(([name, value]) => [name, exampleOf(name), value] as const);

describe('an example of the reference', () => {
  it.each(cases(transactions))('is read as a transaction: %s', (_, example, [says, meaning]) => {
    const found = transactionsOf(example);
    expect(found).toHaveLength(1);
    for (const [transaction, body] of found) {
      expect(transaction).toEqual(says);
      expect(transaction.raw).toEqual(body);
      expect(describeTransaction(transaction)).toEqual(meaning);
    }
  });

  it.each(cases(notices))('is read as a notice: %s', (_, example, says) => {
    const notice = readNotification(example.body);
    expect(notice).toEqual(says);
    expect(notice.raw).toEqual(example.body);
  });

  it.each(cases(replies))('is read as what it is: %s', (_, example, says) => {
    const reply = read(example);
    expect(reply).toMatchObject({ httpStatus: 200, ...says });
  });

  it('of a card form gives the browser its token', async () => {
    expect(await answeredBy('card form: token')).toBe('gbcn45bt7xNdDMVwq1Kk');
  });

  it('of a card form that was refused names the input', async () => {
    const error = await rejection(answeredBy('card form: refused'));
    expect(error).toBeInstanceOf(PayTabsFormError);
    expect(error).toMatchObject({
      code: 'INVALID_REQUEST',
      field: 'number',
      gatewayCode: 200,
      trace: 'PMNT0202.6A97D0CE.00017310',
      message: expect.stringContaining('Visa is not supported'),
    });
  });

  it('is never left out of these tests', () => {
    const tested = [transactions, notices, replies].flatMap((table) => Object.keys(table));
    const forms = examples.replies.filter(({ as }) => as === 'cardForm').map(({ name }) => name);
    expect(forms).toEqual(['card form: token', 'card form: refused']);
    expect([...tested, ...forms].sort()).toEqual(examples.replies.map(({ name }) => name).sort());
  });
});

/** What the own page gets when the gateway's script says this. */
function answeredBy(name: string): Promise<unknown> {
  const paylib = new FakePaylib();
  const paying = payWithForm({ paylib, form: fakeForm(), key: 'C6KMVG-THNK6H-DNB7VT-DN76BP' });
  paylib.reply(exampleOf(name).body as PaylibReply);
  return paying;
}
