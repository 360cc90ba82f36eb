export {
  type BookDifference,
  type CartBooks,
  compareBooks,
  type MerchantBooks,
  type MovementKind,
} from './compare-books.js';
export {
  type IntentStoreCheck,
  intentStoreConformance,
} from './conformance/intent-store-conformance.js';
export type {
  BankAction,
  BankBehaviour,
  BankQuestion,
  BankRule,
} from './simulator/bank/behaviour.js';
export {
  type TestCard,
  type TestCardName,
  testCards,
} from './simulator/bank/cards.js';
export type { IssuerDecision, IssuerLogEntry, SimulatorMode } from './simulator/bank/issuer.js';
export type { CustomerFields, LedgerEntry, TransactionKind } from './simulator/books/ledger.js';
export type { LoggedRequest } from './simulator/books/request-log.js';
export type { Dashboard } from './simulator/dashboard.js';
export type {
  Fault,
  FaultQuestion,
  FaultRoute,
  FaultRule,
  Faults,
} from './simulator/faults.js';
export type { GatewaySettings } from './simulator/gateway.js';
export type { Legs } from './simulator/legs.js';
export type { Delivery } from './simulator/notices/courier.js';
export type { NoticeMutation } from './simulator/notices/mutate-notice.js';
export type { NoticeOrder } from './simulator/notices/notifier.js';
export type { ReturnVariants } from './simulator/notices/sign.js';
export type { SimulatorOptions, SimulatorProfile } from './simulator/options.js';
export type { Rates } from './simulator/payments/convert.js';
export type { FollowUpKind } from './simulator/payments/follow-up.js';
export type { RedeliverOptions } from './simulator/redeliver.js';
export { type ShopperChoice, type ShopperVisit, visitHostedPage } from './simulator/shopper.js';
export type { Bank, Simulator } from './simulator/simulator.js';
export { startSimulator } from './simulator/start-simulator.js';
