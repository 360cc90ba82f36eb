import { AsyncLocalStorage } from 'node:async_hooks';

/** What belongs to the request (or the event) that is being worked on. */
export interface RequestContext {
  readonly requestId: string;
}

export const requestContext = new AsyncLocalStorage<RequestContext>();

/** Id of the request being worked on, or `none` outside of one. */
export function currentRequestId(): string {
  return requestContext.getStore()?.requestId ?? 'none';
}
