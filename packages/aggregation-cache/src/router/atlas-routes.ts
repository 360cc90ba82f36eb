import type { TagSet } from 'mongodb';

/** The cloud a node of Atlas runs in. */
export type AtlasProvider = 'AWS' | 'GCP' | 'AZURE';

const only = (tags: TagSet): readonly TagSet[] => Object.freeze([Object.freeze(tags)]);

/**
 * The tags that Atlas gives the members of its dedicated clusters by itself, ready for `members` of a
 * class. Each is a list, to be joined in the order of preference:
 * `members: [...atlasRoutes.region('AWS', 'US_EAST_1'), ...atlasRoutes.operational]`.
 * Written after the names that Atlas documents; not tried on a cluster of Atlas.
 */
export const atlasRoutes = Object.freeze({
  /** Nodes kept apart for reports and other long work; they never become the primary. */
  analytics: only({ nodeType: 'ANALYTICS' }),
  /** All nodes but those for analytics, for what users wait for. */
  operational: only({ workloadType: 'OPERATIONAL' }),
  /** Nodes that only serve reads near by; they never become the primary. */
  readOnly: only({ nodeType: 'READ_ONLY' }),
  /** Nodes that may become the primary, and are secondaries now. */
  electable: only({ nodeType: 'ELECTABLE' }),
  /** Operational nodes whose disk is warm: a node that was just added answers slowly for a while. */
  warm: only({ workloadType: 'OPERATIONAL', diskState: 'READY' }),
  /** Operational nodes of one region, such as `('AWS', 'US_EAST_2')`, by the provider's name for it as Atlas writes it. */
  region: (provider: AtlasProvider, region: string): readonly TagSet[] =>
    only({ workloadType: 'OPERATIONAL', provider, region }),
  /** Operational nodes of one availability zone, such as `use2-az1`, `us-east1-b`, or on Azure `1`. */
  availabilityZone: (availabilityZone: string): readonly TagSet[] =>
    only({ workloadType: 'OPERATIONAL', availabilityZone }),
});
