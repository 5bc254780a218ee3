import { ERRORS } from '../../src/errors.ts';
import { checkProject, projectsIn } from './projects.ts';

const counted = (project: Parameters<typeof checkProject>[0]) => checkProject(project).filter(({ silenced }) => silenced === undefined);

describe('of seeded mistakes each is found by its code, and nothing else', () => {
  const mistakes = projectsIn('mistakes');
  test('there are at least forty, and each analysis has one', () => {
    expect(mistakes.length).toBeGreaterThanOrEqual(40);
    const codes = new Set(mistakes.map(([name]) => name.slice(0, 4)));
    expect(Object.keys(ERRORS).filter((code) => /^H2[123]/.test(code) && !codes.has(code))).toEqual([]);
  });
  test.each(mistakes)('%s', (name, project) => {
    // A file that cannot be used is told where it is named, too.
    const codes = counted(project).flatMap(({ code }) => (code === 'H001' && name.startsWith('H002') ? [] : [code]));
    expect([...new Set(codes)]).toEqual([name.slice(0, 4)]);
  });
});

describe('in what is correct nothing is found', () => {
  const correct = projectsIn('correct');
  test('there are at least forty', () => expect(correct.length).toBeGreaterThanOrEqual(40));
  test.each(correct)('%s', (_name, project) => expect(counted(project)).toEqual([]));
});
