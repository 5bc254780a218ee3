import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spotOf } from '../../src/cli/lines.ts';
import { sarifOf } from '../../src/cli/sarif.ts';
import type { Finding } from '../../src/errors.ts';

const TEXT = `{
  "a": { "b/c": [ 1, "x\\"}]", true, { "d": null } ] },
  "e~f": -1.5e3,
  "": 2
}`;

test('a pointer leads to the key of a member and to the value of an item', () => {
  expect(spotOf(TEXT, '')).toEqual({ line: 1, column: 1 });
  expect(spotOf(TEXT, '/a')).toEqual({ line: 2, column: 3 });
  expect(spotOf(TEXT, '/a/b~1c')).toEqual({ line: 2, column: 10 });
  expect(spotOf(TEXT, '/a/b~1c/2')).toEqual({ line: 2, column: 31 });
  expect(spotOf(TEXT, '/a/b~1c/3/d')).toEqual({ line: 2, column: 39 });
  expect(spotOf(TEXT, '/e~0f')).toEqual({ line: 3, column: 3 });
  expect(spotOf(TEXT, '/')).toEqual({ line: 4, column: 3 });
});

test('where the way ends early it is the place of what was reached; what is no JSON has only a beginning', () => {
  expect(spotOf(TEXT, '/a/gone/further')).toEqual({ line: 2, column: 3 });
  expect(spotOf('{ "a": [', '/a/0')).toEqual({ line: 1, column: 1 });
  expect(spotOf('', '/a')).toEqual({ line: 1, column: 1 });
});

test('findings become a SARIF 2.1.0 document with rules, levels, places and suppressions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-sarif-'));
  const file = join(folder, 'my rules.json');
  writeFileSync(file, '{ "policies": [\n  { "name": "a" },\n  { "name": "b" }\n] }');
  const findings: Finding[] = [
    {
      code: 'H210',
      severity: 'warning',
      file,
      pointer: '/policies/0',
      message: 'm',
      remedy: 'r',
      related: [{ file, pointer: '/policies/1' }],
    },
    { code: 'H211', severity: 'error', file, pointer: '/policies/1/name', message: 'n' },
    { code: 'H213', severity: 'warning', file, pointer: '', message: 'o', silenced: 'why' },
    { code: 'H001', severity: 'error', file: 'gone.json', pointer: '', message: 'p' },
  ];
  const document = sarifOf(findings) as {
    runs: [{ tool: { driver: { rules: { id: string }[] } }; results: { ruleId: string; ruleIndex: number }[] }];
  };
  rmSync(folder, { recursive: true });
  const place = (startLine: number, startColumn: number) => ({
    physicalLocation: { artifactLocation: { uri: file.replace(' ', '%20') }, region: { startLine, startColumn } },
  });
  expect(document).toMatchObject({
    $schema: expect.stringContaining('sarif-2.1.0'),
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'homeostat', rules: [{ id: 'H001' }, { id: 'H210' }, { id: 'H211' }, { id: 'H213' }] } },
        results: [
          {
            ruleId: 'H210',
            level: 'warning',
            message: { text: 'm; r' },
            locations: [place(2, 3)],
            relatedLocations: [{ id: 0, ...place(3, 3) }],
          },
          { ruleId: 'H211', level: 'error', message: { text: 'n' }, locations: [place(3, 5)] },
          { ruleId: 'H213', level: 'warning', suppressions: [{ kind: 'inSource', justification: 'why' }] },
          { ruleId: 'H001', level: 'error', locations: [{ physicalLocation: { region: { startLine: 1, startColumn: 1 } } }] },
        ],
      },
    ],
  });
  const [{ tool, results }] = document.runs;
  for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]!.id).toBe(ruleId);
});
