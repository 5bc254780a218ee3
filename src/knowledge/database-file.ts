/** The file that a state lies in. */
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

export const databaseFile = (folder: string): string => join(folder, 'homeostat.mdb');

/** In the order of bytes of either kind of machine. */
const MARKS = [Buffer.from([0xde, 0xc0, 0xef, 0xbe]), Buffer.from([0xbe, 0xef, 0xc0, 0xde])];

/** Whether a file has LMDB's mark in its first page. LMDB itself opens anything, and crashes the process if it is something else. */
export function isDatabase(file: string): boolean {
  const beginning = Buffer.alloc(64);
  const descriptor = openSync(file, 'r');
  try {
    readSync(descriptor, beginning, 0, beginning.length, 0);
  } finally {
    closeSync(descriptor);
  }
  return MARKS.some((mark) => beginning.includes(mark));
}
