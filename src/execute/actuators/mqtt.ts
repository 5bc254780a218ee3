/** Sends an order to a device as an MQTT message, and learns from the broker, an answer or a state topic what came of it. */
import { isDeepStrictEqual } from 'node:util';
import { type Static, Type } from '../../documents/schema.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import { Name } from '../../messages.ts';
import { type MqttConnection, NotSent } from '../../mqtt/connection.ts';
import type { Actuator, ActuatorContext, ActuatorKind, Order, Result } from './actuator.ts';
import { type Answer, Answers } from './mqtt-answers.ts';
import { watchState } from './mqtt-state.ts';
import { fillTopic } from './mqtt-topic.ts';
import { fill, fillJson, orderValues, type Values } from './placeholders.ts';
import { refused, succeeded } from './results.ts';

const closed = { additionalProperties: false } as const;
const Pointer = Type.String({ pattern: '^(/([^~/]|~[01])*)*$' });
const Topic = Type.String({
  minLength: 1,
  pattern: '^[^+#]+$',
  description: 'may hold {id}, {name}, {type}, {command}, {operation}, parameters and properties',
});
const Payload = Type.Unknown({
  description:
    'JSON, or a text that is sent as it is; placeholders are replaced in its texts. Id, term, element, operation, params and answerTo if not given',
});
const words = (description: string) => Type.Optional(Type.Array(Type.String(), { minItems: 1, description }));

const Options = Type.Object(
  {
    connection: Type.Optional({ ...Name, description: 'the connection, under mqtt.connections; that of mqtt.url if not given' }),
    topic: Topic,
    payload: Type.Optional(Payload),
    qos: Type.Optional(Type.Union([Type.Literal(0), Type.Literal(1)], { description: '1 if not given: the broker says that it has it' })),
    retain: Type.Optional(
      Type.Boolean({
        description:
          'the broker keeps it and gives it to the device at each new connection: only for what sets a state; false if not given',
      }),
    ),
    ack: Type.Union([Type.Literal('broker'), Type.Literal('device'), Type.Literal('state')], {
      description:
        'who says that it is done: the broker, when it has the message; the device, by an answer; or its state topic, when that takes the value',
    }),
    answer: Type.Optional(
      Type.Object(
        {
          topic: Type.Optional({
            ...Topic,
            description: 'where devices answer; homeostat/CLIENTID/answers if not given, which is told them',
          }),
          idFrom: Type.Optional({
            ...Pointer,
            description: 'JSON pointer of the id of the command, where MQTT 5 does not carry it; /id if not given',
          }),
          statusFrom: Type.Optional({
            ...Pointer,
            description: 'JSON pointer of the word that says what came of it; any answer means done if not given',
          }),
          succeeded: words('the words for done; succeeded, ok and done if not given'),
          never: words('the words for “such a command never came”; never if not given'),
          detailFrom: Type.Optional({ ...Pointer, description: 'JSON pointer of a text for people' }),
        },
        { ...closed, description: 'how devices answer' },
      ),
    ),
    state: Type.Optional(
      Type.Object(
        {
          topic: Topic,
          valueFrom: Type.Optional({ ...Pointer, description: 'JSON pointer of the value; the whole payload if not given' }),
          equals: Type.Unknown({ description: 'the value that it takes when the command is done, such as "{to}"' }),
          tolerance: Type.Optional(Type.Number({ minimum: 0, description: 'how far a number may be off; 0 if not given' })),
        },
        { ...closed, description: 'the topic in which the device tells its state' },
      ),
    ),
    inquire: Type.Optional(
      Type.Object(
        { topic: Topic, payload: Type.Optional(Payload) },
        { ...closed, description: 'how a device is asked after a restart what became of {command}; it answers as it does to commands' },
      ),
    ),
  },
  closed,
);
export type MqttActuatorOptions = Readonly<Static<typeof Options>>;

/** What the schema cannot say; undefined: nothing is wrong. */
export function complaintAbout({ ack, answer, state, inquire, qos }: MqttActuatorOptions): string | undefined {
  if (ack === 'state' && state === undefined) return '"ack": "state" needs "state": the topic and the value that it takes';
  if (ack === 'broker' && qos === 0) return '"ack": "broker" needs "qos": 1: without it the broker says nothing';
  if (inquire !== undefined && answer?.statusFrom === undefined)
    return '"inquire" needs "answer" with "statusFrom": the device must be able to say that a command never came';
  return undefined;
}

const DEFAULT_PAYLOAD = { id: '{command}', term: '{term}', element: '{id}', operation: '{operation}' };

class MqttActuator implements Actuator {
  readonly #options: MqttActuatorOptions;
  readonly #context: ActuatorContext;
  readonly #connection: MqttConnection;
  readonly #answers: Answers | undefined;
  readonly inquire: NonNullable<Actuator['inquire']> | undefined;

  constructor(options: MqttActuatorOptions, context: ActuatorContext) {
    const complaint = complaintAbout(options);
    if (complaint !== undefined) throw new HomeostatError('H007', `actuator ${context.name}: ${complaint}`);
    this.#options = options;
    this.#context = context;
    this.#connection = context.mqtt(options.connection);
    const { answer, ack, inquire, state } = options;
    const answered = ack === 'device' || inquire !== undefined;
    this.#answers = answered ? new Answers(answer ?? {}, this.#connection) : undefined;
    this.inquire =
      inquire !== undefined
        ? (order, signal) => this.#ask(order, signal)
        : state !== undefined
          ? (order, signal) => this.#look(order, signal)
          : undefined;
  }

  async execute(order: Order, signal: AbortSignal): Promise<Result> {
    const values = this.#values(order);
    const { ack, state } = this.#options;
    try {
      if (ack === 'device') return await this.#answered(order, values, signal);
      if (ack === 'state') return await this.#taken(state!, order, values, signal);
      await this.#send(this.#options.topic, this.#options.payload, order, values, signal);
      return succeeded('the broker has it');
    } catch (thrown) {
      return failure(thrown, signal);
    }
  }

  async close(): Promise<void> {
    this.#answers?.close();
  }

  async #answered(order: Order, values: Values, signal: AbortSignal): Promise<Result> {
    const answers = this.#answers!;
    const answer = answers.expect(order.command.id, signal);
    // It is awaited below, and may fail before that.
    answer.catch(() => {});
    await answers.listening(values, signal);
    await this.#send(this.#options.topic, this.#options.payload, order, values, signal);
    return resultOf(await answer);
  }

  /** Sent, and then seen: a state that was kept from before does not count. */
  async #taken(state: NonNullable<MqttActuatorOptions['state']>, order: Order, values: Values, signal: AbortSignal): Promise<Result> {
    const watch = this.#watch(state, values, signal);
    let last: unknown;
    try {
      await watch.ready;
      await this.#send(this.#options.topic, this.#options.payload, order, values, signal);
      for (;;) {
        const seen = await watch.next();
        if (seen.retained) continue;
        last = seen.value;
        if (seen.fits) return succeeded(`its state is ${JSON.stringify(seen.value)}`);
      }
    } catch (thrown) {
      if (!signal.aborted || thrown instanceof NotSent) throw thrown;
      const until = last === undefined ? 'its state was not told again' : `its state was last ${JSON.stringify(last)}`;
      return { status: 'timedOut', detail: `${messageOf(signal.reason)}; ${until}` };
    } finally {
      watch.close();
    }
  }

  /** After a restart: the device is asked for the id. */
  async #ask(order: Order, signal: AbortSignal): Promise<Result | undefined> {
    const { topic, payload = { inquire: '{command}' } } = this.#options.inquire!;
    const values = this.#values(order);
    const answer = this.#answers!.expect(order.command.id, signal);
    answer.catch(() => {});
    await this.#answers!.listening(values, signal);
    await this.#send(topic, payload, order, values, signal);
    const said = await answer;
    return said.meaning === 'never' ? undefined : resultOf(said, 'asked by its id: ');
  }

  /** After a restart: a state that has the value already is taken for done; with another the command is sent again. */
  async #look(order: Order, signal: AbortSignal): Promise<Result | undefined> {
    const watch = this.#watch(this.#options.state!, this.#values(order), signal);
    try {
      const { fits, value } = await watch.next();
      return fits ? succeeded(`its state is ${JSON.stringify(value)}`) : undefined;
    } finally {
      watch.close();
    }
  }

  #watch(state: NonNullable<MqttActuatorOptions['state']>, values: Values, signal: AbortSignal) {
    const wanted = fillJson(state.equals, values);
    return watchState(this.#connection, fillTopic(state.topic, values), state.valueFrom, signal, (value) =>
      same(value, wanted, state.tolerance ?? 0),
    );
  }

  #send(topic: string, payload: unknown, order: Order, values: Values, signal: AbortSignal): Promise<void> {
    const { command } = order;
    const { qos = 1, retain = false } = this.#options;
    const answerTo = this.#answers?.topicOf(values);
    const content =
      payload === undefined
        ? { ...(fillJson(DEFAULT_PAYLOAD, values) as object), params: command.params, ...(answerTo !== undefined && { answerTo }) }
        : typeof payload === 'string'
          ? fill(payload, values)
          : fillJson(payload, values);
    return this.#connection.publish(
      {
        topic: fillTopic(topic, values),
        payload: typeof content === 'string' ? content : JSON.stringify(content),
        qos,
        retain,
        correlation: command.id,
        ...(answerTo !== undefined && { answerTo }),
      },
      signal,
    );
  }

  #values(order: Order): Values {
    return { ...orderValues(order, this.#context.target(order.command.element)), operation: order.operation };
  }
}

const resultOf = ({ meaning, text }: Answer, how = ''): Result =>
  meaning === 'succeeded' ? succeeded(`${how}${text}`) : refused(`${how}the device answered: ${text}`);

function failure(thrown: unknown, signal: AbortSignal): Result {
  if (thrown instanceof NotSent && !signal.aborted) return { status: 'failed', detail: thrown.message, retryable: thrown.retryable };
  if (signal.aborted) return { status: 'timedOut', detail: messageOf(thrown) };
  if (thrown instanceof HomeostatError) return { status: 'failed', detail: thrown.message, retryable: thrown.retryable };
  return { status: 'unknown', detail: messageOf(thrown), retryable: true };
}

/** Whether a value is the one that was wanted; texts that are numbers are. */
function same(value: unknown, wanted: unknown, tolerance: number): boolean {
  if (typeof wanted === 'number') {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return typeof number === 'number' && Math.abs(number - wanted) <= tolerance;
  }
  return isDeepStrictEqual(value, wanted) || (typeof wanted !== 'object' && typeof value !== 'object' && String(value) === String(wanted));
}

export const mqttKind: ActuatorKind<MqttActuatorOptions> = {
  kind: 'mqtt',
  description: 'sends an MQTT message to a device',
  options: Options,
  check: (options) => {
    const complaint = complaintAbout(options);
    return complaint === undefined ? [] : [{ at: [], message: complaint }];
  },
  create: (options, context) => {
    const actuator = new MqttActuator(options, context);
    const { inquire } = actuator;
    return {
      execute: (order, signal) => actuator.execute(order, signal),
      ...(inquire && { inquire }),
      close: () => actuator.close(),
    };
  },
};
