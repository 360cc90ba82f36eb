import type { Document } from 'mongodb';

/** One step of a plan. Names only: no value of the question is part of it. */
export interface PlanStage {
  /** As the server calls it, such as `COLLSCAN`, `IXSCAN`, `SORT`, `EQ_LOOKUP` or `$group`. */
  readonly stage: string;
  /** `database.collection` that it reads; of a lookup the one that it looks into. */
  readonly collection?: string | undefined;
  /** The name of the index that it uses. */
  readonly index?: string | undefined;
  /** How a lookup finds its documents, such as `IndexedLoopJoin`, `HashJoin`, `NestedLoopJoin`. */
  readonly strategy?: string | undefined;
  /** The fields that it filters or sorts by; of a lookup the one that it looks for. */
  readonly fields?: readonly string[] | undefined;
}

/** How a server goes about a question. */
export interface QueryPlan {
  /** What is done first stands first; each different step once, however often and on however many shards. */
  readonly stages: readonly PlanStage[];
  /** The collections that are looked through document by document, for want of an index. */
  readonly scans: readonly string[];
  /** The names of the indexes in use. */
  readonly indexes: readonly string[];
  /** The same for all questions of one shape; `queryHash` of servers before 8.0. */
  readonly planCacheShapeHash?: string | undefined;
  /** The names of the shards that are asked; absent where there are none. */
  readonly shards?: readonly string[] | undefined;
}

/** The essence of what the server answers to `explain`, of the classic engine, of SBE and of a sharded cluster. */
export const queryPlanOf = (explained: Document): QueryPlan => {
  const reading = new PlanReading();
  reading.answer(explained);
  return reading.plan();
};

/** Where a node of a plan has the nodes that it gets its documents from. */
const INPUTS = ['inputStage', 'inputStages'];

/** Where a pipeline has the plan of its beginning. */
const CURSORS = new Set(['$cursor', '$geoNearCursor']);

/** Walks down by known names alone: elsewhere in the answer are the values of the question. */
class PlanReading {
  readonly #stages = new Map<string, PlanStage>();
  readonly #shards = new Set<string>();
  #shapeHash: string | undefined;

  plan(): QueryPlan {
    const stages = [...this.#stages.values()];
    return {
      stages,
      scans: distinct(stages.filter(isScan).map(({ collection }) => collection)),
      indexes: distinct(stages.map(({ index }) => index)),
      planCacheShapeHash: this.#shapeHash,
      shards: this.#shards.size === 0 ? undefined : [...this.#shards],
    };
  }

  /** Of one server: its whole answer, or that of a shard in it. */
  answer({ queryPlanner, stages, shards, splitPipeline }: Document): void {
    this.#planner(queryPlanner);
    for (const [name, answer] of Object.entries(objectOf(shards))) {
      this.#shards.add(name);
      this.answer(objectOf(answer));
    }
    this.#pipeline(stages);
    this.#pipeline(objectOf(splitPipeline).mergerPart);
  }

  #planner(planner: unknown): void {
    const { namespace, winningPlan, planCacheShapeHash, queryHash } = objectOf(planner);
    this.#shapeHash ??= textOf(planCacheShapeHash) ?? textOf(queryHash);
    const { queryPlan, ...node } = objectOf(winningPlan);
    this.#node(queryPlan ?? node, textOf(namespace));
  }

  #node(given: unknown, namespace: string | undefined): void {
    const node = objectOf(given);
    for (const input of INPUTS.flatMap((name) => node[name] ?? [])) this.#node(input, namespace);
    for (const shard of listOf(node.shards)) {
      const name = textOf(objectOf(shard).shardName);
      if (name !== undefined) this.#shards.add(name);
      this.#planner(shard);
    }
    const stage = textOf(node.stage);
    if (stage !== undefined) this.#add(stageOf(stage, node, namespace));
  }

  /** What comes after the plan, or around it. */
  #pipeline(stages: unknown): void {
    for (const given of listOf(stages)) {
      const [name, body] = Object.entries(objectOf(given)).find(([key]) => key[0] === '$') ?? [];
      if (name === undefined) continue;
      const { queryPlanner, pipeline, sortKey } = objectOf(body);
      if (CURSORS.has(name)) this.#planner(queryPlanner);
      if (name === '$unionWith') this.#pipeline(pipeline);
      if (name !== '$cursor') {
        this.#add({ stage: name, fields: name === '$sort' ? keysOf(sortKey) : undefined });
      }
    }
  }

  #add(stage: PlanStage): void {
    this.#stages.set(JSON.stringify(stage), stage);
  }
}

const stageOf = (stage: string, node: Document, namespace: string | undefined): PlanStage => {
  const foreign = textOf(node.foreignCollection);
  const foreignField = textOf(node.foreignField);
  const index = textOf(node.indexName);
  return {
    stage,
    collection: foreign ?? (reads(stage) ? namespace : undefined),
    index: index ?? (stage === 'IDHACK' ? '_id_' : undefined),
    strategy: textOf(node.strategy),
    fields:
      foreignField === undefined
        ? (keysOf(node.sortPattern) ?? fieldsOf(node.filter))
        : [foreignField],
  };
};

/** Scans of a collection or of an index, and the look for one `_id`. */
const reads = (stage: string): boolean => stage.endsWith('SCAN') || stage === 'IDHACK';

/** A lookup of these strategies reads the other collection as a whole. */
const WHOLE = new Set<string | undefined>(['HashJoin', 'NestedLoopJoin']);

/** Whether it looks through its collection document by document. */
export const isScan = ({ stage, strategy }: PlanStage): boolean =>
  stage === 'COLLSCAN' || WHOLE.has(strategy);

/** The fields that a filter names, at any depth of its `$and`, `$or` and `$nor`. */
const fieldsOf = (filter: unknown): readonly string[] | undefined => {
  const fields = Object.entries(objectOf(filter)).flatMap(([key, value]) => {
    if (!key.startsWith('$')) return [key];
    return ['$and', '$or', '$nor'].includes(key)
      ? listOf(value).flatMap((branch) => fieldsOf(branch) ?? [])
      : [];
  });
  return fields.length === 0 ? undefined : distinct(fields);
};

const keysOf = (pattern: unknown): readonly string[] | undefined => {
  const keys = Object.keys(objectOf(pattern)).filter((key) => !key.startsWith('$'));
  return keys.length === 0 ? undefined : keys;
};

const distinct = (texts: readonly (string | undefined)[]): readonly string[] => [
  ...new Set(texts.filter((text) => text !== undefined)),
];

const objectOf = (value: unknown): Document => (isObject(value) ? value : {});

const isObject = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' ? value : undefined;
