import type { FullStatus } from '../../src/cli/status.ts';
import { statusLines } from '../../src/cli/status-text.ts';

test('what policies have set is listed, with by whom and for how long', () => {
  const now = 10_000_000;
  const tuning = { policy: 'night', element: 'shop', since: now - 60_000 };
  const view = {
    domain: 'shop',
    mode: 'act',
    step: 3,
    running: true,
    pid: 7,
    now,
    policies: 2,
    elements: [],
    elementsLeftOut: 0,
    symptoms: [],
    commands: [],
    pauses: [],
    probes: [],
    neverSeen: [],
    setAside: [],
    breakers: [],
    oscillations: [],
    advice: [],
    counters: {},
    versions: [],
    canaries: [],
    tunings: [
      { ...tuning, what: 'the set-point limit of grow', value: 400, while: true },
      { ...tuning, what: 'the suite day', value: false, while: false },
    ],
  } as unknown as FullStatus;
  const lines = statusLines(view, '.homeostat').map((line) => line.trimEnd());
  expect(lines.slice(lines.indexOf('set by policies'))).toEqual([
    'set by policies',
    expect.stringMatching(/^ {2}the set-point limit of grow is 400\s+for 60 s\s+by night on shop, as long as it is raised$/),
    expect.stringMatching(/^ {2}the suite day is false\s+for 60 s\s+by night on shop$/),
  ]);
});
