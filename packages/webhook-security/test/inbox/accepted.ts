import type { AcceptedVerdict } from '../../src/index.js';
import { callback, notice, verifierWith } from '../requests.js';

const verifier = verifierWith();

/** The verdict of a genuine callback. */
export async function accepted(tranRef = 'TST1', more: object = {}): Promise<AcceptedVerdict> {
  const verdict = await verifier.verify(callback({ ...notice, tran_ref: tranRef, ...more }));
  if (verdict.verdict !== 'accepted') throw new Error('not accepted');
  return verdict;
}
