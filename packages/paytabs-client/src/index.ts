export { type CallOptions, PayTabsClient } from './client/paytabs-client.js';
export {
  isPayTabsError,
  PayTabsError,
  type PayTabsErrorCode,
  type PayTabsErrorDetails,
} from './errors.js';
export type { Operation, OperationKind, PayTabsEvents, RequestFacts } from './events.js';
export type {
  Customer,
  HostedPageRequest,
  QueryByCartRequest,
  QueryRequest,
  RefundRequest,
} from './gateway/requests.js';
export type {
  CartTransactions,
  HostedPage,
  PaymentInfo,
  Transaction,
  TransactionStatus,
  TransactionType,
  UnreadableRow,
} from './gateway/transaction.js';
export {
  INTENT_VERSION,
  type Intent,
  type IntentOutcome,
  type NewIntent,
  type WriteOperation,
} from './intents/intent.js';
export { type Currency, gatewayCurrencies, isCurrency } from './money/currencies.js';
export {
  addMoney,
  compareMoney,
  exponentOf,
  formatMajor,
  type Money,
  type MoneyJson,
  money,
  moneyFromJson,
  moneyToJson,
  parseMajor,
  sameMoney,
  subtractMoney,
} from './money/money.js';
export { type CallbackPayload, callbackSchema } from './notifications/callback-schema.js';
export {
  type Binding,
  type BindingSubject,
  checkBinding,
  type Expected,
  type Mismatch,
} from './notifications/check-binding.js';
export {
  createNotificationVerifier,
  type NotificationVerifierOptions,
} from './notifications/create-notification-verifier.js';
export {
  describeTransaction,
  type MeaningKind,
  type NotificationKind,
  type TransactionMeaning,
} from './notifications/meaning.js';
export {
  type NotificationFacts,
  type PayTabsNotification,
  readNotification,
} from './notifications/read-notification.js';
export { type BreakerTuning, CLIENT_DEFAULTS, type PayTabsClientOptions } from './options.js';
export type { IntentStore } from './ports/intent-store.js';
export { type Region, regions } from './regions.js';
export { MemoryIntentStore } from './stores/memory-intent-store.js';
export type { AnyDispatcher } from './transport/exchange.js';
