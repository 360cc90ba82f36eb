import { describe, expect, it, vi } from 'vitest';
import { watchWebStream } from './watch-web-stream.js';

describe('a web stream whose call cannot be aborted', () => {
  it('is watched to its end', async () => {
    const call = { report: vi.fn(), ignore: vi.fn() };
    const source = new ReadableStream<string>({
      start: (controller) => {
        controller.enqueue('chunk');
        controller.close();
      },
    });
    const watched = watchWebStream(source, call) as ReadableStream<string>;
    const chunks: string[] = [];
    for await (const chunk of watched) chunks.push(chunk);
    expect(chunks).toEqual(['chunk']);
    expect(call.report.mock.calls).toEqual([[{ status: 'fulfilled', value: undefined }]]);
    expect(call.ignore).not.toHaveBeenCalled();
  });
});
