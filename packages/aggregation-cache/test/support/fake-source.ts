import { BSON, type Document, type Timestamp } from 'mongodb';
import type {
  PointTeller,
  ServedBy,
  Source,
  SourceAnswer,
  SourceRequest,
  SourceStream,
} from '../../src/ports/source.js';
import type { CausalToken } from '../../src/validity/causal-token.js';

/** A database of one value, which tests change and hold up as they need. */
export class FakeSource implements Source {
  /** What a question that is answered now gets. */
  rows: readonly Document[] = [{ value: 'old' }];
  /** Called for each question after it has taken its rows, before it answers. */
  beforeAnswer: (request: SourceRequest) => Promise<void> = async () => {};
  explain?: NonNullable<Source['explain']>;
  point: CausalToken | undefined;
  storable = true;
  readonly requests: SourceRequest[] = [];
  readonly member: ServedBy = { address: 'fake:1', tags: { replica: 'replica1' } };

  async fetch(request: SourceRequest): Promise<SourceAnswer> {
    this.requests.push(request);
    // A member answers with what it had when it was asked, however long the answer takes.
    const rows = this.rows.map((row) => BSON.serialize(row));
    await this.beforeAnswer(request);
    const asOf: Timestamp | undefined = request.after?.operationTime;
    return { rows, member: this.member, asOf, storable: this.storable };
  }

  /** A batch for each row. */
  async fetchStream(request: SourceRequest): Promise<SourceStream> {
    const { rows, ...header } = await this.fetch(request);
    const batches = (async function* () {
      for (const row of rows) yield [row];
    })();
    return { ...header, batches, close: () => {} };
  }

  /** As long as there is no point, a database without times. */
  get knowsTimes(): boolean {
    return this.point !== undefined;
  }

  async currentPoint(_toldBy?: PointTeller): Promise<CausalToken | undefined> {
    return this.point;
  }

  members(): [] {
    return [];
  }

  close(): void {}
}
