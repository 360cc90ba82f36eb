import type { Clock } from '@nestcms/circuit-breaker';
import { namespaceOf } from '../classes/collection-ref.js';
import { documentsOf } from '../classes/documents-of.js';
import type { PipelineClass } from '../classes/pipeline-class.js';
import { isElsewhere, type ResolvedReads, type ViewResolver } from '../classes/view-resolver.js';
import { AggregationCacheError, invalidOption } from '../errors.js';
import { digestOf, keyHeader } from '../keys/cache-key.js';
import { localKey } from '../keys/local-key.js';
import { type Question, readQuestion } from '../keys/question.js';
import { type MemoryKey, memoryKey, wordsOf } from '../memory/memory-key.js';
import type { Operation } from '../ports/source.js';
import { tellable, type Validated, validate } from '../validate-schema.js';
import {
  classDependency,
  collectionDependency,
  documentDependency,
  EVERYTHING,
  tagDependency,
  tenantDependency,
  wholeCollectionDependency,
} from '../validity/dependencies.js';

/** One question, ready to be looked up or asked; may be used again while {@link stillAsks}. */
export interface PreparedRead<Row> {
  readonly pipelineClass: PipelineClass<never, never, Row>;
  /** What is asked, read from what the key stands for when it is first wanted. */
  readonly operation: Operation;
  readonly key: string;
  /** The key of what this process keeps; see {@link localKey}. */
  readonly localKey: string;
  /** The same, as memory looks it up. */
  readonly memoryKey: MemoryKey;
  /** Everything it depends on, in one order, each once. */
  readonly dependencies: readonly string[];
  /** `database.collection` of what it reads, those behind views among them. */
  readonly collections: readonly string[];
  /** Of `collections`, those that the change stream of the database never names. */
  readonly unwatched: readonly string[];
  /** What makes it answer differently each time, if anything does. */
  readonly uncacheable: string | undefined;
  /** Wall-clock milliseconds at which the question becomes another, if `$$NOW` is frozen in it. */
  readonly frozenUntil: number | undefined;
  /** What was known of views when it was made. */
  readonly viewsRevision: number | undefined;
}

export interface ReadContext {
  readonly database: string;
  readonly ignoreUndefined: boolean;
  /** Keeps apart what shares a remote store. */
  readonly keyPrefix: string;
  readonly clock: Clock;
  /** Absent: every collection is taken for one, and for one of the ordinary kind. */
  readonly views?: ViewResolver | undefined;
}

/**
 * At once, unless the class's schema answers later, or a collection is met for the first time.
 * @throws TENANT_REQUIRED, INVALID_PARAMETERS, WRITE_STAGE, UNSUPPORTED_VALUE, and what the builder throws
 */
export const prepareRead = <Input, Params, Row>(
  pipelineClass: PipelineClass<Input, Params, Row>,
  input: Input,
  tenant: string | undefined,
  context: ReadContext,
): PreparedRead<Row> | Promise<PreparedRead<Row>> => {
  requireTenant(pipelineClass, tenant);
  const prepared = pipelineClass.isConstant ? recall(pipelineClass, tenant, context) : undefined;
  if (prepared !== undefined) return prepared as PreparedRead<Row>;
  const { params: schema } = pipelineClass;
  if (schema === undefined) {
    return prepare(pipelineClass, input as unknown as Params, tenant, context);
  }
  const checked = validate(schema, input);
  const go = (validated: Validated<Params>) =>
    prepare(pipelineClass, fitting(pipelineClass, validated), tenant, context);
  return checked instanceof Promise ? checked.then(go) : go(checked);
};

/** Whether a read that was prepared before still asks what its class would ask now. */
export const stillAsks = (read: PreparedRead<unknown>, { clock, views }: ReadContext): boolean =>
  (read.frozenUntil === undefined || clock.wallTime() < read.frozenUntil) &&
  read.viewsRevision === views?.revision;

/** @throws INVALID_OPTION, TENANT_REQUIRED */
const requireTenant = (
  { name, tenant: rule }: Pick<PipelineClass, 'name' | 'tenant'>,
  tenant: unknown,
): void => {
  if (tenant !== undefined && typeof tenant !== 'string') {
    // Whatever is no text may be one key for all, such as the null of a user without a tenant.
    throw invalidOption('tenant', tenant, 'a text');
  }
  if (rule === 'required' && (tenant === undefined || tenant === '')) {
    throw new AggregationCacheError(
      'TENANT_REQUIRED',
      `'${name}' keeps its tenants apart; a read must name one.`,
      { pipelineClass: name },
    );
  }
};

/**
 * From the parameters to the text of the question nothing waits, and what is asked later is read from that text.
 * Without a schema that begins within the call: changing the parameters afterwards changes nothing of this read.
 */
const prepare = <Input, Params, Row>(
  pipelineClass: PipelineClass<Input, Params, Row>,
  params: Params,
  tenant: string | undefined,
  context: ReadContext,
): PreparedRead<Row> | Promise<PreparedRead<Row>> => {
  const { database, keyPrefix: prefix, ignoreUndefined, views } = context;
  const { collection, freezeNowMs, dependsOn } = pipelineClass;
  const header = keyHeader({ database, collection, tenant, prefix, pipelineClass });
  const now = frozenNow(freezeNowMs, context.clock);
  const question = readQuestion(
    pipelineClass.build(params),
    { database, undefinedAs: ignoreUndefined ? 'nothing' : 'null', now },
    header,
  );
  const tags = pipelineClass.tags(params);
  const own = namespaceOf(collection, database);
  const reads = [
    ...question.findings.reads(),
    ...dependsOn.map((ref) => namespaceOf(ref, database)),
  ];
  const finish = (resolved: ResolvedReads): PreparedRead<Row> => {
    const read = new Prepared(
      pipelineClass as unknown as PipelineClass<never, never, Row>,
      question,
      { own, resolved, tenant, tags, joined: reads.includes(own) },
      question.findings.usedNow && now ? now.getTime() + (freezeNowMs ?? 0) : undefined,
      views?.revision,
    );
    if (pipelineClass.isConstant) remember(read, tenant, context);
    return read;
  };
  if (views === undefined) return finish(asOrdinary(own, reads));
  const resolved = views.resolve(own, reads);
  return resolved instanceof Promise ? resolved.then(finish) : finish(resolved);
};

/** The beginning of the span of time that now lies in. */
const frozenNow = (freezeNowMs: number | undefined, clock: Clock): Date | undefined => {
  if (freezeNowMs === undefined) return undefined;
  return new Date(Math.floor(clock.wallTime() / freezeNowMs) * freezeNowMs);
};

const asOrdinary = (own: string, reads: readonly string[]): ResolvedReads => {
  const collections = [...new Set([own, ...reads])].sort();
  return {
    collections,
    knowsDocuments: true,
    unwatched: collections.filter((name) => isElsewhere(own, name)),
    definitions: '',
    uncacheable: undefined,
  };
};

interface Surroundings {
  readonly own: string;
  readonly resolved: ResolvedReads;
  readonly tenant: string | undefined;
  readonly tags: readonly string[];
  /** Whether its own collection is also read elsewhere in it. */
  readonly joined: boolean;
}

class Prepared<Row> implements PreparedRead<Row> {
  readonly pipelineClass: PipelineClass<never, never, Row>;
  readonly key: string;
  readonly localKey: string;
  readonly memoryKey: MemoryKey;
  readonly dependencies: readonly string[];
  readonly collections: readonly string[];
  readonly unwatched: readonly string[];
  readonly uncacheable: string | undefined;
  readonly frozenUntil: number | undefined;
  readonly viewsRevision: number | undefined;
  readonly #question: Question;
  #operation: Operation | undefined;

  constructor(
    pipelineClass: PipelineClass<never, never, Row>,
    question: Question,
    around: Surroundings,
    frozenUntil: number | undefined,
    viewsRevision: number | undefined,
  ) {
    const { resolved, tags } = around;
    this.pipelineClass = pipelineClass;
    this.#question = question;
    // Tags too: who shares an answer has to share what makes it void.
    const named = tags.length === 0 ? '' : JSON.stringify([...tags].sort());
    const digest = digestOf(`${question.text}${resolved.definitions}${named}`);
    this.key = digest.toString('base64url');
    this.localKey = localKey(this.key, pipelineClass.rows);
    // Where no schema sets it apart, the hash of the question need not be hashed again.
    this.memoryKey = this.localKey === this.key ? wordsOf(digest) : memoryKey(this.localKey);
    this.dependencies = dependenciesOf(pipelineClass.name, question, around);
    this.collections = resolved.collections;
    this.unwatched = resolved.unwatched;
    this.uncacheable = question.findings.uncacheable ?? resolved.uncacheable;
    this.frozenUntil = frozenUntil;
    this.viewsRevision = viewsRevision;
  }

  get operation(): Operation {
    this.#operation ??= this.#question.operation();
    return this.#operation;
  }
}

const dependenciesOf = (
  name: string,
  { findings, collation }: Question,
  { own, resolved, tenant, tags, joined }: Surroundings,
): readonly string[] => {
  const ids =
    resolved.knowsDocuments && !joined && !collation ? documentsOf(findings.id) : undefined;
  const dependencies = [EVERYTHING, classDependency(name), ...tags.map(tagDependency)];
  if (tenant !== undefined) dependencies.push(tenantDependency(tenant));
  for (const collection of resolved.collections) {
    if (collection !== own || ids === undefined)
      dependencies.push(collectionDependency(collection));
    else dependencies.push(wholeCollectionDependency(own));
  }
  for (const id of ids ?? []) dependencies.push(documentDependency(own, id));
  return dependencies.sort();
};

/** @throws INVALID_PARAMETERS */
const fitting = <Params>(
  { name, personal }: Pick<PipelineClass, 'name' | 'personal'>,
  checked: Validated<Params>,
): Params => {
  if (checked.issues === undefined) return checked.value;
  const issues = tellable(checked.issues, personal);
  const places = issues.map(({ path, message }) => `${path || '(value)'}: ${message}`);
  throw new AggregationCacheError(
    'INVALID_PARAMETERS',
    `The parameters of '${name}' do not fit: ${places.join('; ')}.`,
    { pipelineClass: name, issues },
  );
};

type Recalled = Map<string | undefined, PreparedRead<unknown>>;

/** Reads of constant classes, by what they are prepared for. */
const prepared = new WeakMap<ReadContext, WeakMap<object, Recalled>>();

/** Tenants of one class for whom its read is kept ready. */
const MOST_TENANTS = 1_000;

const recall = (
  pipelineClass: object,
  tenant: string | undefined,
  context: ReadContext,
): PreparedRead<unknown> | undefined => {
  const read = prepared.get(context)?.get(pipelineClass)?.get(tenant);
  return read !== undefined && stillAsks(read, context) ? read : undefined;
};

const remember = (
  read: PreparedRead<unknown>,
  tenant: string | undefined,
  context: ReadContext,
): void => {
  let classes = prepared.get(context);
  if (classes === undefined) {
    classes = new WeakMap();
    prepared.set(context, classes);
  }
  let tenants = classes.get(read.pipelineClass);
  if (tenants === undefined || tenants.size >= MOST_TENANTS) {
    tenants = new Map();
    classes.set(read.pipelineClass, tenants);
  }
  tenants.set(tenant, read);
};
