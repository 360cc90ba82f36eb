export type { Agreements, CancelAgreementRequest } from './client/agreements.js';
export type { CallOptions } from './client/call-options.js';
export type { InvoiceOpened, InvoiceOutcome, Invoices } from './client/invoices.js';
export type { Links } from './client/links.js';
export type {
  ChargeOutcome,
  Completed,
  Done,
  FollowUpOutcome,
  OutcomeUnknown,
  PageOpened,
  PageOutcome,
  WriteUnknown,
} from './client/outcomes.js';
export { PayTabsClient } from './client/paytabs-client.js';
export type { ReconcileLoopOptions, RoundFailure } from './client/reconcile-loop.js';
export type {
  EndHandler,
  ReconcileFailure,
  ReconcileOptions,
  ReconcileReport,
} from './client/reconciler.js';
export type {
  Sadad,
  SadadInquiryRequest,
  SadadOpened,
  SadadOutcome,
  SadadRequest,
} from './client/sadad.js';
export type { TokenRequest, Tokens } from './client/tokens.js';
export type { Valu, ValuInquiryRequest } from './client/valu.js';
export { CLIENT_DEFAULTS, RECONCILE_DEFAULTS } from './defaults.js';
export {
  isPayTabsError,
  PayTabsError,
  type PayTabsErrorCode,
  type PayTabsErrorDetails,
} from './errors.js';
export type { Operation, OperationKind, PayTabsEvents, RequestFacts } from './events.js';
export type { Acknowledgement } from './gateway/acknowledgement.js';
export { type Balance, balanceOf } from './gateway/balance-of.js';
export type {
  CreatedInvoice,
  InvoiceRow,
  InvoiceStanding,
  InvoiceStatus,
  MarkedInvoice,
} from './gateway/invoice-reply.js';
export type { PayLink, SadadBill, SadadInquiry, ValuInquiry } from './gateway/loose-reply.js';
export type { Mode } from './gateway/mode.js';
export type { TokenDetails } from './gateway/token-reply.js';
export type {
  CartTransactions,
  HostedPage,
  PaymentInfo,
  Transaction,
  TransactionStatus,
  TransactionType,
  UnreadableRow,
} from './gateway/transaction.js';
export type { AmountRange } from './intents/amount-range.js';
export {
  type Checks,
  type DisputeReason,
  type EndedIntent,
  type EndState,
  hasEnded,
  INTENT_VERSION,
  type Intent,
  type IntentKey,
  type IntentState,
  type IntentSubject,
  type SeenTransaction,
  type UnknownReason,
  type WriteOperation,
} from './intents/intent.js';
export type { ReconcileRules } from './intents/reconcile-rules.js';
export {
  type MessageLanguage,
  type NextStep,
  type ShopperMessage,
  shopperMessage,
} from './messages/shopper-messages.js';
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
export type {
  Confirmation,
  Confirmed,
  ConfirmedPaid,
  NoticeClaim,
  Unconfirmed,
} from './notifications/confirm-notice.js';
export {
  createNotificationVerifier,
  type NotificationVerifierOptions,
} from './notifications/create-notification-verifier.js';
export {
  createReturnVerifier,
  type ReturnVerifierOptions,
} from './notifications/create-return-verifier.js';
export { type EffectSubject, effectKey } from './notifications/effect-key.js';
export {
  describeTransaction,
  type MeaningKind,
  type NoticeMeaning,
  type NotificationKind,
  type TransactionMeaning,
} from './notifications/meaning.js';
export {
  type NotificationFacts,
  type PayTabsNotification,
  readNotification,
} from './notifications/read-notification.js';
export { type PayTabsReturn, type ReturnKind, readReturn } from './notifications/read-return.js';
export type {
  ChargeCardRequest,
  ChargeManagedFormRequest,
  ChargeTokenRequest,
  ChargeWalletRequest,
} from './operations/charges.js';
export type { FollowUpRequest } from './operations/follow-ups.js';
export type { HostedPageRequest } from './operations/hosted-page.js';
export type { InvoiceDetails } from './operations/invoice-fields.js';
export type {
  CreateInvoiceRequest,
  InvoiceRequest,
  MarkInvoicePaidRequest,
  SearchInvoicesRequest,
  SendInvoiceSmsRequest,
} from './operations/invoices.js';
export type { CreateLinkRequest, UpdateLinkRequest, ViewLinkRequest } from './operations/links.js';
export type { QueryByCartRequest, QueryRequest } from './operations/queries.js';
export type { Customer } from './operations/request-fields.js';
export type { SaveCard, SavedCard } from './operations/saved-card.js';
export type { ApplePayToken } from './operations/wallet-token.js';
export type { BreakerTuning, BulkheadTuning, PayTabsClientOptions } from './options.js';
export type { DueFilter, IntentStore } from './ports/intent-store.js';
export { type Region, regions } from './regions.js';
export { MemoryIntentStore } from './stores/memory-intent-store.js';
export type { AnyDispatcher } from './transport/exchange.js';
