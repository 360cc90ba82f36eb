import type { CircuitState } from '@nestcms/circuit-breaker';
import type { Document, TagSet, Timestamp } from 'mongodb';
import type { AggregationOptions, AnyPipelineClass } from '../classes/define-pipeline-class.js';
import type { CausalToken } from '../validity/causal-token.js';

/** The member that answered. */
export interface ServedBy {
  /** `host:port`. */
  readonly address: string;
  readonly tags: TagSet;
}

export interface SourceRequest {
  readonly pipelineClass: AnyPipelineClass;
  readonly pipeline: Document[];
  readonly options: AggregationOptions;
  /** The rows must not be older than this. */
  readonly after?: CausalToken | undefined;
}

export interface SourceAnswer {
  /** One BSON document each, the whole result: the cursor ended well. */
  readonly rows: readonly Uint8Array[];
  readonly member: ServedBy;
  /** The rows are no older than this; absent if nothing was asked for, or it could not be had. */
  readonly asOf?: Timestamp | undefined;
  /** False if even the primary did not know the time asked for: the rows may be answered, but not kept. */
  readonly storable: boolean;
}

/** Where rows come from when no tier has them. */
export interface Source {
  fetch(request: SourceRequest): Promise<SourceAnswer>;
  /** The point the primary has reached now. Undefined if there is no such thing, or it cannot be had. */
  currentPoint(): Promise<CausalToken | undefined>;
  /** The breakers of the members met so far. */
  members(): readonly { readonly member: string; readonly breaker: CircuitState }[];
  close(): void;
}
