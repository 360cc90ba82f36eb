import { formatAddressRule, parseAddressRule } from '../../src/address/address-rule.js';
import { readAddress } from '../../src/address/read-address.js';
import { type AlgorithmFacts, algorithms } from '../../src/crypto/algorithms.js';
import { hmacKey } from '../../src/crypto/hmac.js';
import { publicKeyChecker } from '../../src/crypto/public-key.js';
import { createAddressSet, resolveClientAddress } from '../../src/index.js';
import {
  type Outcome,
  runWebhookCase,
  runWebhookSequence,
  type WebhookCase,
  type WebhookSequence,
} from './webhook-cases.js';

/** One case of a vector file. */
export interface VectorCase {
  readonly id: string;
  /** What is found, where that is not what the file expects. */
  readonly run: () => Promise<string | undefined>;
}

interface WebhookFile {
  readonly cases: readonly WebhookCase[];
  readonly sequences?: readonly WebhookSequence[];
}

interface AddressFile {
  readonly membership: readonly { id: string; rules: string[]; address: unknown; expect: string }[];
  readonly cidrs?: readonly { id: string; rule: string; expect: string; network?: string }[];
  readonly forwarded?: readonly {
    id: string;
    peer: string;
    forwardedFor: string[];
    trusted: string[];
    expect: string;
  }[];
}

interface HmacTest {
  readonly tcId: number;
  readonly key: string;
  readonly msg: string;
  readonly tag: string;
  readonly result: string;
}

interface HmacFile {
  readonly groups: readonly {
    readonly algorithm: 'sha256' | 'sha384' | 'sha512';
    readonly keySize: number;
    readonly tagSize: number;
    readonly tests: readonly HmacTest[];
  }[];
}

interface SignatureTest {
  readonly tcId: number;
  readonly msg: string;
  readonly sig: string;
  readonly result: string;
}

interface PublicKeyFile {
  readonly groups: readonly { readonly publicKey: string; readonly tests: readonly SignatureTest[] }[];
}

/** The cases of a file, by its shape: webhooks, addresses, Wycheproof HMAC or Ed25519. */
export function casesOf(file: unknown): readonly VectorCase[] {
  if (typeof file !== 'object' || file === null) throw new TypeError('not an object');
  if ('cases' in file) return webhookCases(file as WebhookFile);
  if ('membership' in file) return addressCases(file as AddressFile);
  const [group] = (file as Partial<HmacFile>).groups ?? [];
  if (group !== undefined && 'algorithm' in group) return hmacCases(file as HmacFile);
  if (group !== undefined && 'publicKey' in group) return publicKeyCases(file as never);
  throw new TypeError('neither webhooks, nor addresses, nor Wycheproof HMAC or Ed25519 cases');
}

const inWords = ({ expect, reason }: Outcome) => (reason === undefined ? expect : `${expect} ${reason}`);

function webhookCases({ cases, sequences = [] }: WebhookFile): VectorCase[] {
  return [
    ...cases.map((one) => ({
      id: one.id,
      run: async () => difference(inWords(await runWebhookCase(one)), inWords(outcomeOf(one))),
    })),
    ...sequences.map((one) => ({
      id: one.id,
      run: async () => {
        const found = (await runWebhookSequence(one)).map(inWords).join(', ');
        return difference(found, one.steps.map((step) => inWords(outcomeOf(step))).join(', '));
      },
    })),
  ];
}

function outcomeOf({ expect, reason }: Pick<WebhookCase, 'expect' | 'reason'>): Outcome {
  return { expect, reason };
}

function difference(found: string, expected: string): string | undefined {
  return found === expected ? undefined : `${found} instead of ${expected}`;
}

const at = (id: string, find: () => string, expected: string): VectorCase => ({
  id,
  run: async () => difference(find(), expected),
});

function addressCases({ membership, cidrs = [], forwarded = [] }: AddressFile): VectorCase[] {
  return [
    ...membership.map(({ id, rules, address, expect }) =>
      at(id, () => membershipOf(rules, address), expect),
    ),
    ...cidrs.map(({ id, rule, expect, network }) =>
      at(id, () => ruleOf(rule), expect === 'valid' ? `valid ${network}` : expect),
    ),
    ...forwarded.map(({ id, peer, forwardedFor, trusted, expect }) => {
      const request = { peerAddress: peer, forwardedFor, trustedProxies: createAddressSet(trusted) };
      return at(id, () => resolveClientAddress(request) ?? 'invalid', expect);
    }),
  ];
}

function membershipOf(rules: readonly string[], address: unknown): string {
  const isMember = createAddressSet(rules).has(address);
  if (readAddress(address) === undefined) return isMember ? 'invalid, but member' : 'invalid';
  return isMember ? 'member' : 'non-member';
}

function ruleOf(rule: string): string {
  const range = parseAddressRule(rule);
  if (range !== undefined) return `valid ${formatAddressRule(range)}`;
  try {
    createAddressSet([rule]);
    return 'invalid, but taken into a set';
  } catch {
    return 'invalid';
  }
}

type HmacFacts = Extract<AlgorithmFacts, { kind: 'hmac' }>;

function hmacCases({ groups }: HmacFile): VectorCase[] {
  return groups.flatMap(({ algorithm, keySize, tagSize, tests }) =>
    tests.map((test) => ({
      id: `${algorithm}-${keySize}-${tagSize}-${test.tcId}`,
      run: async () =>
        difference(
          hmacResult(algorithms[`hmac-${algorithm}`] as HmacFacts, test, tagSize),
          test.result,
        ),
    })),
  );
}

/** By each way in which a message can be given: whole, in pieces, and too long for the short way. */
function hmacResult(facts: HmacFacts, { key, msg, tag }: HmacTest, tagSize: number): string {
  const { check, sign } = hmacKey(facts, Buffer.from(key, 'hex'));
  const given = Buffer.from(tag, 'hex');
  const message = Buffer.from(msg, 'hex');
  const results = [[message], [message.subarray(0, 1), message.subarray(1)], [filler, message]].map(
    (pieces, way) => {
      if (way === 2) return sameBothWays(sign, message) ? undefined : 'other in pieces';
      // A cut tag is never taken; that it is the head of the right one shows the HMAC all the same.
      const isRight = given.equals(sign(pieces).subarray(0, tagSize / 8));
      const isCut = tagSize < facts.bytes * 8;
      if (check(pieces, [given]) !== (isRight && !isCut)) return 'checked otherwise than signed';
      return isRight ? 'valid' : 'invalid';
    },
  );
  const told = new Set(results.filter((one) => one !== undefined));
  return [...told].join(' and ');
}

/** Longer than what is hashed in one go. */
const filler = Buffer.alloc(70_000, 1);

function sameBothWays(sign: (pieces: Buffer[]) => Uint8Array, message: Buffer): boolean {
  const short = filler.subarray(0, 60_000);
  const long = Buffer.concat([filler, message]);
  const isSame = Buffer.from(sign([long])).equals(sign([filler, message]));
  return isSame && !Buffer.from(sign([short, message])).equals(sign([long]));
}

function publicKeyCases({ groups }: PublicKeyFile): VectorCase[] {
  return groups.flatMap(({ publicKey, tests }, place) => {
    const facts = algorithms.ed25519 as Extract<AlgorithmFacts, { kind: 'public-key' }>;
    const check = publicKeyChecker(facts, Buffer.from(publicKey, 'hex'));
    return tests.map(({ tcId, msg, sig, result }) => ({
      id: `ed25519-${place}-${tcId}`,
      run: async () => {
        if (typeof check === 'string') return difference(`key ${check}`, result);
        const signature = Buffer.from(sig, 'hex');
        const isRight =
          signature.length === facts.bytes && (await check([Buffer.from(msg, 'hex')], [signature]));
        return difference(isRight ? 'valid' : 'invalid', result);
      },
    }));
  });
}
