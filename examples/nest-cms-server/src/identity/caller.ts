import type { ObjectId } from 'mongodb';

export const ROLES = ['client', 'employee', 'manager', 'admin', 'owner', 'auditor'] as const;
export type Role = (typeof ROLES)[number];

/** Who is asking. Services take it first. */
export interface Caller {
  readonly userId: ObjectId;
  readonly role: Role;
  readonly sessionId: string;
}
