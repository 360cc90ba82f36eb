import { PayTabsError } from '../errors.js';
import { cleanTrace, redact } from '../redact.js';
import { checkClientKey } from './client-key.js';
import { PayTabsFormError } from './form-error.js';
import { aborted, pagePaylib } from './page.js';
import type { CardForm, Paylib, PaylibReply } from './paylib.js';

export interface PayWithFormOptions {
  /** With inputs marked `data-paylib="number"`, `expmonth`, `expyear` and `cvv`, none of which has a name. */
  readonly form: CardForm;
  /** The profile's client key, never its server key. */
  readonly key: string;
  /** What `loadPaylib` gave; default: the one in the page. */
  readonly paylib?: Paylib;
  /** Ends the waiting. */
  readonly signal?: AbortSignal;
}

/** The form that a script has taken over, and who waits for it. */
interface Taken {
  readonly form: CardForm;
  readonly key: string;
  waiter: { hear(reply: unknown): void; leave(): void } | undefined;
}

/** The script knows one form at a time. */
const taken = new WeakMap<Paylib, Taken>();

/**
 * Waits until the shopper submits the form, and gives the one-time token that `chargeManagedForm` takes. Card data goes
 * from the browser straight to the gateway. Rejects with a {@link PayTabsFormError} that names the field in error: mark
 * it, and call this again for the next try. A later call takes the place of one that still waits.
 * @throws PayTabsError INVALID_OPTION, INVALID_REQUEST, GATEWAY_UNAVAILABLE, UNEXPECTED_REPLY, ABORTED
 */
export async function payWithForm(options: PayWithFormOptions): Promise<string> {
  const { form, paylib = pagePaylib(), signal } = options;
  const key = checkClientKey(options.key);
  refuseNamedInputs(form);
  if (signal?.aborted) throw aborted();
  if (paylib === undefined) {
    const message = 'The script of the gateway is not there: wait for loadPaylib first';
    throw new PayTabsError('GATEWAY_UNAVAILABLE', message);
  }
  const reply = await nextReply(takeOver(paylib, { form, key }), signal);
  return tokenOf(reply, key);
}

/** An input with a name is sent to the shop's own server, should the form ever be submitted without the script. */
function refuseNamedInputs(form: CardForm): void {
  const inputs = Array.from(form.querySelectorAll('[data-paylib]'));
  if (!inputs.some((input) => input.getAttribute('data-paylib') === 'number')) {
    throw new PayTabsError('INVALID_OPTION', 'form: has no input with data-paylib="number"');
  }
  const named = inputs.find((input) => (input.getAttribute('name') ?? '') !== '');
  if (named === undefined) return;
  const field = named.getAttribute('data-paylib');
  const message = `form: the input data-paylib="${field}" has a name, by which card data would reach your own server; take the name away`;
  throw new PayTabsError('INVALID_OPTION', message);
}

function takeOver(paylib: Paylib, { form, key }: Pick<Taken, 'form' | 'key'>): Taken {
  const before = taken.get(paylib);
  before?.waiter?.leave();
  if (before?.form === form && before.key === key) return before;
  const now: Taken = { form, key, waiter: undefined };
  taken.delete(paylib);
  try {
    const callback = (reply: PaylibReply) => now.waiter?.hear(reply);
    paylib.inlineForm({ key, form, autoSubmit: false, callback });
  } catch {
    // What was thrown may have anything in it.
    throw new PayTabsError('UNEXPECTED_REPLY', 'The script of the gateway did not take the form');
  }
  taken.set(paylib, now);
  return now;
}

function nextReply(form: Taken, signal: AbortSignal | undefined): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const end = () => {
      form.waiter = undefined;
      signal?.removeEventListener('abort', stop);
    };
    const stop = () => {
      end();
      reject(aborted());
    };
    signal?.addEventListener('abort', stop, { once: true });
    form.waiter = {
      hear: (reply) => {
        end();
        resolve(reply);
      },
      leave: () => {
        end();
        reject(aborted('A later call took its place'));
      },
    };
  });
}

function tokenOf(reply: unknown, key: string): string {
  const { error, token, errorCode, errorField, errorText, trace } = (reply ?? {}) as {
    readonly [Name in keyof PaylibReply]: unknown;
  };
  const details = typeof trace === 'string' ? { trace: cleanTrace(trace, key) } : {};
  if (error || errorText) {
    const text = typeof errorText === 'string' ? errorText : 'the script did not say why';
    const isField = typeof errorField === 'string' && /^[a-z]{1,20}$/i.test(errorField);
    throw new PayTabsFormError(`The form was not taken: ${redact(text, key)}`, {
      ...details,
      ...(isField ? { field: errorField } : {}),
      ...(Number.isInteger(errorCode) ? { gatewayCode: errorCode as number } : {}),
    });
  }
  if (typeof token === 'string' && token !== '') return token;
  throw new PayTabsError('UNEXPECTED_REPLY', 'The script of the gateway gave no token', details);
}
