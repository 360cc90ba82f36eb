import type { EventSink } from '../cache/events.js';
import type { AnyPipelineClass } from '../classes/pipeline-class.js';
import type { OpaqueKind, TopologyView } from './topology-view.js';

/** What is not as the classes want it. */
export type TopologyNotice = OpaqueKind | 'tagsMissing';

const OPAQUE: Readonly<Record<OpaqueKind, string>> = {
  standalone:
    'The server is in no replica set: it answers every class itself, and knows no time that a read could be as of.',
  singleMember:
    'The client is connected to one member alone: it answers every class, whatever members the class wants.',
  sharded:
    'The server is a sharded cluster: its routers choose members by the wanted tags, and breakers and lag of a single member are not known.',
  loadBalanced:
    'The server is behind a load balancer, which chooses who answers: wanted members, their breakers and their lag are not known.',
};

interface Told {
  readonly notice: TopologyNotice;
  readonly message: string;
  readonly pipelineClass: string | undefined;
}

/** Tells once, in plain words, what the topology does not have. */
export class TopologyNotices {
  readonly #events: EventSink;
  readonly #checked = new WeakSet<object>();
  readonly #told = new Set<string>();

  constructor(events: EventSink) {
    this.#events = events;
  }

  /** A class is read for the first time, as far as the topology is known. */
  check(pipelineClass: AnyPipelineClass, view: TopologyView, absent: readonly string[]): void {
    if (view.members.length === 0 || this.#checked.has(pipelineClass)) return;
    this.#checked.add(pipelineClass);
    this.tell(view, pipelineClass, absent);
  }

  /** @returns the sentences, be it that they were told before */
  tell(
    view: TopologyView,
    pipelineClass: AnyPipelineClass | undefined,
    absent: readonly string[],
  ): readonly string[] {
    const notices = noticesOf(view, pipelineClass?.name, absent);
    for (const notice of notices) {
      if (this.#told.has(notice.message)) continue;
      this.#told.add(notice.message);
      this.#events.emit('topologyNoticed', notice);
    }
    return notices.map(({ message }) => message);
  }
}

const noticesOf = (
  { members, opaqueKind }: TopologyView,
  pipelineClass: string | undefined,
  absent: readonly string[],
): readonly Told[] => {
  // Of whom nobody is reached, nobody lacks a tag.
  if (members.length === 0) return [];
  if (opaqueKind !== undefined) {
    return [{ notice: opaqueKind, message: OPAQUE[opaqueKind], pipelineClass: undefined }];
  }
  return absent
    .filter((tags) => tags !== 'primary')
    .map((tags) => ({
      notice: 'tagsMissing',
      message: `No secondary that can be reached has the tags ${tags}: '${pipelineClass}' is read from what else it allows.`,
      pipelineClass,
    }));
};
