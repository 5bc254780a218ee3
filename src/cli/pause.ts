/** `homeostat pause` and `homeostat resume`: a person's hand, with a reason, a scope and an end, all in the journal. */
import { scopeText } from '../analyze/gates/paused.ts';
import { readAddress } from '../api/address.ts';
import { HomeostatError } from '../errors.ts';
import type { PauseScope } from '../messages.ts';
import { call } from './call.ts';
import { EXIT, print, printJson } from './output.ts';
import { folderOf } from './place.ts';
import { plural, showTime } from './text.ts';

export interface ScopeOptions {
  readonly manager?: string;
  readonly element?: string;
  readonly type?: string;
  readonly policy?: string;
  readonly label?: readonly string[];
  readonly concern?: string;
  readonly direction?: 'up' | 'down';
  readonly all?: boolean;
  readonly reason: string;
  readonly author?: string;
  readonly token?: string;
  readonly json: boolean;
}

export interface PauseOptions extends ScopeOptions {
  readonly for?: string;
}

export async function pause(options: PauseOptions): Promise<number> {
  const scope = scopeOf(options);
  const answer = await post<{ until: number | null }>(options, '/pause', {
    scope,
    ...(await said(options)),
    ...(options.for === undefined ? {} : { for: options.for }),
  });
  if (options.json) printJson(answer);
  else
    print(
      `paused ${scopeText(scope)}${answer.until === null ? '; end it with homeostat resume' : ` until ${showTime(answer.until, answer.until)}`}`,
    );
  return EXIT.good;
}

export async function resume(options: ScopeOptions): Promise<number> {
  const scope = scopeOf(options);
  const answer = await post<{ pauses?: readonly string[]; breakers?: readonly string[]; oscillations?: readonly string[]; held?: number }>(
    options,
    '/resume',
    {
      scope,
      ...(await said(options)),
    },
  );
  if (options.json) printJson(answer);
  const { pauses = [], breakers = [], oscillations = [], held = 0 } = answer;
  const ended = [
    ...(pauses.length > 0 ? [`${plural(pauses.length, 'pause')} (held back ${held})`] : []),
    ...(breakers.length > 0 ? [plural(breakers.length, 'breaker')] : []),
    ...(oscillations.length > 0 ? [plural(oscillations.length, 'freeze')] : []),
  ];
  if (!options.json)
    print(
      ended.length > 0
        ? `resumed ${scopeText(scope)}: ended ${ended.join(' and ')}`
        : `there was no pause of ${scopeText(scope)}, and no open breaker or freeze in it; homeostat status lists the pauses`,
    );
  return ended.length > 0 ? EXIT.good : EXIT.finding;
}

/** What is to be held: at least one part must be said, so that nothing is stopped by a slip. */
function scopeOf({ element, type, policy, label = [], concern, direction, all }: ScopeOptions): PauseScope {
  const scope = {
    ...(element === undefined ? {} : { element }),
    ...(type === undefined ? {} : { type }),
    ...(policy === undefined ? {} : { policy }),
    ...(label.length === 0 ? {} : { labels: labelsOf(label) }),
    ...(concern === undefined ? {} : { concern }),
    ...(direction === undefined ? {} : { direction }),
  };
  const parts = Object.keys(scope).length;
  if (all === true && parts > 0) throw new HomeostatError('H501', '--all is everything: leave out the other parts of the scope, or --all');
  if (all !== true && parts === 0)
    throw new HomeostatError(
      'H501',
      'say what: --element ID, --type NAME, --policy NAME, --label NAME=VALUE, --concern NAME, --direction up|down or --all',
    );
  return scope;
}

function labelsOf(labels: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    labels.map((label) => {
      const at = label.indexOf('=');
      if (at < 1) throw new HomeostatError('H501', `--label is "${label}"; write NAME=VALUE`);
      return [label.slice(0, at), label.slice(at + 1)];
    }),
  );
}

/** Who says it, and why. */
export async function said({
  reason,
  author,
}: Pick<ScopeOptions, 'reason' | 'author'>): Promise<{ readonly reason: string; readonly author: string }> {
  if (author !== undefined) return { reason, author };
  const { USER, LOGNAME } = (await import('../config.ts')).environment();
  return { reason, author: USER ?? LOGNAME ?? 'someone' };
}

export function post<T>({ manager, token }: Pick<ScopeOptions, 'manager' | 'token'>, path: string, body: unknown): Promise<T> {
  const folder = folderOf(manager);
  const address = readAddress(folder);
  if (address === undefined)
    throw new HomeostatError('H305', `no manager runs on ${folder}; start it with homeostat run, or name another with --manager PATH`);
  return call<T>(address, path, { method: 'POST', body, token });
}
