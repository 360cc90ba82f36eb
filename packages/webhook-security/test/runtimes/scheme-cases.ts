import { algorithms } from '../../src/crypto/algorithms.js';
import { PRESETS } from '../../src/scheme/presets/all.js';
import type { WebhookScheme } from '../../src/scheme/scheme.js';
import { signedDelivery, withOneBitChanged } from '../support/signed-delivery.js';

interface SchemeCase {
  readonly name: string;
  readonly run: () => Promise<string | undefined>;
}

/** The first way of each kind in which a scheme signs: with a secret, and with two keys. */
const versionsOf = ({ versions }: WebhookScheme): readonly number[] => {
  const kinds = versions.map(({ algorithm }) => algorithms[algorithm].kind === 'public-key');
  return [...new Set([0, kinds.indexOf(true)])].filter((version) => version !== -1);
};

/** What the sender of each preset signs, and the same with one bit changed. */
export const schemeCases = (): readonly SchemeCase[] =>
  Object.entries(PRESETS).flatMap(([preset, make]) => {
    const scheme = make();
    return versionsOf(scheme).map((version) => ({
      name: `${preset}, ${scheme.versions[version]?.algorithm}`,
      run: async () => {
        const { verifier, request } = await signedDelivery(scheme, version);
        const right = await verifier.verify(request);
        if (right.verdict !== 'accepted' || right.deliveryId === '') {
          return right.verdict === 'refused' ? right.reason : 'no delivery id';
        }
        const isToken = scheme.versions[version]?.algorithm === 'token';
        const body = withOneBitChanged(scheme, request.body);
        const { verdict } = await verifier.verify({ ...request, body });
        return verdict === (isToken ? 'accepted' : 'refused') ? undefined : `changed: ${verdict}`;
      },
    }));
  });
