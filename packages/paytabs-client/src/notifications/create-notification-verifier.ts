import {
  createWebhookVerifier,
  payTabsCallback,
  type WebhookVerifier,
  type WebhookVerifierOptions,
} from '@nestcms/webhook-security';
import { PayTabsError } from '../errors.js';
import { payloadSchema } from './payload-schema.js';
import { type PayTabsNotification, readNotification } from './read-notification.js';
import { verifyByProfile } from './verify-by-profile.js';

export interface NotificationVerifierOptions
  extends Omit<WebhookVerifierOptions<PayTabsNotification>, 'scheme' | 'payload' | 'keys'> {
  /**
   * The profile's server keys, newest first: the gateway signs with the key that the client sends. For several profiles
   * behind one address, the keys of each by its id, `{ 98765: [key], 98766: [key] }`: then no key vouches for a notice
   * that names another profile than its own.
   */
  readonly keys: readonly string[] | Readonly<Record<number, readonly string[]>>;
}

type Common = Omit<NotificationVerifierOptions, 'keys'>;

const isList = (keys: NotificationVerifierOptions['keys']): keys is readonly string[] =>
  Array.isArray(keys);

/**
 * The verifier of the gateway's callbacks and of its IPNs (the type "Default Web"), which are alike: signature over the raw bytes, age, and a payload that is a
 * {@link PayTabsNotification} already. What it accepts is what the gateway reports; paid it is once a query says so.
 * @throws WebhookSecurityError for an impossible option
 * @throws PayTabsError INVALID_OPTION for keys of what is no profile
 */
export function createNotificationVerifier(
  options: NotificationVerifierOptions,
): WebhookVerifier<PayTabsNotification> {
  const { keys, ...common } = options;
  if (isList(keys)) return verifierOf(common, keys, readNotification);
  const verifiers = Object.entries(keys ?? {}).map(
    ([id, own]) => [profileOf(id), verifierOf(common, own, onlyOf(profileOf(id)))] as const,
  );
  const [first] = verifiers;
  // Without any it is for the verifier to say what is missing.
  if (first === undefined) return verifierOf(common, [], readNotification);
  return verifyByProfile(new Map(verifiers), first[1]);
}

const verifierOf = (
  common: Common,
  keys: readonly string[],
  read: (payload: unknown) => PayTabsNotification,
) =>
  createWebhookVerifier({
    ...common,
    keys,
    scheme: payTabsCallback(),
    payload: payloadSchema(read, 'is no notice of the gateway'),
  });

function profileOf(id: string): number {
  if (/^[1-9]\d{0,14}$/.test(id)) return Number(id);
  throw new PayTabsError('INVALID_OPTION', 'keys: must be a list, or lists by the id of a profile');
}

const onlyOf =
  (profileId: number) =>
  (payload: unknown): PayTabsNotification => {
    const notice = readNotification(payload);
    if (notice.profileId === profileId) return notice;
    throw new PayTabsError('UNEXPECTED_REPLY', 'The notice is about another profile');
  };
