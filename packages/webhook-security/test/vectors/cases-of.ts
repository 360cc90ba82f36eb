import { formatAddressRule, parseAddressRule } from '../../src/address/address-rule.js';
import { readAddress } from '../../src/address/read-address.js';
import { type AlgorithmFacts, algorithms } from '../../src/crypto/algorithms.js';
import { createAddressSet, resolveClientAddress } from '../../src/index.js';
import { hmacKey, publicKeyChecker } from '../../src/platform/index.js';
import type { SecretKey } from '../../src/platform/platform.js';
import { areSame, hexBytes, joined } from './bytes.js';
import { type PayTabsFile, payTabsCases } from './paytabs-cases.js';
import { difference, type VectorCase } from './vector-case.js';
import {
  type Outcome,
  runWebhookCase,
  runWebhookSequence,
  type WebhookCase,
  type WebhookSequence,
} from './webhook-cases.js';

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

/** The cases of a file, by its shape: webhooks, PayTabs, addresses, Wycheproof HMAC or Ed25519. */
export function casesOf(file: unknown): readonly VectorCase[] {
  if (typeof file !== 'object' || file === null) throw new TypeError('not an object');
  if ('cases' in file) return webhookCases(file as WebhookFile);
  if ('callback' in file) return payTabsCases(file as PayTabsFile);
  if ('membership' in file) return addressCases(file as AddressFile);
  const [group] = (file as Partial<HmacFile>).groups ?? [];
  if (group !== undefined && 'algorithm' in group) return hmacCases(file as HmacFile);
  if (group !== undefined && 'publicKey' in group) return publicKeyCases(file as never);
  throw new TypeError('neither webhooks, nor PayTabs, addresses, Wycheproof HMAC or Ed25519 cases');
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
          await hmacResult(algorithms[`hmac-${algorithm}`] as HmacFacts, test, tagSize),
          test.result,
        ),
    })),
  );
}

/** By each way in which a message can be given: whole, in pieces, and too long for the short way. */
async function hmacResult(
  facts: HmacFacts,
  { key, msg, tag }: HmacTest,
  tagSize: number,
): Promise<string> {
  const { check, sign } = hmacKey(facts, hexBytes(key));
  const given = hexBytes(tag);
  const message = hexBytes(msg);
  const told = new Set<string>();
  for (const pieces of [[message], [message.subarray(0, 1), message.subarray(1)]]) {
    // A cut tag is never taken; that it is the head of the right one shows the HMAC all the same.
    const isRight = areSame(given, (await sign(pieces)).subarray(0, tagSize / 8));
    const isCut = tagSize < facts.bytes * 8;
    const isTaken = await check(pieces, [given]);
    if (isTaken !== (isRight && !isCut)) told.add('checked otherwise than signed');
    told.add(isRight ? 'valid' : 'invalid');
  }
  if (!(await sameBothWays(sign, message))) told.add('other in pieces');
  return [...told].join(' and ');
}

/** Longer than what is hashed in one go. */
const filler = new Uint8Array(70_000).fill(1);

async function sameBothWays(sign: SecretKey['sign'], message: Uint8Array): Promise<boolean> {
  const short = filler.subarray(0, 60_000);
  const long = joined(filler, message);
  const [whole, inPieces] = [await sign([long]), await sign([filler, message])];
  return areSame(whole, inPieces) && !areSame(await sign([short, message]), whole);
}

function publicKeyCases({ groups }: PublicKeyFile): VectorCase[] {
  return groups.flatMap(({ publicKey, tests }, place) => {
    const facts = algorithms.ed25519 as Extract<AlgorithmFacts, { kind: 'public-key' }>;
    const check = publicKeyChecker(facts, hexBytes(publicKey));
    return tests.map(({ tcId, msg, sig, result }) => ({
      id: `ed25519-${place}-${tcId}`,
      run: async () => {
        if (typeof check === 'string') return difference(`key ${check}`, result);
        const signature = hexBytes(sig);
        const isRight =
          signature.length === facts.bytes && (await check([hexBytes(msg)], [signature]));
        return difference(isRight ? 'valid' : 'invalid', result);
      },
    }));
  });
}
