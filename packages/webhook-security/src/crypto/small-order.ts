import { toHex } from '../text/hex.js';

/**
 * The points of Ed25519 whose multiples are few, without their sign, as keys are written: for a key that
 * is one of them anybody can make signatures, unless the library that checks them looks for that.
 */
const points = [
  `00${'00'.repeat(31)}`,
  `01${'00'.repeat(31)}`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  `ec${'ff'.repeat(30)}7f`,
  // The same as the first two, written in a way that no signer writes.
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`,
];

export const SMALL_ORDER = 'is a point for which anybody can sign';

/** @param key the 32 bytes of a public key */
export function isOfSmallOrder(key: Uint8Array): boolean {
  const unsigned = Uint8Array.from(key);
  unsigned[31] = (unsigned[31] as number) & 0x7f;
  return points.includes(toHex(unsigned));
}
