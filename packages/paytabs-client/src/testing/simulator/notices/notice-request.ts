import type { Notice } from './courier.js';
import { signBytes } from './sign.js';

/** One HTTP request, whole, before it is sent. */
export interface SignedRequest {
  readonly method: 'POST' | 'GET';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Absent: none. */
  readonly body?: Buffer;
}

/** What goes over the wire: the bytes, their signature, and the headers of the gateway. */
export function noticeRequest(notice: Notice): SignedRequest {
  const { url, body, profile } = notice;
  const signature = notice.signature ?? signBytes(profile.serverKey, body);
  return {
    method: 'POST',
    url,
    headers: {
      'user-agent': notice.userAgent ?? 'Go-http-client/1.1',
      'content-type': 'application/json',
      'client-key': profile.clientKey,
      ...(notice.signature === null ? {} : { signature }),
      'accept-encoding': 'gzip',
    },
    body,
  };
}
