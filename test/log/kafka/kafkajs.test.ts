import { createRequire } from 'node:module';
import '../../../src/log/kafka/kafkajs.ts';

const inside = createRequire(import.meta.url);

interface Queue {
  throttleCheckTimeoutId: unknown;
  scheduleCheckPendingRequests(): void;
  checkPendingRequests(): void;
  maybeThrottle(ms: number): void;
  push(request: object): void;
  fulfillRequest(response: object): void;
  destroy(): void;
}

/** A queue that sends one request at a time, and what it sent. */
function queue(): { queue: Queue; sent: number[]; push: (id: number) => void } {
  const Queue = inside('kafkajs/src/network/requestQueue') as new (options: object) => Queue;
  const logger = { debug: () => undefined, warn: () => undefined };
  const made = new Queue({
    maxInFlightRequests: 1,
    requestTimeout: 1_000,
    enforceRequestTimeout: false,
    clientId: 'c',
    broker: 'b',
    logger,
  });
  const sent: number[] = [];
  const push = (correlationId: number) =>
    made.push({
      entry: { correlationId, resolve: () => undefined, reject: () => undefined },
      expectResponse: true,
      sendRequest: () => sent.push(correlationId),
    });
  return { queue: made, sent, push };
}

test('a queue with nothing to send sets no timer, so that idle connections cost nothing', () => {
  const { queue: idle, push } = queue();
  idle.checkPendingRequests();
  expect(idle.throttleCheckTimeoutId).toBeNull();
  push(1);
  idle.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
  expect(idle.throttleCheckTimeoutId).toBeNull();
});

test('what waits for an answer to another is sent when that comes', () => {
  const { queue: busy, sent, push } = queue();
  push(1);
  push(2);
  expect(sent).toEqual([1]);
  busy.fulfillRequest({ correlationId: 1, payload: null, size: 0 });
  expect(sent).toEqual([1, 2]);
  busy.destroy();
});

test('what waits because the broker asked us to hold back is sent afterwards', async () => {
  const { queue: held, sent, push } = queue();
  held.maybeThrottle(20);
  push(1);
  expect(sent).toEqual([]);
  while (sent.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  held.destroy();
});
