/** What the documentation shows is true: its JSON is valid, its links lead somewhere, and its comparison does what it says. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { testFile } from '../src/cli/test.ts';
import { loadConfiguration } from '../src/config.ts';
import { anchorsOf, jsonBlocks, linksOf, PAGES, ROOT, valuesOf } from './docs/pages.ts';
import { examine } from './docs/shapes.ts';

/** Pages that show JSON which is no document of ours. On all others each block is one, or a part of one. */
const OTHER_JSON = [
  'docs/actions.md',
  'docs/actuators.md',
  'docs/advise.md',
  'docs/api.md',
  'docs/check.md',
  'docs/cli.md',
  'docs/conditions.md',
  'docs/editor.md',
  'docs/gauges.md',
  'docs/intake.md',
  'docs/journal.md',
  'docs/probes.md',
  'docs/simulator.md',
];

describe.each(PAGES)('%s', (page) => {
  test('its JSON is valid, and our validators accept what is a document of ours', () => {
    const wrong: string[] = [];
    for (const { line, text } of jsonBlocks(page)) {
      try {
        for (const value of valuesOf(text)) {
          const { shape, findings } = examine(value);
          wrong.push(...findings.map((finding) => `${page}:${line} (${shape}) ${finding}`));
          if (shape === undefined && !OTHER_JSON.includes(page)) wrong.push(`${page}:${line} is no document of ours`);
        }
      } catch (thrown) {
        wrong.push(`${page}:${line} ${String(thrown)}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('its links lead to pages, files and headings that are there', () => {
    const broken = linksOf(page).filter((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), path));
      if (!existsSync(join(ROOT, target))) return true;
      return anchor !== undefined && target.endsWith('.md') && !anchorsOf(target).has(anchor);
    });
    expect(broken).toEqual([]);
  });
});

describe('docs/comparison.md', () => {
  const folder = join(ROOT, 'test/docs/comparison');
  const files = readdirSync(folder).sort();
  const scenarios = files.filter((name) => name.endsWith('.scenario.json'));
  const shown = files.filter((name) => !scenarios.includes(name));
  const read = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

  test('its policies and its manager file are the files that are tested', () => {
    const blocks = jsonBlocks('docs/comparison.md').flatMap(({ text }) => valuesOf(text));
    const byText = (a: unknown, b: unknown): number => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
    expect([...blocks].sort(byText)).toEqual(shown.map(read).sort(byText));
  });

  test('they are right', () => {
    const { findings } = loadConfiguration(join(folder, 'homeostat.json'));
    expect(findings.filter((finding) => finding.severity === 'error')).toEqual([]);
  });

  test.each(scenarios)('%s shows that they do what the page says', async (scenario) => {
    const { passed, misses, findings } = await testFile(join(folder, scenario));
    expect({ misses, findings }).toEqual({ misses: [], findings: [] });
    expect(passed).toBe(true);
  });

  test('each of the policies is tried by a scenario', () => {
    const tried = scenarios.map((scenario) => scenario.replace('.scenario', ''));
    expect(tried).toEqual(shown.filter((name) => name !== 'homeostat.json'));
  });
});
