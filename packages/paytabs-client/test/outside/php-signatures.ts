import { createWebhookVerifier, payTabsReturn } from '@nestcms/webhook-security';
import { createNotificationVerifier } from '../../src/index.js';
import type { PhpCheckouts } from './checkouts.js';
import { phpPrograms } from './php-programs.js';
import { expectFacts, type Steps } from './steps.js';

const SERVER_KEY = 'SABCDEFGHI-JKLMNOPQRS-TUVWXYZ012';
const account = { baseUrl: 'http://127.0.0.1', profileId: 98765, serverKey: SERVER_KEY };

interface Signed {
  readonly body: string;
  readonly signature: string;
}

const fields = {
  acquirerMessage: '',
  acquirerRRN: '',
  cartId: 'order-1001',
  customerEmail: 'sara@example.com',
  respCode: 'G48213',
  respMessage: 'Authorised',
  respStatus: 'A',
  token: '',
  tranRef: 'TST2625600001234',
};

/** Fields that PHP, a browser and Node each write in ways of their own. */
const returns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'a plain return': fields,
  'a return with a "0"': { ...fields, cartId: '0' },
  'a return with signs': { ...fields, cartId: "a~b*c(d)!'e", customerEmail: 'a+b@example.com' },
  'a return with spaces': { ...fields, cartId: ' a  b ', respMessage: 'Not  authorised ' },
  'a return in Arabic': { ...fields, respMessage: 'تمت الموافقة', acquirerMessage: '😀 &=%+' },
  'a return with other names': { ...fields, a1: 'x', A1: 'y', a_1: 'z', a10: 'u', a9: 'v' },
};

const noticeOf = (description: string) => ({
  tran_ref: 'TST2625600001234',
  merchant_id: 1234,
  profile_id: 98765,
  cart_id: 'order-1001',
  cart_description: description,
  cart_currency: 'AED',
  cart_amount: '149.50',
  tran_currency: 'AED',
  tran_total: '149.50',
  tran_type: 'Sale',
  tran_class: 'ECom',
  customer_details: { name: 'Sara Haddad', email: 'sara@example.com', country: 'AE' },
  payment_result: {
    response_status: 'A',
    response_code: 'G48213',
    response_message: 'Authorised',
    transaction_time: `${new Date().toISOString().slice(0, 19)}Z`,
  },
  ipn_trace: 'IPNS0101.6A000001.00000001',
});

/** What PHP signs, in the vendor's way, our verifiers accept; changed, they refuse it. */
export async function runPhpSignatures(
  steps: Steps,
  checkouts: PhpCheckouts,
  folder: string,
): Promise<void> {
  const descriptions = ['Two tickets', 'Tea & <cake> / شاي 😀 \u2028'];
  await steps.story('Signatures made by PHP', async () => {
    const signed = await steps.step('PHP signs', () =>
      phpPrograms(checkouts, folder, account).sign({
        notices: descriptions.map(noticeOf),
        returns: Object.values(returns),
      }),
    );
    const callbacks = signed.callbacks as readonly Signed[];
    for (const [index, callback] of callbacks.entries()) {
      await steps.step(`our verifier accepts the callback ${index + 1}, and no other bytes`, () =>
        judgeCallback(callback, descriptions[index] ?? ''),
      );
    }
    const names = Object.keys(returns);
    for (const [index, back] of (signed.returns as readonly Signed[]).entries()) {
      const name = names[index] ?? '';
      await steps.step(`our verifier accepts ${name}, and no other fields`, () =>
        judgeReturn(back, returns[name] ?? {}),
      );
    }
  });
}

async function judgeCallback({ body, signature }: Signed, description: string): Promise<void> {
  const verifier = createNotificationVerifier({ keys: [SERVER_KEY] });
  const verify = (text: string) =>
    verifier.verify({
      method: 'POST',
      headers: { 'content-type': 'application/json', signature },
      body: Buffer.from(text),
    });
  const verdict = await verify(body);
  expectFacts({ ...verdict }, { verdict: 'accepted', stale: false });
  if (verdict.verdict !== 'accepted') return;
  const { kind, description: read } = verdict.payload;
  expectFacts({ kind, description: read }, { kind: 'reportedPaid', description });
  expectFacts({ ...(await verify(`${body} `)) }, { verdict: 'refused', reason: 'signature' });
}

async function judgeReturn(
  { body, signature }: Signed,
  sent: Readonly<Record<string, string>>,
): Promise<void> {
  const verifier = createWebhookVerifier({ scheme: payTabsReturn(), keys: [SERVER_KEY] });
  const verify = (form: string) =>
    verifier.verify({
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(form),
    });
  // As PHP writes a form, and as a browser does.
  const asBrowser = String(new URLSearchParams({ ...sent, signature }));
  for (const form of [body, asBrowser]) {
    expectFacts({ ...(await verify(form)) }, { verdict: 'accepted' });
  }
  const changed = String(new URLSearchParams({ ...sent, respStatus: 'D', signature }));
  expectFacts({ ...(await verify(changed)) }, { verdict: 'refused', reason: 'signature' });
}
