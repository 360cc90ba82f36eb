import type { IncomingMessage } from 'node:http';
import { BadRequestException } from '@nestjs/common';
import type { BodyGate } from '../body-gate.js';

/** That a sender goes away is no fault of the application, and nothing for its log. */
export async function readBody(
  gate: BodyGate,
  stream: IncomingMessage,
  contentLength: string | undefined,
): ReturnType<BodyGate['collect']> {
  try {
    return await gate.collect(stream, contentLength);
  } catch (cause) {
    throw new BadRequestException(undefined, { cause });
  }
}
