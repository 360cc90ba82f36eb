import type { Document, Timestamp } from 'mongodb';

/** A place in the oplog. */
export interface Optime {
  readonly ts: Timestamp;
  /** Of the election of the primary that wrote it. */
  readonly term: number;
}

/** What a member of a replica set says of itself. */
export interface Hello {
  /** `host:port`, as the set knows it. */
  readonly me: string | undefined;
  readonly isPrimary: boolean;
  /** The newest operation that it has applied. */
  readonly applied: Optime;
  /** When the primary of that time wrote it, by the primary's calendar, in ms. */
  readonly wroteAt: number;
  /** By the member's own calendar, in ms. */
  readonly serverTime: number;
  /** Members of the set that may become the primary, so that each of them votes. */
  readonly electable: readonly string[];
  /** Other members that hold data and are not hidden: each may vote or not. */
  readonly passive: readonly string[];
}

/** @returns undefined for a server that is in no set, or has nothing yet */
export const readHello = (reply: Document): Hello | undefined => {
  const { me, isWritablePrimary, lastWrite, localTime, hosts, passives } = reply;
  const ts: unknown = lastWrite?.opTime?.ts;
  if ((ts as { _bsontype?: unknown } | undefined)?._bsontype !== 'Timestamp') return undefined;
  const wroteAt = Number(lastWrite.lastWriteDate);
  const serverTime = Number(localTime);
  if (!Number.isFinite(wroteAt) || !Number.isFinite(serverTime)) return undefined;
  return {
    me: typeof me === 'string' ? me : undefined,
    isPrimary: isWritablePrimary === true,
    applied: { ts: ts as Timestamp, term: Number(lastWrite.opTime.t ?? 0) },
    wroteAt,
    serverTime,
    electable: namesIn(hosts),
    passive: namesIn(passives),
  };
};

const namesIn = (list: unknown): readonly string[] =>
  Array.isArray(list) ? list.filter((name) => typeof name === 'string') : [];

/** Below 0 if `one` came before `other`. What was written in a later term came later, whatever its time. */
export const compareOptimes = (one: Optime, other: Optime): number =>
  one.term - other.term || one.ts.compare(other.ts);
