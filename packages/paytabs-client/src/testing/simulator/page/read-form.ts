import { parseMajor } from '../../../money/money.js';
import { passesLuhn } from '../bank/cards.js';
import type { PresentedCard } from '../bank/issuer.js';
import type { LedgerEntry } from '../books/ledger.js';
import type { Means } from '../payments/take-payment.js';
import type { Terms } from '../payments/terms.js';
import type { Texts } from './texts.js';

/** How the customer wants to pay, or what is wrong with what was typed. */
export function readForm(
  form: URLSearchParams,
  { entry, terms, texts }: { entry: LedgerEntry; terms: Terms; texts: Texts },
): Means | string {
  const { savedCard } = terms;
  const card = savedCard === undefined ? readCard(form, texts) : readCvv(form, savedCard, texts);
  if (typeof card === 'string') return card;
  const save = form.get('save') === 'yes';
  if (terms.alternative !== undefined && form.get('alternative') === 'yes') {
    return { card, save, amount: terms.alternative };
  }
  if (terms.donation === undefined) return { card, save };
  const amount = readAmount(form, entry, terms.donation);
  return amount === undefined ? texts.wrongAmount : { card, save, amount };
}

function readCvv(form: URLSearchParams, card: PresentedCard, texts: Texts): PresentedCard | string {
  const cvv = form.get('cvv') ?? '';
  return /^\d{3,4}$/.test(cvv) ? { ...card, cvv } : texts.wrongCode;
}

function readCard(form: URLSearchParams, texts: Texts): PresentedCard | string {
  const number = (form.get('number') ?? '').replace(/[ -]/g, '');
  const expiryMonth = Number(form.get('expiryMonth'));
  const expiryYear = Number(form.get('expiryYear'));
  if (!/^\d{13,19}$/.test(number) || !passesLuhn(number)) return texts.wrongNumber;
  if (!Number.isInteger(expiryMonth) || expiryMonth < 1 || expiryMonth > 12) {
    return texts.wrongMonth;
  }
  if (!Number.isInteger(expiryYear) || expiryYear < 2000 || expiryYear > 2100) {
    return texts.wrongYear;
  }
  return readCvv(form, { number, expiryMonth, expiryYear }, texts);
}

function readAmount(
  form: URLSearchParams,
  { cartAmount }: LedgerEntry,
  { min, max }: NonNullable<Terms['donation']>,
): Means['amount'] {
  try {
    const amount = parseMajor(form.get('amount') ?? '', cartAmount.currency);
    const fits = amount.minor >= (min?.minor ?? 1n) && amount.minor <= (max?.minor ?? amount.minor);
    return fits && amount.minor > 0n ? amount : undefined;
  } catch {
    return undefined;
  }
}
