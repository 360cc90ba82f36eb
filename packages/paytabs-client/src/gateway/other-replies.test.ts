import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acknowledgementReader } from './acknowledgement.js';
import { pdfReader } from './file-reply.js';
import {
  createdInvoiceReader,
  invoiceRowsReader,
  invoiceStatusReader,
  markedInvoiceReader,
} from './invoice-reply.js';
import { linkReader, sadadBillReader, sadadInquiryReader, valuReader } from './loose-reply.js';
import type { OtherReply, Reader } from './reply.js';
import { tokenReader } from './token-reply.js';

const readers: readonly (readonly [string, Reader<OtherReply<unknown>>])[] = [
  ['acknowledgement', acknowledgementReader],
  ['PDF', pdfReader],
  ['created invoice', createdInvoiceReader],
  ['state of an invoice', invoiceStatusReader],
  ['marked invoice', markedInvoiceReader({ invoiceId: 1, isAmount: () => true })],
  ['list of invoices', invoiceRowsReader],
  ['link', linkReader],
  ['bill', sadadBillReader],
  ['inquiry of a bill', sadadInquiryReader],
  ['inquiry of valU', valuReader],
  ['token', tokenReader],
];

const names =
  'code message trace trace_code status tran_ref payment_info cart_id invoice_id invoice_link invoice_status invoice_currency invoice_total tran_status link_url paylink_id biller_id sadad_number expire_date payment_result valuResponse responseCode'.split(
    ' ',
  );

/** Objects with the names that readers look for, and whatever in them. */
const odd = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.jsonValue(),
    fc.constantFrom(0, '0', 1, '1', 'paid', 'success', 'AED', 'https://x.example/', 'TST1'),
    tie('object'),
  ),
  object: fc.dictionary(fc.constantFrom(...names), tie('value')),
}));

describe.each(readers)('the reader of a %s', (_, reader) => {
  it('never throws, whatever came', () => {
    fc.assert(
      fc.property(odd.value, fc.integer({ min: 100, max: 599 }), (body, httpStatus) => {
        const text = JSON.stringify(body) ?? '';
        const reply = reader({ httpStatus, text, bytes: Buffer.from(text) });
        expect(['error', 'unreadable', 'other']).toContain(reply.shape);
      }),
    );
  });

  it('reads no text that is no JSON', () => {
    const text = '{"code":0,"message":"cut o';
    expect(reader({ httpStatus: 200, text, bytes: Buffer.from(text) }).shape).toBe('unreadable');
  });
});
