/** The kinds whose target is this machine: files and processes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execKind } from '../../../../src/execute/actuators/exec.ts';
import { logKind } from '../../../../src/execute/actuators/log.ts';
import { processKind } from '../../../../src/execute/actuators/process.ts';
import { setKind } from '../../../../src/execute/actuators/set.ts';
import { order, until } from '../rig.ts';
import type { Subject } from './subject.ts';

const linesOf = (file: string): number => (existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean).length : 0);

export const exec: Subject = {
  kind: 'exec',
  onceById: true,
  inquires: true,
  open: (rig) => {
    rig.put('shop/lamp', 'lamp');
    const [effects, hung, begun] = ['effects', 'hung', 'begun'].map((name) => join(rig.folder, name)) as [string, string, string];
    const script =
      'if [ -e "$2" ]; then : > "$3"; exec sleep 60; fi; mkdir "$1.$HOMEOSTAT_COMMAND" 2>/dev/null && echo done >> "$1"; exit 0';
    let away = false;
    return {
      make: () =>
        execKind.create(
          {
            run: away ? ['/nowhere/program'] : ['sh', '-c', script, 'sh', effects, hung, begun],
            inquire: { run: ['sh', '-c', `[ -d "${effects}.$HOMEOSTAT_COMMAND" ] || exit 3`] },
          },
          rig.context,
        ),
      order: () => order('on', 'shop/lamp'),
      effects: () => linesOf(effects),
      hang: () => {
        writeFileSync(hung, '');
        return until(() => existsSync(begun));
      },
      leave: () => {
        away = true;
      },
    };
  },
};

export const log: Subject = {
  kind: 'log',
  onceById: false,
  inquires: true,
  open: (rig) => {
    let file = 'notes.jsonl';
    return {
      make: () => logKind.create({ file }, rig.context),
      order: () => order('notify', 'shop', { text: 'look' }),
      effects: () => linesOf(join(rig.folder, 'notes.jsonl')),
      leave: () => {
        file = '/dev/null/x';
      },
      alive: () => existsSync(join(rig.folder, 'notes.jsonl')),
    };
  },
};

export const process: Subject = {
  kind: 'process',
  onceById: true,
  inquires: true,
  open: (rig) => {
    rig.put('shop/worker', 'worker');
    const starts = join(rig.folder, 'starts');
    const run = ['sh', '-c', 'echo "$HOMEOSTAT_COMMAND" >> "$1"; exec sleep 60', 'sh', starts];
    let away = false;
    let hung = false;
    const hanging = { run: ['sleep', '60'], ready: { tcp: '127.0.0.1:1', within: '1h' } };
    return {
      make: () => processKind.create(away ? { run: ['/nowhere/program'] } : hung ? hanging : { run }, rig.context),
      order: () => order('restart', 'shop/worker'),
      effects: async () => {
        if ((await rig.processes()).length > 0 && !hung) await until(() => linesOf(starts) > 0);
        return linesOf(starts);
      },
      hang: () => {
        hung = true;
        return until(async () => (await rig.processes()).length > 0);
      },
      leave: () => {
        away = true;
      },
      alive: async () => (await rig.processes()).length === 1,
    };
  },
};

export const set: Subject = {
  kind: 'set',
  // Its outcome is its effect: nothing in the world changes before that is recorded.
  onceById: true,
  inquires: true,
  open: (rig) => ({ make: () => setKind.create({}, rig.context), order: () => order('tune', 'shop', { to: 3 }), effects: () => 0 }),
};
