import { createHmac, createSecretKey } from 'node:crypto';
import type { Contender } from '@nestcms/bench/slices';

const KEY = createSecretKey(Buffer.from('It is the secret of this webhook'));

/** The bare HMAC of a body: what all else is compared with. */
export const bareHmac = (body: Buffer): Contender => ({
  name: 'floor: createHmac, KeyObject',
  call: () => createHmac('sha256', KEY).update(body).digest(),
});
