import { gatewayCurrencies, isCurrency } from '../../../money/currencies.js';
import { formatMajor, type Money, parseMajor } from '../../../money/money.js';
import { convert, type Rates } from '../payments/convert.js';
import { deferredMethods } from '../payments/deferred.js';
import type { Discount, Terms } from '../payments/terms.js';
import type { TokenForm } from '../references.js';
import { refuseRequest } from './gateway-error.js';
import { type Body, textOf } from './payment-fields.js';

/** Reads what a request asks for beyond the common fields. @throws GatewayRefusal */
export function readTerms(body: Body, amount: Money, rates: Rates): Terms {
  const language = textOf(body.paypage_lang ?? 'en').toLowerCase();
  if (!['en', 'ar', 'tr'].includes(language)) refuseRequest(2, 'Invalid request: paypage_lang');
  const tokenForm = readTokenForm(body);
  const askToSave = body.show_save_card === true;
  if (askToSave && tokenForm === undefined) {
    refuseRequest(2, 'Invalid request: show_save_card needs tokenise');
  }
  const title = textOf(body.card_filter_title);
  return {
    cardFilter: readBeginnings(body.card_filter, 'card_filter'),
    ...(title === '' ? {} : { cardFilterTitle: title }),
    discounts: readDiscounts(body.card_discounts, amount),
    ...(tokenForm === undefined ? {} : { tokenForm }),
    askToSave,
    ...readAlternative(body, amount, rates),
    ...readDonation(body, amount),
    methods: readMethods(body.payment_methods, amount),
    language: language === 'ar' ? 'ar' : 'en',
    returnByGet: body.return_using_get === true,
    frame: readFrame(body),
    agreement: typeof body.agreement === 'object' && body.agreement !== null,
  };
}

const objectOf = (value: unknown): Body =>
  typeof value === 'object' && value !== null ? (value as Body) : {};

function readFrame(body: Body): Terms['frame'] {
  if (body.framed !== true) return 'none';
  if (body.framed_return_top === true) return 'top';
  return body.framed_return_parent === true ? 'parent' : 'self';
}

function readTokenForm(body: Body): TokenForm | undefined {
  const value = body.tokenise ?? objectOf(body.token_info).tokenise;
  if (value === undefined || value === null || value === 1) return undefined;
  if (value === 2 || value === 3 || value === 4 || value === 5 || value === 6) return value;
  return refuseRequest(2, 'Invalid request: tokenise');
}

function readBeginnings(value: unknown, field: string): string[] {
  if (value === undefined || value === null || value === '') return [];
  if (typeof value !== 'string' || value.length > 255 || !/^[\d ]+(,[\d ]+)*$/.test(value)) {
    return refuseRequest(2, `Invalid request: ${field}`);
  }
  return value.split(',').map((each) => each.replaceAll(' ', ''));
}

function readDiscounts(value: unknown, amount: Money): Discount[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return refuseRequest(2, 'Invalid request: card_discounts');
  return value.map((each: unknown) => {
    const item = objectOf(each);
    const cards = readBeginnings(item.discount_cards, 'discount_cards');
    const off = readOff(item, amount);
    if (cards.some((card) => card.length < 4 || card.length > 10) || off === undefined) {
      return refuseRequest(2, 'Invalid request: card_discounts');
    }
    return { cards, title: textOf(item.discount_title), off };
  });
}

function readOff(item: Body, amount: Money): Discount['off'] | undefined {
  const fixed = textOf(item.discount_amount);
  const percent = textOf(item.discount_percent);
  if ((fixed === '') === (percent === '')) return undefined;
  if (fixed !== '') return { minor: readMajor(fixed, amount, 'discount_amount').minor };
  const [, whole = '', cents = ''] = /^(\d{1,3})(?:\.(\d{1,2}))?$/.exec(percent) ?? [];
  const basisPoints = BigInt(`${whole || '0'}${cents.padEnd(2, '0')}`);
  return basisPoints > 0n && basisPoints < 10_000n ? { basisPoints } : undefined;
}

/** An amount in the currency of another. @throws GatewayRefusal */
export function readMajor(digits: string, { currency }: Money, field: string): Money {
  try {
    return parseMajor(digits, currency);
  } catch {
    return refuseRequest(2, `Invalid request: ${field}`);
  }
}

function readAlternative(body: Body, amount: Money, rates: Rates): Pick<Terms, 'alternative'> {
  const code = textOf(body.alt_currency).toUpperCase();
  if (code === '' || code === amount.currency) return {};
  if (!isCurrency(code) || !gatewayCurrencies.includes(code)) {
    return refuseRequest(206, 'Invalid currency code');
  }
  const alternative = convert(amount, code, rates);
  return alternative === undefined ? {} : { alternative };
}

function readDonation(body: Body, amount: Money): Pick<Terms, 'donation'> {
  if (body.donation_mode !== true) return {};
  const bound = (name: 'cart_min' | 'cart_max') => {
    const digits = textOf(body[name]);
    return digits === '' ? undefined : readMajor(digits, amount, name);
  };
  const [min, max] = [bound('cart_min'), bound('cart_max')];
  if (min !== undefined && max !== undefined && min.minor > max.minor) {
    refuseRequest(2, `Invalid request: cart_min is above ${formatMajor(max)}`);
  }
  return {
    donation: { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) },
  };
}

/** `card` and the deferred methods, as far as they are simulated, asked for, and of this currency. */
function readMethods(value: unknown, { currency }: Money): string[] {
  const names: unknown = value ?? [];
  if (!Array.isArray(names) || names.some((name) => typeof name !== 'string')) {
    return refuseRequest(2, 'Invalid request: payment_methods');
  }
  const asked = (names as string[]).map((name) => name.toLowerCase());
  const excluded = asked.filter((name) => name.startsWith('-')).map((name) => name.slice(1));
  const included = asked.filter((name) => !name.startsWith('-'));
  const codes = deferredMethods
    .filter((each) => each.currency === currency)
    .map(({ code }) => code);
  const offersAll = included.length === 0 || included.includes('all');
  const deferred = codes.filter((code) => offersAll || included.includes(code));
  // Any other method is paid by card here.
  const byCard = offersAll || included.some((code) => !codes.includes(code));
  const methods = [...(byCard ? ['card'] : []), ...deferred];
  const offered = methods.filter((code) => !excluded.includes(code));
  return offered.length > 0 ? offered : refuseRequest(2, 'Invalid request: payment_methods');
}
