import type { Document } from 'mongodb';
import { definePipelineClass, type PipelineClass } from '../../src/index.js';
import type { SourceRequest } from '../../src/ports/source.js';
import type { Mode } from './history.js';

export const DATABASE = 'shop';
export const MODES = ['strict', 'bounded', 'eventual'] as const;
export const SHAPES = ['one', 'all', 'joined'] as const;

export type Shape = (typeof SHAPES)[number];

export interface Row {
  readonly key: string;
  readonly write: number;
}

export type SimulatedClass = PipelineClass<number, number, Row>;

const ID: readonly number[] = [1, 2];

/** All that can be written and read. */
export const KEYS: readonly string[] = [...ID.map((id) => `contracts:${id}`), 'payments:1'];

/** One document; a whole collection, kept for a short time and answered past it; two collections. */
const PIPELINES: Readonly<Record<Shape, (id: number) => Document[]>> = {
  one: (id) => [{ $match: { _id: id } }],
  all: () => [{ $sort: { _id: 1 } }],
  joined: (id) => [
    { $match: { _id: id } },
    { $lookup: { from: 'payments', localField: 'payment', foreignField: '_id', as: 'payments' } },
  ],
};

const LIVES: Readonly<Record<Shape, object>> = {
  one: { ttlMs: 60_000 },
  all: { ttlMs: 700, staleWhileRevalidateMs: 500, staleIfErrorMs: 2_000, softTimeoutMs: 20 },
  joined: { ttlMs: 5_000 },
};

/** What an answer is marked with. The one question about all contracts has a tag for each number it is asked with. */
export const tagOf = (id: number): string => `contract ${id}`;

export const TENANTS: readonly string[] = ['north', 'south'];

export const nameOf = (shape: Shape, mode: Mode): string => `${shape}-${mode}`;

const define = (shape: Shape, mode: Mode): SimulatedClass =>
  definePipelineClass<number, Row>({
    name: nameOf(shape, mode),
    collection: 'contracts',
    pipeline: PIPELINES[shape],
    mode,
    tags: (id) => [tagOf(id)],
    ...LIVES[shape],
  });

const CLASSES: ReadonlyMap<string, SimulatedClass> = new Map(
  SHAPES.flatMap((shape) =>
    MODES.map((mode) => [nameOf(shape, mode), define(shape, mode)] as const),
  ),
);

export const classOf = (shape: Shape, mode: Mode): SimulatedClass =>
  CLASSES.get(nameOf(shape, mode)) as SimulatedClass;

/** What a question is about. */
export const keysRead = (shape: Shape, id: number): readonly string[] => {
  const contract = `contracts:${id}`;
  if (shape === 'one') return [contract];
  if (shape === 'joined') return [contract, 'payments:1'];
  return ID.map((each) => `contracts:${each}`);
};

/** What a member has to look at to answer. */
export const keysOf = ({ pipelineClass, operation }: SourceRequest): readonly string[] => {
  const [shape] = pipelineClass.name.split('-') as [Shape];
  const pipeline = operation.kind === 'aggregate' ? operation.pipeline : [];
  return keysRead(shape, Number(pipeline[0]?.$match?._id));
};
