/** In the order in which they are shown. */
export const gatewayChecks = ['reach', 'clock', 'region', 'profile', 'currency', 'mode'] as const;
export const callbackChecks = ['callback-address', 'callback-answer', 'callback-forged'] as const;

export type CheckName =
  | 'key'
  | 'proxy'
  | (typeof gatewayChecks)[number]
  | (typeof callbackChecks)[number];

/** What one look has shown. */
export interface Check {
  readonly name: CheckName;
  readonly status: 'ok' | 'warning' | 'failed' | 'skipped';
  /** One sentence. Holds no key, no URL with a password, nothing of a customer. */
  readonly says: string;
  /** What to do about it. */
  readonly todo?: string;
}

/** What was not looked at, for this reason. */
export const skip = (names: readonly CheckName[], says: string): Check[] =>
  names.map((name) => ({ name, status: 'skipped', says }));

type Finding = Omit<Check, 'name'>;

export const ok = (says: string): Finding => ({ status: 'ok', says });
export const warning = (says: string, todo: string): Finding => ({ status: 'warning', says, todo });
export const failed = (says: string, todo: string): Finding => ({ status: 'failed', says, todo });
export type { Finding };
