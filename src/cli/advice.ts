/** `homeostat advice`, `approve` and `reject`: what policies ask of people, and what people say. */
import type { Approved } from '../api/advice.ts';
import type { AdviceView } from '../api/status.ts';
import { HomeostatError } from '../errors.ts';
import { adviceLines } from './advice-text.ts';
import { callIfRunning } from './call.ts';
import { EXIT, print, printJson } from './output.ts';
import { post, said } from './pause.ts';
import { folderOf, stateIn, withFolder } from './place.ts';
import { showTime } from './text.ts';

export interface AnswerOptions {
  readonly manager?: string;
  readonly reason?: string;
  readonly author?: string;
  readonly token?: string;
  readonly json: boolean;
}

interface Listed {
  readonly now: number;
  readonly advice: readonly AdviceView[];
}

export async function advice({ manager, token, json }: Pick<AnswerOptions, 'manager' | 'token' | 'json'>): Promise<number> {
  const folder = folderOf(manager);
  const view = (await callIfRunning<Listed>(folder, '/advice', { token })) ?? (await fromFolder(folder));
  if (json) printJson(view);
  else if (view.advice.length === 0) print('nothing is asked of people');
  else for (const line of adviceLines(view.advice, view.now)) print(line);
  return EXIT.good;
}

async function fromFolder(folder: string): Promise<Listed> {
  const { adviceViews } = await import('../api/status.ts');
  return withFolder(folder, (store) => {
    const state = stateIn(store, folder);
    return { now: state.position.now, advice: adviceViews(state) };
  });
}

/** Exit 1 where there is nothing left to approve: it is something else by now, or its cause is gone. */
export async function approve(id: string | undefined, options: AnswerOptions): Promise<number> {
  if (id === undefined) return advice(options);
  const answer = await tell<Approved | { readonly id: string; readonly is?: undefined }>(id, 'approve', options);
  if (options.json) printJson(answer);
  else print(approvedText(answer));
  return answer.is === 'superseded' || answer.is === 'withdrawn' ? EXIT.finding : EXIT.good;
}

export async function reject(id: string | undefined, options: AnswerOptions): Promise<number> {
  if (id === undefined || options.reason === undefined) throw new HomeostatError('H501', 'say why: homeostat reject ID --reason TEXT');
  const answer = await tell<{ readonly id: string }>(id, 'reject', options);
  if (options.json) printJson(answer);
  else print(`rejected ${answer.id}; it is not asked again until its conditions come true anew`);
  return EXIT.good;
}

async function tell<T>(id: string, what: 'approve' | 'reject', options: AnswerOptions): Promise<T> {
  const { reason = '', author } = options;
  const body = await said({ reason, ...(author === undefined ? {} : { author }) });
  return post<T>(options, `/advice/${encodeURIComponent(id)}/${what}`, body);
}

function approvedText(answer: Approved | { readonly id: string; readonly is?: undefined }): string {
  switch (answer.is) {
    case 'committed':
      return `approved ${answer.id}: ${answer.text} (command ${answer.command})`;
    case 'held':
      return `approved ${answer.id}; it is held back by ${answer.gate}: ${answer.reason}. It is done as soon as that lets it, ${
        answer.until === null ? 'while it is raised' : `until ${showTime(answer.until, answer.until)}`
      }`;
    case 'superseded':
      return `not done: since it was asked it has changed. ${answer.reason}`;
    case 'withdrawn':
      return `not done: ${answer.reason}`;
    default:
      return `approved ${answer.id}; no step has taken it in yet: see homeostat advice`;
  }
}
