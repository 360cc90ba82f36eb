import type { Document } from 'mongodb';
import { QuestionWriter } from '../keys/question-writer.js';
import { Findings } from './findings.js';
import { STAGES } from './stages.js';

/** What a pipeline says about itself. */
export interface PipelineAnalysis {
  /** `database.collection` of everything it reads, beside its own collection. */
  readonly reads: ReadonlySet<string>;
  /**
   * The first thing in it whose answer differs from call to call or from caller to caller, if any. A stage that
   * is not known counts, for what it reads cannot be seen.
   */
  readonly uncacheable: string | undefined;
}

/**
 * @throws WRITE_STAGE if it writes, at any depth
 * @throws UNSUPPORTED_VALUE for what BSON cannot hold
 */
export const analysePipeline = (
  pipeline: readonly Document[],
  database: string,
): PipelineAnalysis => {
  const findings = new Findings(database);
  const { onNote, onVariable } = findings;
  new QuestionWriter({ undefinedAs: 'null', onNote, onVariable }).add('pipeline', pipeline, STAGES);
  return { reads: findings.reads(), uncacheable: findings.uncacheable };
};
