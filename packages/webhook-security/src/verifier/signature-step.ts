import { pairsMessage } from '../form/pairs.js';
import { canonicalForm, type FormReading, signedFields, usefulReadings } from '../form/php-form.js';
import type { ErrorKind } from '../observer.js';
import type { VerifierSettings } from '../options.js';
import { fieldName } from '../payload/read-json-fields.js';
import type { MessagePart } from '../scheme/scheme.js';
import type { KeysFound } from '../signature/key-ring.js';
import type { ReadyKey } from '../signature/keys.js';
import type { Message } from '../signature/message.js';
import type { Check, Refusal, Step } from './check.js';
import { type HeaderPlan, isHeader } from './header-plan.js';

const WRONG: Refusal = { reason: 'signature' };
const EMPTY: Refusal = { reason: 'body-empty' };
const OTHER_VERSION: Refusal = { reason: 'signature-scheme' };

/** Recomputes the signature under each key and compares in constant time. */
export function signatureStep({ scheme, keys }: VerifierSettings, plan: HeaderPlan): Step {
  const { message } = scheme;
  const verify =
    message.kind === 'parts'
      ? partsVerifier(message.parts, plan)
      : (check: Check) => matchesForm(check, message.readings);
  const judge = (
    check: Check,
    found: KeysFound,
  ): Refusal | undefined | Promise<Refusal | undefined> => {
    if (!Array.isArray(found)) return { reason: 'keys-unavailable', error: found as ErrorKind };
    check.keys = found;
    if (!hasKeyFor(check)) return OTHER_VERSION;
    const isRight = verify(check);
    return typeof isRight === 'boolean'
      ? verdictOn(check, isRight)
      : isRight.then((answer) => verdictOn(check, answer));
  };
  return (check) => {
    const found = keys.get(check.keyHint);
    return found instanceof Promise ? found.then((one) => judge(check, one)) : judge(check, found);
  };
}

function verdictOn(check: Check, isRight: boolean): Refusal | undefined {
  if (!isRight) return WRONG;
  // Nothing at all has a valid signature too; there is nothing in it to act on.
  return check.body.length === 0 ? EMPTY : undefined;
}

function hasKeyFor({ keys, candidates }: Check): boolean {
  for (let index = 0; index < keys.length; index += 1) {
    if (candidates[(keys[index] as ReadyKey).version]?.length !== 0) return true;
  }
  return false;
}

type Answer = boolean | Promise<boolean>;

/** Whether a key gives one of the candidates over this message; notes which. */
function matches(check: Check, message: Message, from = 0): Answer {
  const { keys, candidates } = check;
  for (let index = from; index < keys.length; index += 1) {
    const { version, check: isSignature } = keys[index] as ReadyKey;
    const signatures = candidates[version] ?? [];
    if (signatures.length === 0) continue;
    const answer = isSignature(message, signatures);
    if (answer === true) {
      note(check, message, index);
      return true;
    }
    if (answer !== false) return matchesLater(check, message, index, answer);
  }
  return false;
}

/** The same, from a key on whose answer comes later. */
async function matchesLater(
  check: Check,
  message: Message,
  index: number,
  answer: Promise<boolean>,
): Promise<boolean> {
  if (await answer) {
    note(check, message, index);
    return true;
  }
  return matches(check, message, index + 1);
}

function note(check: Check, message: Message, keyIndex: number): void {
  check.keyIndex = keyIndex;
  check.message = message;
}

function partsVerifier(parts: readonly MessagePart[], plan: HeaderPlan): (check: Check) => Answer {
  const [first] = parts;
  if (parts.length === 1 && first === 'body') return (check) => matches(check, [check.body]);
  const pieces = parts.map((part) => pieceOf(part, plan));
  return (check) =>
    matches(
      check,
      pieces.map((piece) => piece(check)),
    );
}

function pieceOf(part: MessagePart, plan: HeaderPlan): (check: Check) => string | Uint8Array {
  if (part === 'body') return (check) => check.body;
  if (part === 'time') return (check) => check.timeText;
  if (part === 'id') return (check) => check.id;
  if (part === 'url') return (check) => check.url;
  if (part === 'method') return (check) => check.request?.method as string;
  if (part === 'pairs') return (check) => pairsMessage(check.fields);
  if (isHeader(part)) {
    const place = plan.placeOf(part.header);
    return (check) => check.headers[place] as string;
  }
  if ('text' in part) return () => part.text;
  const name = fieldName(part.path);
  const { before = '', after = '' } = part;
  return (check) => {
    const value = check.jsonFields?.get(name);
    return value === undefined ? '' : `${before}${value}${after}`;
  };
}

/** On a match only the fields that this reading signed stay: the rest anyone could have added. */
function matchesForm(check: Check, readings: readonly FormReading[]): Answer {
  return matchesReadings(check, usefulReadings(check.fields, readings), 0);
}

function matchesReadings(check: Check, readings: readonly FormReading[], from: number): Answer {
  for (let index = from; index < readings.length; index += 1) {
    const reading = readings[index] as FormReading;
    const fields = signedFields(check.fields, reading);
    const answer = matches(check, [canonicalForm(fields, reading)]);
    const took = (isRight: boolean) => {
      if (!isRight) return false;
      check.reading = reading;
      check.fields = fields;
      return true;
    };
    if (typeof answer !== 'boolean') {
      return answer.then((isRight) => took(isRight) || matchesReadings(check, readings, index + 1));
    }
    if (took(answer)) return true;
  }
  return false;
}
