import { returnFields, returnQuery } from '../bodies.js';
import type { LedgerEntry } from '../books/ledger.js';
import type { Gateway } from '../gateway.js';
import { signReturn } from '../notices/sign.js';
import type { Terms } from '../payments/terms.js';
import type { Rendered } from './frame.js';
import { renderMessage, renderReturn } from './render.js';
import { type Language, textsOf } from './texts.js';

/** Who pays later is told the number to pay with. */
function messageOf({ status, responseCode, responseMessage }: LedgerEntry, language: Language) {
  const end = textsOf(language).ended[status ?? 'E'] ?? responseMessage;
  return status === 'P' ? `${end}: ${responseCode}` : end;
}

/** The page that brings the customer back to the merchant with the signed result. */
export function goBack(
  entry: LedgerEntry,
  { terms, language, gateway }: { terms: Terms; language: Language; gateway: Gateway },
): Rendered {
  const { returnUrl: url } = entry;
  const message = messageOf(entry, language);
  const { returnByGet: byGet, frame: target } = terms;
  const how = { language, target };
  if (url === undefined) return renderMessage([message, textsOf(language).mayClose], language);
  const { allowLocalCallback, returnSignature } = gateway.options;
  // To a plain HTTP address the real gateway comes by GET and brings nothing.
  const readable = allowLocalCallback || url.toLowerCase().startsWith('https:');
  if (!readable) return renderReturn(message, { url, method: 'get', fields: {}, ...how });
  const { serverKey } = gateway.profileOf(entry);
  const fields = byGet ? returnQuery(entry) : returnFields(entry);
  const signed = signReturn(serverKey, fields, returnSignature);
  if (!byGet) return renderReturn(message, { url, method: 'post', fields: signed, ...how });
  // A form by GET drops the query of its address: the merchant's own fields go along as fields.
  const own = Object.fromEntries(new URL(url).searchParams);
  const [address = url] = url.split('?');
  return renderReturn(message, {
    url: address,
    method: 'get',
    fields: { ...own, ...signed },
    ...how,
  });
}
