/** Logs: lines of JSON on stderr, so that stdout is free for results. The only file that imports pino. */
import pino, { type Logger } from 'pino';

export const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;

export const makeLog = (level: string): Logger =>
  pino(
    { level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label) => ({ level: label }) } },
    pino.destination({ fd: 2, sync: true }),
  );
