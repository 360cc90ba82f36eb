/** Why the bytes of a body are not there. */
export type UnreadReason = 'body-too-large' | 'body-not-raw' | 'body-timeout' | 'server-busy';

const reasons: readonly UnreadReason[] = [
  'body-too-large',
  'body-not-raw',
  'body-timeout',
  'server-busy',
];

/** Stands in for the bytes of a body that was not read to its end. Known to every copy of this package. */
export type UnreadBody = symbol & { readonly unread?: never };

export function unreadBody(reason: UnreadReason): UnreadBody {
  return Symbol.for(`@nestcms/webhook-security.${reason}`);
}

const byMark = new Map<unknown, UnreadReason>(reasons.map((one) => [unreadBody(one), one]));

/** Why a body was not read, if it was not. */
export function unreadReason(body: unknown): UnreadReason | undefined {
  return byMark.get(body);
}
