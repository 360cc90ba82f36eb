import { noticeBody, returnFields, returnQuery } from '../../testing/simulator/bodies.js';
import type { LedgerEntry } from '../../testing/simulator/books/ledger.js';
import { mutateNotice } from '../../testing/simulator/notices/mutate-notice.js';
import {
  noticeRequest,
  type SignedRequest,
} from '../../testing/simulator/notices/notice-request.js';
import { goJson, signReturn } from '../../testing/simulator/notices/sign.js';
import type { SimulatorProfile } from '../../testing/simulator/options.js';
import type { Forgery } from './forgeries.js';
import { type Override, setField } from './set-field.js';

/** What is to be sent, and where to. */
export interface RequestWish {
  readonly url: string;
  readonly profile: SimulatorProfile;
  readonly overrides: readonly Override[];
  readonly forgery: Forgery | undefined;
}

/** A callback or an IPN, which are alike. */
export function buildNotice(
  entry: LedgerEntry,
  { ipnTrace, url, profile, overrides, forgery }: RequestWish & { readonly ipnTrace: string },
): SignedRequest {
  const body = overrides.reduce(
    setField,
    noticeBody(entry, { profile, ipnTrace, decimals: 'currency' }),
  );
  const notice = { tranRef: entry.tranRef, url, profile, body: Buffer.from(goJson(body)) };
  return noticeRequest(forgery === undefined ? notice : mutateNotice(notice, forgery));
}

/** What a browser brings back, by form or in the address. */
export function buildReturn(
  entry: LedgerEntry,
  { byGet, origin, ...wish }: RequestWish & { readonly byGet: boolean; readonly origin: string },
): SignedRequest {
  const asked = wish.overrides.reduce(setField, byGet ? returnQuery(entry) : returnFields(entry));
  const fields = signed(asked as Record<string, string>, wish);
  const headers = { 'user-agent': 'Mozilla/5.0', accept: 'text/html' };
  if (byGet) {
    const url = new URL(wish.url);
    for (const [name, value] of Object.entries(fields)) url.searchParams.append(name, value);
    return { method: 'GET', url: url.href, headers };
  }
  return {
    method: 'POST',
    url: wish.url,
    headers: { ...headers, origin, 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(new URLSearchParams(fields).toString()),
  };
}

function signed(
  fields: Readonly<Record<string, string>>,
  { profile, forgery }: RequestWish,
): Readonly<Record<string, string>> {
  if (forgery === 'unsigned') return fields;
  const key = forgery === 'forged' ? 'not the server key' : profile.serverKey;
  const good = signReturn(key, fields);
  return forgery === 'tampered' ? { ...good, cartId: `${fields.cartId}-other` } : good;
}
