/** Keeps one process an element: starts it, ends it, notices its end, finds it again. Its orders are absolute, so each may be given twice. */
import { join } from 'node:path';
import { durationMs } from '../../duration.ts';
import { HomeostatError, messageOf } from '../../errors.ts';
import type { Command } from '../../messages.ts';
import type { ActuatorContext } from './actuator.ts';
import { endProcesses } from './process-end.ts';
import { clearMark, clearMarks, type Mark, readMark, writeMark } from './process-marks.ts';
import type { ProcessOptions } from './process-options.ts';
import { untilReady } from './process-ready.ts';
import { launch, openOutput, tailOf } from './process-spawn.ts';
import type { ProcessSpec } from './process-spec.ts';
import { isAlive, type OwnedProcess, ownedProcesses, type ProcessIdentity } from './process-table.ts';
import { FinalFailure } from './results.ts';
import { Turns } from './turns.ts';

/** How an order to have a process came out. `ended`: its command started one, which has ended since; it is not started a second time. */
export type Up =
  | { readonly kind: 'up'; readonly pid: number; readonly detail: string }
  | { readonly kind: 'ended'; readonly detail: string };

const GRACE_MS = 5_000;
const TAIL_BYTES = 500;

/** The process of one element as this life of the manager knows it. */
class Member {
  readonly element: string;
  process: ProcessIdentity | undefined;
  /** When this life of the manager started the process, by its clock. */
  startedAt = Number.NEGATIVE_INFINITY;
  /** It is being ended by order, so that its end is no news. */
  ending = false;

  constructor(element: string) {
    this.element = element;
  }

  get pid(): number | null {
    return this.process && isAlive(this.process) ? this.process.pid : null;
  }
}

export class ProcessKeeper {
  readonly #context: ActuatorContext;
  readonly #graceMs: number;
  readonly #marks: string;
  readonly #members = new Map<string, Member>();
  readonly #unmade = new Set<string>();
  readonly #turns = new Turns();
  readonly #exited: (element: string, how: string) => void;

  /** `exited` is told of each child that ends without an order. */
  constructor(options: ProcessOptions, context: ActuatorContext, exited: (element: string, how: string) => void) {
    this.#context = context;
    this.#graceMs = options.grace === undefined ? GRACE_MS : durationMs(options.grace);
    this.#marks = join(context.folder, 'processes');
    this.#exited = exited;
  }

  /** Every element that has or had a process here, with the pid of one that lives now. */
  list(): readonly { readonly element: string; readonly pid: number | null }[] {
    return [...this.#members.values()];
  }

  /** The live process of each element of this manager. Of several, the oldest. */
  async running(): Promise<ReadonlyMap<string, OwnedProcess>> {
    const found = new Map<string, OwnedProcess>();
    for (const process of await ownedProcesses(this.#context.owner)) {
      if (process.leader && !found.has(process.element)) found.set(process.element, process);
    }
    return found;
  }

  /** Takes a live process for that of its element. */
  note(process: OwnedProcess): void {
    const member = this.#know(process.element);
    this.#unmade.delete(process.element);
    // The same one stays: what was launched in this life tells of its end.
    if (member.process?.pid === process.pid && member.process.startTicks === process.startTicks) return;
    Object.assign(member, { process, startedAt: Number.NEGATIVE_INFINITY, ending: false });
  }

  /** Takes the live processes of an earlier life for those of their elements. */
  async adopt(elements: ReadonlySet<string>): Promise<void> {
    for (const element of elements) this.#know(element);
    for (const [element, process] of await this.running()) {
      if (elements.has(element)) this.note(process);
      else if (!this.#context.target(element))
        this.#context.log.warn({ element, pid: process.pid }, 'a process of this manager has no element');
    }
  }

  /** A process that runs and is ready, whoever started it. @throws HomeostatError, or the signal's reason. */
  start(spec: ProcessSpec, signal: AbortSignal): Promise<Up> {
    return this.#turns.take(spec.element, async () => {
      this.#mustExist(spec.element);
      return this.#start(spec, signal);
    });
  }

  /** The same, for an element that its pool makes with it. */
  make(spec: ProcessSpec, signal: AbortSignal): Promise<Up> {
    return this.#turns.take(spec.element, async () => {
      this.#unmade.delete(spec.element);
      return this.#start(spec, signal);
    });
  }

  /** A process that was started since the command was given, in place of any older one. @throws HomeostatError, or the signal's reason. */
  restart(spec: ProcessSpec, command: Command, signal: AbortSignal): Promise<Up> {
    return this.#turns.take(spec.element, async () => {
      signal.throwIfAborted();
      this.#mustExist(spec.element);
      const process = (await this.running()).get(spec.element);
      const { startedAt } = this.#know(spec.element);
      // Another command (a pool's scale) may have brought it up while this one waited: to end that one would help nobody.
      if (process && (process.command === command.id || startedAt >= command.issuedAt)) return this.#keep(spec, process, signal);
      const ended = this.#endedSince(spec);
      if (ended) return ended;
      await this.#end(spec.element, signal);
      return this.#startNew(spec, signal);
    });
  }

  /** No process at all. Resolves with how many there were. @throws the signal's reason. */
  stop(element: string, signal: AbortSignal): Promise<number> {
    return this.#turns.take(element, async () => {
      signal.throwIfAborted();
      return this.#end(element, signal);
    });
  }

  /** The same, for an element that its pool unmakes with it. */
  unmake(element: string, signal: AbortSignal): Promise<void> {
    return this.#turns.take(element, async () => {
      signal.throwIfAborted();
      await this.#end(element, signal);
      this.#unmade.add(element);
      this.#members.delete(element);
      await clearMarks(this.#marks, element);
    });
  }

  /** From now on nothing but its pool starts it. What was started before this is then seen in /proc, and `note` takes this back. */
  disown(element: string): void {
    this.#unmade.add(element);
  }

  /** It is no longer kept here. */
  forget(element: string): void {
    this.#members.delete(element);
  }

  #know(element: string): Member {
    const known = this.#members.get(element) ?? new Member(element);
    this.#members.set(element, known);
    return known;
  }

  /** A restart may have waited, or have been left by an earlier life, while the pool shrank; it must not bring a member back. */
  #mustExist(element: string): void {
    this.#mustBeMade(element);
    if (!this.#context.target(element)) throw new FinalFailure(`there is no element ${element}`);
  }

  #mustBeMade(element: string): void {
    if (this.#unmade.has(element)) throw new FinalFailure(`${element} is no longer a member of its pool`);
  }

  async #keep(spec: ProcessSpec, process: OwnedProcess, signal: AbortSignal): Promise<Up> {
    this.note(process);
    await this.#ready(spec, process, process.command === spec.command, signal);
    return { kind: 'up', pid: process.pid, detail: `${spec.element} runs as ${process.pid}` };
  }

  /** What became of a process that the same command started before, in this life or an earlier one. */
  #endedSince(spec: ProcessSpec): Up | undefined {
    const mark = readMark(this.#marks, spec.element, spec.command);
    return mark && { kind: 'ended', detail: `${spec.element} was started as ${mark.pid} and has ended since` };
  }

  async #start(spec: ProcessSpec, signal: AbortSignal): Promise<Up> {
    signal.throwIfAborted();
    const process = (await this.running()).get(spec.element);
    return process ? this.#keep(spec, process, signal) : this.#startNew(spec, signal);
  }

  async #startNew(spec: ProcessSpec, signal: AbortSignal): Promise<Up> {
    const ended = this.#endedSince(spec);
    if (ended) return ended;
    const { element, command } = spec;
    const member = this.#know(element);
    const output = await openOutput(spec.logFile, this.#context.log);
    try {
      signal.throwIfAborted();
      // Here once more, with nothing awaited between this and the start.
      this.#mustBeMade(element);
      this.#context.reached?.('beforeSpawn');
      const process = await launch({ ...spec, output });
      this.#context.reached?.('afterSpawn');
      this.#mark(element, { command, pid: process.pid });
      Object.assign(member, { process, startedAt: this.#context.clock.now(), ending: false });
      process.ended.then((how) => this.#noticeEnd(member, process, how));
      await this.#ready(spec, process, true, signal);
      return { kind: 'up', pid: process.pid, detail: `${element} started as ${process.pid}` };
    } catch (error) {
      // Where no process is left behind, the next attempt of the same command may start one.
      if (member.pid === null) await clearMark(this.#marks, element, command);
      throw error;
    } finally {
      await output?.close();
    }
  }

  /** Waits until it is ready; one of the same command that does not become so is ended, so that a failed start leaves nothing. */
  async #ready(spec: ProcessSpec, process: ProcessIdentity, own: boolean, signal: AbortSignal): Promise<void> {
    try {
      await untilReady(process, spec.readiness, this.#context.clock, signal);
    } catch (error) {
      if (signal.aborted || !own) throw error;
      await this.#end(spec.element, signal);
      await clearMark(this.#marks, spec.element, spec.command);
      const said = await tailOf(spec.logFile, TAIL_BYTES);
      throw new HomeostatError('H402', `${spec.element}, process ${process.pid}: ${messageOf(error)}${said && `; it wrote last: ${said}`}`);
    }
  }

  async #end(element: string, signal: AbortSignal): Promise<number> {
    const member = this.#know(element);
    member.ending = true;
    const { clock, owner } = this.#context;
    try {
      return await endProcesses({ owner, element, clock, graceMs: this.#graceMs }, signal);
    } catch (error) {
      member.ending = false;
      throw error;
    }
  }

  /** A mark that cannot be written is no reason not to start: it serves only if the manager dies in the next moments. */
  #mark(element: string, mark: Mark): void {
    try {
      writeMark(this.#marks, element, mark);
    } catch (error) {
      this.#context.log.warn({ element, error: messageOf(error) }, 'the start of a process cannot be marked');
    }
  }

  #noticeEnd(member: Member, process: ProcessIdentity, how: string): void {
    if (member.process === process && !member.ending) this.#exited(member.element, how);
  }
}
