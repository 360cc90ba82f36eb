export { type CertificateKeysOptions, createCertificateKeys } from './certificate-keys.js';
export { confirmSubscription } from './confirm-subscription.js';
export type { FetchLike } from './fetch-text.js';
export { createJwksKeys, type JwksKeysOptions } from './jwks-keys.js';
export {
  type AddressListEvent,
  createRemoteAddressSet,
  type RemoteAddressSet,
  type RemoteAddressSetOptions,
} from './remote-address-set.js';
export type { RemoteOptions } from './remote-options.js';
