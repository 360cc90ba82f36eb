export { InMemoryRemote } from './in-memory-remote.js';
export {
  type ConformanceCheck,
  type RemoteStoreFixture,
  remoteStoreConformance,
} from './remote-store-conformance.js';
