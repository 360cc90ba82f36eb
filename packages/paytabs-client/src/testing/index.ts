export {
  type IntentStoreCheck,
  intentStoreConformance,
} from './conformance/intent-store-conformance.js';
export {
  type TestCard,
  type TestCardName,
  testCards,
} from './simulator/cards.js';
export type { Fault, FaultRoute, Faults } from './simulator/faults.js';
export type { IssuerDecision, IssuerLogEntry, SimulatorMode } from './simulator/issuer.js';
export type { LedgerEntry } from './simulator/ledger.js';
export type { Delivery } from './simulator/notices/courier.js';
export type { SimulatorOptions, SimulatorProfile } from './simulator/options.js';
export type { NoticeMutation, RedeliverOptions } from './simulator/redeliver.js';
export type { LoggedRequest } from './simulator/request-log.js';
export { type ShopperChoice, type ShopperVisit, visitHostedPage } from './simulator/shopper.js';
export type { Simulator } from './simulator/simulator.js';
export { startSimulator } from './simulator/start-simulator.js';
