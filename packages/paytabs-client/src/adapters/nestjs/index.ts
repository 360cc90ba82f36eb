export { InjectPayTabs, payTabsToken } from './inject-paytabs.js';
export type {
  PayTabsModuleAsyncOptions,
  PayTabsModuleOptions,
  PayTabsReconcileOptions,
} from './module-options.js';
export { PayTabsModule } from './paytabs.module.js';
export { type EndHandlerClass, PayTabsEndHandler, type TakesEnds } from './paytabs-end-handler.js';
export {
  type PayTabsAnswer,
  PayTabsExceptionFilter,
  payTabsAnswer,
} from './paytabs-exception.filter.js';
