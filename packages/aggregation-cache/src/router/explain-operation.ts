import type { Document } from 'mongodb';
import { cursorOf, distinctOf, type Sending } from './send-operation.js';

/**
 * What the server answers to `explain` of the very question. It plans and does not run it: one that was too slow
 * is not made to run again. Planning may still try plans out, so it is bounded as the question is.
 */
export const explainOperation = async (sending: Sending): Promise<Document> => {
  const { maxTimeMs } = sending.request.pipelineClass;
  const how = { verbosity: 'queryPlanner', maxTimeMS: maxTimeMs };
  if (sending.request.operation.kind === 'distinct') {
    const answer: unknown = await distinctOf(sending, sending.request.operation, { explain: how });
    return answer as Document;
  }
  const cursor = cursorOf(sending, sending.request.operation, { raw: false });
  try {
    return await cursor.explain(how);
  } finally {
    await cursor.close();
  }
};
