/** Ranks what kafkajs says by what it is: it calls each first look-up of a coordinator and each rebalance an error. */
import type { logCreator } from 'kafkajs';
import type { Lines } from './outage.ts';

/** What belongs to any day: our own code acts on it, and says so where a person should know. */
const ORDINARY =
  /Connection|Response |Disconnect|ECONN|EPIPE|seed broker|rebalanc|coordinator|Request .* timed out|LEADER|leader|Response without match|metadata|fetch|authentication failed/i;

export const kafkaLines =
  (lines: Lines): logCreator =>
  () =>
  ({ namespace, label, log: { message, timestamp: _timestamp, logger: _logger, ...details } }) => {
    const rank = (label === 'ERROR' || label === 'WARN') && !ORDINARY.test(`${namespace} ${message}`) ? 'warn' : 'debug';
    lines[rank]({ ...details, from: `kafkajs ${namespace}` }, message);
  };
