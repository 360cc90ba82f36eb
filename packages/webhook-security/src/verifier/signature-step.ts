import { canonicalForm, type FormReading, signedFields, usefulReadings } from '../form/php-form.js';
import type { VerifierSettings } from '../options.js';
import type { MessagePart } from '../scheme/scheme.js';
import { hmac, type Message, sameBytes } from '../signature/hmac.js';
import type { Check, Step } from './check.js';

/** Recomputes the signature under each key and compares in constant time. */
export function signatureStep({ scheme, keys }: VerifierSettings): Step {
  const { algorithm, message } = scheme;
  const matches = (check: Check, signed: Message) => {
    for (const [keyIndex, key] of keys.entries()) {
      const expected = hmac(algorithm, key, signed);
      if (check.candidates.some((candidate) => sameBytes(expected, candidate))) {
        check.keyIndex = keyIndex;
        return true;
      }
    }
    return false;
  };
  const verify =
    message.kind === 'parts'
      ? (check: Check) => matches(check, partsMessage(check, message.parts))
      : (check: Check) => matchesForm(check, message.readings, matches);
  return (check) => {
    if (!verify(check)) return { reason: 'signature' };
    // Nothing at all has a valid signature too; there is nothing in it to act on.
    return check.body.length === 0 ? { reason: 'body-empty' } : undefined;
  };
}

function partsMessage(check: Check, parts: readonly MessagePart[]): Message {
  return parts.map((part) => {
    if (part === 'body') return check.body;
    if (part === 'time') return check.timeText;
    if (part === 'id') return check.id;
    return part.text;
  });
}

/** On a match only the fields that this reading signed stay: the rest anyone could have added. */
function matchesForm(
  check: Check,
  readings: readonly FormReading[],
  matches: (check: Check, message: Message) => boolean,
): boolean {
  for (const reading of usefulReadings(check.fields, readings)) {
    const fields = signedFields(check.fields, reading);
    const canonical = canonicalForm(fields, reading);
    if (matches(check, [canonical])) {
      check.reading = reading;
      check.fields = fields;
      check.canonical = canonical;
      return true;
    }
  }
  return false;
}
