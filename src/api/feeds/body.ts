/** The body of a request as text: unpacked, and no longer than may be. */
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';
import { messageOf } from '../../errors.ts';
import { FeedRefusal } from './answers.ts';

export async function bodyOf(request: IncomingMessage, maxBytes: number): Promise<string> {
  const tooLong = () =>
    new FeedRefusal(413, `the request is longer than ${maxBytes} bytes when unpacked (intake.http.maxBytes); send smaller batches`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLong();
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of unpacked(request) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLong();
      chunks.push(chunk);
    }
  } catch (thrown) {
    if (thrown instanceof FeedRefusal) throw thrown;
    throw new FeedRefusal(400, `the body cannot be read: ${messageOf(thrown)}`, { cause: thrown });
  }
  return Buffer.concat(chunks).toString('utf8');
}

function unpacked(request: IncomingMessage): Readable {
  const coding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (coding === 'identity' || coding === '') return request;
  if (coding !== 'gzip' && coding !== 'x-gzip' && coding !== 'deflate')
    throw new FeedRefusal(415, `content-encoding ${coding} is not known here; send gzip or none`);
  const unpacker = coding === 'deflate' ? createInflate() : createGunzip();
  request.on('error', (error) => unpacker.destroy(error)).pipe(unpacker);
  return unpacker;
}
