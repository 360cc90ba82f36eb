import { isPayTabsError } from '../../errors.js';
import { isCurrency } from '../../money/currencies.js';
import { type Money, parseMajor } from '../../money/money.js';
import type { SimulatorProfile } from '../../testing/simulator/options.js';
import { gatewayFlags, readMerchant } from '../gateway-settings.js';
import { forwardFlags, readForwardTo } from '../notices/forward-to.js';
import { merchantProfile } from '../notices/merchant-profile.js';
import { readFlagsAndWords } from '../read-flags.js';
import { UsageError } from '../usage-error.js';
import { type Forgery, forgeries } from './forgeries.js';
import { type KindSpec, kinds } from './kinds.js';
import type { EntryWish } from './make-entry.js';
import { type Override, readOverride } from './set-field.js';

const forms = ['callback', 'ipn', 'return', 'return-get'] as const;
type Form = (typeof forms)[number];

export interface TriggerSettings {
  /** As it was typed. */
  readonly name: string;
  readonly spec: KindSpec;
  readonly forgery: Forgery | undefined;
  readonly form: Form;
  readonly url: string;
  readonly profile: SimulatorProfile;
  readonly wish: Omit<EntryWish, 'at'>;
  readonly overrides: readonly Override[];
  readonly print: boolean;
}

const flags = {
  ...forwardFlags,
  'profile-id': gatewayFlags['profile-id'],
  as: { type: 'string' },
  cart: { type: 'string' },
  amount: { type: 'string' },
  currency: { type: 'string' },
  'tran-ref': { type: 'string' },
  set: { type: 'string', multiple: true },
  print: { type: 'boolean' },
  list: { type: 'boolean' },
} as const;

/** @throws UsageError */
export async function readTriggerFlags(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<TriggerSettings | 'list'> {
  const { values, positionals } = readFlagsAndWords(args, flags);
  if (values.list) return 'list';
  const [name = '', ...more] = positionals;
  if (more.length > 0) throw new UsageError('Trigger one kind at a time');
  const form = readForm(values.as);
  const kind = readKind(name, form);
  const merchant = readMerchant(values, env);
  return {
    name,
    ...kind,
    form,
    url: await readForwardTo(values),
    profile: merchantProfile(merchant, values['client-key']),
    wish: {
      profileId: merchant.profileId,
      cartId: values.cart ?? 'order-1001',
      amount: readMoney(values.amount ?? '149.50', values.currency ?? 'AED'),
      ...(values['tran-ref'] === undefined ? {} : { tranRef: values['tran-ref'] }),
    },
    overrides: (values.set ?? []).map((text) => readFieldFor(form, text)),
    print: values.print ?? false,
  };
}

const isForm = (text: string): text is Form => forms.includes(text as Form);
const isReturn = (form: Form): boolean => form === 'return' || form === 'return-get';

function readForm(text = 'callback'): Form {
  if (isForm(text)) return text;
  throw new UsageError(`--as must be one of ${forms.join(', ')}`);
}

const has = <Name extends string>(
  table: Readonly<Record<Name, unknown>>,
  name: string,
): name is Name => Object.hasOwn(table, name);

/** A forgery is one of a payment. */
function readKind(name: string, form: Form): Pick<TriggerSettings, 'spec' | 'forgery'> {
  if (has(kinds, name)) {
    const spec = kinds[name];
    if (!isReturn(form) || !spec.followUp) return { spec, forgery: undefined };
    throw new UsageError(`No browser comes back from ${name}: it is told by callback and IPN`);
  }
  if (has(forgeries, name)) {
    const { asReturn } = forgeries[name];
    if (!isReturn(form) || asReturn) return { spec: kinds.reportedPaid, forgery: name };
    throw new UsageError(`A return cannot be ${name}; a callback can`);
  }
  const known = [...Object.keys(kinds), ...Object.keys(forgeries)].join(', ');
  throw new UsageError(
    name === '' ? `Say which kind: ${known}` : `There is no kind "${name}"; there are ${known}`,
  );
}

/** @throws UsageError for what cannot be held exactly */
function readMoney(amount: string, code: string): Money {
  const currency = code.toUpperCase();
  if (!isCurrency(currency)) throw new UsageError(`There is no currency ${code}`);
  try {
    return parseMajor(amount, currency);
  } catch (error) {
    if (!isPayTabsError(error)) throw error;
    throw new UsageError(`--amount: ${error.message}`);
  }
}

function readFieldFor(form: Form, text: string): Override {
  const override = readOverride(text);
  if (!isReturn(form)) return override;
  if (override.path.length === 1 && typeof override.value === 'string') return override;
  throw new UsageError('--set: a return has texts only, none of them within another');
}
