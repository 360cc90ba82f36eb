import { createWebhookVerifier, payTabsCallback, payTabsReturn } from '../../src/index.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { base64Bytes, utf8Bytes } from './bytes.js';
import { difference, type VectorCase } from './vector-case.js';

export interface CallbackVector {
  readonly id: string;
  readonly server_key: string;
  readonly raw_body_base64: string;
  readonly signature_header: string;
  readonly must_reject?: boolean;
}

export interface ReturnVector {
  readonly id: string;
  readonly server_key: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly exclude?: readonly string[];
  readonly canonical_string: string;
  readonly signature: string;
  readonly wire_body: string;
  readonly alternatives?: readonly {
    readonly rule: string;
    readonly canonical_string: string;
    readonly signature: string;
  }[];
}

interface NegativeVector {
  readonly id: string;
  readonly kind: 'return' | 'callback';
  readonly server_key: string;
  readonly raw_body?: string;
  readonly raw_body_base64?: string;
  readonly signature_header?: string;
  readonly fields?: Readonly<Record<string, string>>;
  readonly signature?: string | readonly string[] | null;
}

export interface PayTabsFile {
  readonly callback: readonly CallbackVector[];
  readonly return: readonly ReturnVector[];
  readonly negative: readonly NegativeVector[];
}

const clock = new ManualClock({ wallTime: Date.UTC(2026, 8, 13, 8, 20) });

export function payTabsCases(file: PayTabsFile): VectorCase[] {
  return [
    ...file.callback.map(callbackCase),
    ...file.return.map(returnCase),
    ...file.return.flatMap(alternativeCases),
    ...file.negative.map(negativeCase),
  ];
}

function verifyCallback(key: string, body: Uint8Array, signature: string) {
  return createWebhookVerifier({ scheme: payTabsCallback(), keys: [key], clock }).verify({
    method: 'POST',
    headers: { 'content-type': 'application/json', Signature: signature },
    body,
  });
}

function verifyReturn(key: string, body: string, exclude: readonly string[] = []) {
  return createWebhookVerifier({ scheme: payTabsReturn({ exclude }), keys: [key], clock }).verify({
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: utf8Bytes(body),
  });
}

type Found = Awaited<ReturnType<typeof verifyReturn>>;

const inWords = (verdict: Found): string => {
  if (verdict.verdict === 'accepted') return `accepted ${verdict.reading ?? ''}`.trim();
  return verdict.verdict === 'refused' ? `refused ${verdict.reason}` : verdict.verdict;
};

function callbackCase(vector: CallbackVector): VectorCase {
  const body = base64Bytes(vector.raw_body_base64);
  const expected = vector.must_reject === true ? 'refused body-empty' : 'accepted';
  return {
    id: `callback ${vector.id}`,
    run: async () =>
      difference(
        inWords(await verifyCallback(vector.server_key, body, vector.signature_header)),
        expected,
      ),
  };
}

function returnCase({ id, server_key, fields, exclude = [], wire_body }: ReturnVector): VectorCase {
  const signed = Object.entries(fields).filter(
    ([name, value]) => !exclude.includes(name) && value !== '',
  );
  const expected = `accepted tilde-encoded,zero-kept ${sortedJson(signed)}`;
  return {
    id: `return ${id}`,
    run: async () => {
      const verdict = await verifyReturn(server_key, wire_body, exclude);
      const payload = verdict.verdict === 'accepted' ? (verdict.payload as object) : {};
      return difference(`${inWords(verdict)} ${sortedJson(Object.entries(payload))}`, expected);
    },
  };
}

function sortedJson(entries: readonly (readonly [string, unknown])[]): string {
  return JSON.stringify([...entries].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** Two of the four known ways to differ are read; the others are refused. */
function alternativeCases({ alternatives = [], ...vector }: ReturnVector): VectorCase[] {
  return alternatives.map(({ rule, canonical_string, signature }) => {
    const reading = readingOf(vector.canonical_string, canonical_string);
    const body = vector.wire_body.replace(vector.signature, signature);
    const expected = reading === undefined ? 'refused signature' : `accepted ${reading}`;
    return {
      id: `return ${vector.id}, ${rule}`,
      run: async () => difference(inWords(await verifyReturn(vector.server_key, body)), expected),
    };
  });
}

function readingOf(main: string, alternative: string): string | undefined {
  if (alternative === main.replaceAll('%7E', '~')) return 'tilde-bare,zero-kept';
  const withoutZeros = main
    .split('&')
    .filter((pair) => !pair.endsWith('=0'))
    .join('&');
  return alternative === withoutZeros ? 'tilde-encoded,zero-dropped' : undefined;
}

/** An upper-case signature may go either way by the vectors; here it is refused. */
function negativeCase(vector: NegativeVector): VectorCase {
  const verify = () => {
    if (vector.kind === 'return') return verifyReturn(vector.server_key, formOf(vector));
    const { raw_body = '', raw_body_base64 } = vector;
    const body =
      raw_body_base64 === undefined ? utf8Bytes(raw_body) : base64Bytes(raw_body_base64);
    return verifyCallback(vector.server_key, body, vector.signature_header ?? '');
  };
  return {
    id: `negative ${vector.id}`,
    run: async () => difference((await verify()).verdict, 'refused'),
  };
}

function formOf({ fields, signature }: NegativeVector): string {
  const pairs = Object.entries(fields ?? {});
  for (const one of [signature ?? []].flat()) pairs.push(['signature', one]);
  return new URLSearchParams(pairs).toString();
}
