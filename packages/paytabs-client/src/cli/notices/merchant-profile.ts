import type { SimulatorProfile } from '../../testing/simulator/options.js';

/** Not a real one, and of no use anywhere: it only fills the header. */
const madeUpClientKey = 'CLOCAL-MADEUP-ONLY00-NOSECRET';

/** What a notice is signed and sent with; the merchant's number is in the body alone. */
export const merchantProfile = (
  { profileId, serverKey }: { readonly profileId: number; readonly serverKey: string },
  clientKey: string = madeUpClientKey,
): SimulatorProfile => ({ profileId, serverKey, clientKey, merchantId: 1234 });
