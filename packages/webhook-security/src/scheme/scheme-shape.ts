import { algorithms } from '../crypto/algorithms.js';

/** What a value must be; the answer is what is wrong with it at that place. */
type Shape = (value: unknown, place: string) => string | undefined;

/**
 * What is missing, misspelt or of the wrong kind in a scheme. Types say the same to those who use
 * them; without this a slip would only show as a refusal of every request.
 */
export function findShapeFault(scheme: unknown): string | undefined {
  return schemeShape(scheme, '');
}

// Everything here is a function, called when a scheme is looked at: a bundle without `defineScheme`
// then leaves all of it out.

const rule =
  (fits: (value: unknown) => boolean, what: string): Shape =>
  (value, place) =>
    fits(value) ? undefined : `${place} must be ${what}`;

const oneOf = (...choices: readonly unknown[]) =>
  rule((value) => choices.includes(value), `one of: ${choices.join(', ')}`);

const text: Shape = (value, place) =>
  typeof value === 'string' && value !== ''
    ? undefined
    : `${place} must be a text that is not empty`;

const written = (pattern: RegExp, what: string) =>
  rule((value) => typeof value === 'string' && pattern.test(value), what);

const wholeNumber = (min: number, max: number) =>
  rule(
    (value) => Number.isSafeInteger(value) && (value as number) >= min && (value as number) <= max,
    `a whole number from ${min} to ${max}`,
  );

const list =
  (shape: Shape, least = 1): Shape =>
  (value, place) => {
    if (!Array.isArray(value) || value.length < least) {
      return `${place} must be a list of at least ${least}`;
    }
    return firstFault(value.map((one: unknown, index) => () => shape(one, `${place}[${index}]`)));
  };

const optional =
  (shape: Shape): Shape =>
  (value, place) =>
    value === undefined ? undefined : shape(value, place);

const object =
  (shapes: Readonly<Record<string, Shape>>): Shape =>
  (value, place) => {
    if (typeof value !== 'object' || value === null) return `${place} must be an object`.trim();
    const at = (name: string) => (place === '' ? name : `${place}.${name}`);
    const unknown = Object.keys(value).find((name) => !Object.hasOwn(shapes, name));
    if (unknown !== undefined) return `${at(unknown)} is unknown`;
    const fields = value as Record<string, unknown>;
    return firstFault(
      Object.entries(shapes).map(
        ([name, shape]) =>
          () =>
            shape(fields[name], at(name)),
      ),
    );
  };

/** Objects told apart by their `kind`. */
const kinds =
  (shapes: Readonly<Record<string, Readonly<Record<string, Shape>>>>): Shape =>
  (value, place) => {
    const kind = String((value as { kind?: unknown } | null | undefined)?.kind);
    const fields = Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
    if (fields === undefined)
      return `${place}.kind must be one of: ${Object.keys(shapes).join(', ')}`;
    return object({ kind: text, ...fields })(value, place);
  };

function firstFault(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const fault = check();
    if (fault !== undefined) return fault;
  }
  return undefined;
}

const tenYearsMs = 315_360_000_000;

const path: Shape = (value, place) => list(text)(value, place);

const messagePart: Shape = (value, place) => {
  if (typeof value !== 'object' || value === null) {
    return oneOf('body', 'time', 'id', 'url', 'method', 'pairs')(value, place);
  }
  if ('header' in value) return object({ header: text })(value, place);
  if ('path' in value) {
    const affix = optional(text);
    const parts = { forbid: affix, before: affix, after: affix };
    return object({ path, optional: optional(oneOf(true, false)), ...parts })(value, place);
  }
  return object({ text })(value, place);
};

const timeUnit: Shape = (value, place) => optional(oneOf('s', 'ms', 'iso'))(value, place);

const version: Shape = (value, place) =>
  object({
    label: optional(text),
    algorithm: oneOf(...Object.keys(algorithms)),
    encoding: oneOf('hex', 'base64', 'text'),
    key: object({
      encoding: oneOf('utf8', 'base64', 'hex'),
      prefix: optional(text),
      // A key of no bytes would verify anything.
      minBytes: wholeNumber(1, 4_096),
    }),
  })(value, place);

const handshake: Shape = (value, place) =>
  kinds({
    body: {
      when: object({ path, equals: rule(isPlain, 'a text or a number') }),
      reply: kinds({
        echo: { path },
        json: { value: rule(isPlainRecord, 'an object of texts and numbers') },
        hmac: { path, plainName: text, hmacName: text },
        visit: { path, hosts: list(text) },
      }),
    },
    query: {
      method: oneOf('GET', 'POST'),
      when: optional(object({ name: text, equals: text })),
      token: optional(text),
      echo: text,
    },
  })(value, place);

function isPlainRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.values(value).every(isPlain);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

const schemeShape: Shape = (value, place) =>
  object({
    name: text,
    stages: optional(list(text)),
    methods: list(written(/^[A-Z]+$/, 'a method in capitals')),
    contentTypes: list(written(/^[^A-Z\s;]+$/, 'a media type in lower case, without parameters')),
    content: oneOf('json', 'form'),
    signature: kinds({
      header: { name: text, separator: optional(text) },
      field: {
        name: text,
        maxFields: wholeNumber(1, 10_000),
        exclude: list(text, 0),
        unsignedWhen: optional(object({ field: text, value: text })),
      },
      json: { path },
    }),
    versions: list(version),
    message: kinds({
      parts: { parts: list(messagePart) },
      form: {
        readings: list(
          object({ name: text, tilde: oneOf('encoded', 'bare'), zero: oneOf('kept', 'dropped') }),
        ),
      },
    }),
    keyHint: optional(kinds({ header: { name: text }, json: { path } })),
    headerTime: optional(
      kinds({ header: { name: text, unit: timeUnit }, entry: { label: text, unit: timeUnit } }),
    ),
    id: optional(object({ header: text, forbid: optional(text) })),
    bodyDigest: optional(object({ query: text })),
    bodyTime: optional(
      object({
        path,
        unit: timeUnit,
        maxAgeMs: wholeNumber(1_000, tenYearsMs),
        maxAheadMs: wholeNumber(0, tenYearsMs),
      }),
    ),
    deliveryId: kinds({ header: {}, content: { paths: list(path) }, message: {} }),
    handshake: optional(handshake),
    maxBytes: wholeNumber(1, 67_108_864),
    repeatStatus: oneOf(200, 409),
    unsigned: list(text, 0),
  })(value, place);
