import type { WebhookRequest, WebhookVerifier } from '@nestcms/webhook-security';
import type { PayTabsNotification } from './read-notification.js';

/** A verifier of each profile; it must refuse notices that name another one. */
export type ProfileVerifiers = ReadonlyMap<number, WebhookVerifier<PayTabsNotification>>;

/**
 * One verifier in the place of many: the profile that a notice names chooses the one that judges it. Nothing is proven
 * by that name; a notice of a profile that is not known goes to any of them, and is refused.
 */
export function verifyByProfile(
  verifiers: ProfileVerifiers,
  first: WebhookVerifier<PayTabsNotification>,
): WebhookVerifier<PayTabsNotification> {
  const { scheme, maxBytes } = first;
  const of = (request: WebhookRequest) =>
    verifiers.get(profileNamedIn(request, maxBytes) ?? Number.NaN) ?? first;
  return Object.freeze({
    scheme,
    maxBytes,
    verify: (request: WebhookRequest) => of(request).verify(request),
    verifySync: (request: WebhookRequest) => of(request).verifySync(request),
    refuse: first.refuse.bind(first),
  });
}

/** Undefined for whatever is no notice: a verifier will say so. */
function profileNamedIn(request: WebhookRequest, maxBytes: number): number | undefined {
  try {
    const { body } = request;
    if (body.byteLength > maxBytes) return undefined;
    const notice: unknown = JSON.parse(new TextDecoder().decode(body));
    return Number((notice as { readonly profile_id?: unknown }).profile_id);
  } catch {
    return undefined;
  }
}
