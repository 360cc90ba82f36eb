export { isPayTabsError, PayTabsError, type PayTabsErrorCode } from '../errors.js';
export {
  type MessageLanguage,
  type NextStep,
  type ShopperMessage,
  shopperMessage,
} from '../messages/shopper-messages.js';
export { type Region, regions } from '../regions.js';
export { PayTabsFormError } from './form-error.js';
export { type LoadPaylibOptions, loadPaylib, PAYLIB_TIMEOUT_MS } from './load-paylib.js';
export { type PayWithFormOptions, payWithForm } from './pay-with-form.js';
export type {
  CardField,
  CardForm,
  InlineFormOptions,
  Paylib,
  PaylibReply,
} from './paylib.js';
