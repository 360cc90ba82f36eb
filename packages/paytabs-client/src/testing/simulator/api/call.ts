import type { Gateway } from '../gateway.js';
import type { SimulatorProfile } from '../options.js';
import type { Body } from './payment-fields.js';

/** One call of the API by a merchant who is known. */
export interface Call {
  readonly gateway: Gateway;
  readonly profile: SimulatorProfile;
  /** The host that was called. */
  readonly baseUrl: string;
  readonly body: Body;
  /** The variable parts of the path. */
  readonly params: readonly string[];
}
