import { readFileSync } from 'node:fs';
import { ANALYSES } from '../../src/check/analyses.ts';
import { ERRORS } from '../../src/errors.ts';
import { checkProject, projectsIn } from './projects.ts';

const page = readFileSync(new URL('../../docs/check.md', import.meta.url), 'utf8');

test('the table of analyses, the codes and the sections of the page agree, in order', () => {
  const codes = ANALYSES.map(({ code }) => code);
  expect([...codes].sort()).toEqual(codes);
  const sections = [...page.matchAll(/^## (H[0-9]{3})$/gm)].map(([, code]) => code);
  expect(sections).toEqual([...codes, 'H230']);
  expect(Object.keys(ERRORS).filter((code) => /^H2[1-3]/.test(code))).toEqual(sections);
});

test('each section says what it means, shows an example, and says how to mend it', () => {
  for (const section of page.split(/^## /m).filter((text) => /^H[0-9]{3}\n/.test(text))) {
    expect(section).toMatch(/\n\*\*.*\*\*/);
    expect(section).toContain('```json');
    expect(section).toContain('\nMend: ');
  }
});

const [, only] = projectsIn('mistakes').find(([name]) => name === 'H213-only-up')!;
const withSilence = (silence: object) => {
  const [policy] = (only.policies as { policies: object[] }).policies;
  return checkProject({ ...only, policies: { policies: [{ ...policy, silence }] } });
};

test('what is silenced is kept with its reason, and not counted as anything else', () => {
  expect(withSilence({ H213: 'people lower it' })).toMatchObject([{ code: 'H213', severity: 'warning', silenced: 'people lower it' }]);
});

test('a silence needs a reason, a code that can be silenced, and something to silence', () => {
  expect(withSilence({ H213: '' })).toMatchObject([{ code: 'H003', pointer: expect.stringContaining('/silence/H213') }]);
  expect(withSilence({ H104: 'never mind', H213: 'people lower it' })).toMatchObject([
    { code: 'H005', severity: 'error', pointer: '/policies/0/silence/H104' },
  ]);
  const needless = withSilence({ H213: 'people lower it', H214: 'it may flap' }).filter(({ silenced }) => silenced === undefined);
  expect(needless).toMatchObject([{ code: 'H230', severity: 'warning', pointer: '/policies/0/silence/H214' }]);
  // Without recorded data nobody can tell whether it is needed.
  expect(withSilence({ H213: 'people lower it', H216: 'the probe is new' }).filter(({ code }) => code === 'H230')).toEqual([]);
});

test('the witness of two that pull apart is in the sentence, and both places are named', () => {
  const [, apart] = projectsIn('mistakes').find(([name]) => name === 'H210-opposite-steps')!;
  expect(checkProject(apart)).toMatchObject([
    {
      pointer: '/policies/0',
      related: [{ pointer: '/policies/1' }],
      message: 'can hold together and pull "servers" apart, e.g. { "responseTime": 260, "cost": 11 }',
    },
  ]);
});
