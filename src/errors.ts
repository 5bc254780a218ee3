/**
 * The closed list of errors. Every error that a person can meet has a code, a sentence that says what to do, and whether trying again helps.
 * `docs/errors.md` lists the same codes; a test holds the two together.
 */

export const ERRORS = {
  H001: { title: 'a file cannot be read', retryable: false },
  H002: { title: 'a file is not valid JSON', retryable: false },
  H003: { title: 'a value does not fit its schema', retryable: false },
  H004: { title: 'a key is not known here', retryable: false },
  H005: { title: 'a name refers to nothing', retryable: false },
  H006: { title: 'a name is used twice', retryable: false },
  H007: { title: 'options of a kind are wrong', retryable: false },
  H008: { title: 'a secret cannot be read', retryable: false },
  H101: { title: 'a policy is refused by json-rules-engine', retryable: false },
  H102: { title: 'a condition is malformed', retryable: false },
  H103: { title: 'a fact is not known for this type', retryable: false },
  H104: { title: 'an operator is not known', retryable: false },
  H105: { title: 'a value has the wrong type for its operator', retryable: false },
  H106: { title: 'named conditions form a cycle', retryable: false },
  H107: { title: 'an expression is wrong', retryable: false },
  H108: { title: 'properties are derived from each other in a cycle', retryable: false },
  H109: { title: 'elements depend on each other in a cycle', retryable: false },
  H121: { title: 'a path into a fact is wrong', retryable: false },
  H122: { title: 'a regular expression is wrong', retryable: false },
  H123: { title: 'a property is no object that a path could lead into', retryable: false },
  H201: { title: 'an observation is refused', retryable: false },
  H202: { title: 'a limit is reached', retryable: true },
  H210: { title: 'two policies can hold together and pull the same thing apart', retryable: false },
  H211: { title: 'conditions can never hold', retryable: false },
  H212: { title: 'a policy is shadowed by another', retryable: false },
  H213: { title: 'a rule raises what nothing lowers', retryable: false },
  H214: { title: 'thresholds touch, so that the loop will flap', retryable: false },
  H215: { title: 'an otherwise undoes its action at once', retryable: false },
  H216: { title: 'a dead zone is narrower than the noise', retryable: false },
  H217: { title: 'loops disturb each other in a cycle', retryable: false },
  H218: { title: 'a property that nothing feeds is read', retryable: false },
  H219: { title: 'a command that no actuator serves is given', retryable: false },
  H220: { title: 'a for is shorter than the interval of its probe', retryable: false },
  H221: { title: 'units do not fit', retryable: false },
  H222: { title: 'a dead zone holds the very first start', retryable: false },
  H223: { title: 'a threshold lies outside of all that was seen', retryable: false },
  H230: { title: 'a silence that nothing needs', retryable: false },
  H301: { title: 'the folder is in use by another manager', retryable: false },
  H302: { title: 'the store failed', retryable: true },
  H303: { title: 'the store has another format, or is none', retryable: false },
  H304: { title: 'a port is in use', retryable: true },
  H305: { title: 'no manager answers', retryable: true },
  H306: { title: 'the token is missing or wrong', retryable: false },
  H307: { title: 'the API failed', retryable: true },
  H310: { title: 'Kafka cannot be reached', retryable: true },
  H311: { title: 'Kafka refuses us', retryable: false },
  H312: { title: 'a write to Kafka failed', retryable: true },
  H313: { title: 'a record is too large for Kafka', retryable: false },
  H314: { title: 'a topic is not as it should be', retryable: false },
  H315: { title: 'the number of partitions was changed', retryable: false },
  H320: { title: 'InfluxDB is away', retryable: true },
  H321: { title: 'InfluxDB does not let us in', retryable: false },
  H322: { title: 'InfluxDB does not have what is asked for', retryable: false },
  H323: { title: 'InfluxDB refuses', retryable: false },
  H330: { title: 'there is no such MQTT connection', retryable: false },
  H340: { title: 'the token may not do this', retryable: false },
  H341: { title: 'the certificate of the API cannot be used', retryable: false },
  H401: { title: 'a probe failed', retryable: true },
  H402: { title: 'an actuator failed', retryable: true },
  H403: { title: 'a command passed its deadline', retryable: true },
  H411: { title: 'a source of data refuses us, or cannot be understood', retryable: true },
  H412: { title: 'a request to the intake is wrong', retryable: false },
  H413: { title: 'a selection of series or a query is wrong', retryable: false },
  H501: { title: 'the command line is wrong', retryable: false },
  H502: { title: 'a request to the API is wrong', retryable: false },
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** One thing that is wrong with something a person wrote: where, what, and the remedy. */
export interface Finding {
  readonly code: ErrorCode;
  readonly severity: 'error' | 'warning';
  /** The file as the person named it, or `-` for standard input. */
  readonly file: string;
  /** JSON pointer (RFC 6901) into the file; empty for the whole of it. */
  readonly pointer: string;
  readonly message: string;
  /** What to do about it, if one thing stands out. */
  readonly remedy?: string;
  /** Other places that it is about. */
  readonly related?: readonly { readonly file: string; readonly pointer: string }[];
  /** Why the person who wrote it wants to hear no more of it: it is not counted. */
  readonly silenced?: string;
}

/** An error of the closed list. `findings` holds every mistake of a file at once where there can be several. */
export class HomeostatError extends Error {
  readonly code: ErrorCode;
  readonly findings: readonly Finding[];

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; findings?: readonly Finding[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'HomeostatError';
    this.code = code;
    this.findings = options.findings ?? [];
  }

  get retryable(): boolean {
    return ERRORS[this.code].retryable;
  }
}

/** The message of anything that was thrown. */
export const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));
