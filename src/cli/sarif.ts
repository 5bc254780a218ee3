/** Findings as SARIF 2.1.0, which code hosts show beside the lines. https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
import { readFileSync } from 'node:fs';
import { resolve, sep } from 'node:path';
import { ANALYSES } from '../check/analyses.ts';
import { ERRORS, type Finding } from '../errors.ts';
import { spotOf } from './lines.ts';

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

export function sarifOf(findings: readonly Finding[]): object {
  const texts = new Map<string, string>();
  const rules = [...new Set(findings.map(({ code }) => code))].sort();
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'homeostat', rules: rules.map(ruleOf) } },
        results: findings.map((finding) => resultOf(finding, rules, texts)),
      },
    ],
  };
}

const ruleOf = (code: Finding['code']): object => ({
  id: code,
  shortDescription: { text: ERRORS[code].title },
  help: { text: `docs/${pageOf(code)}` },
});

/** The page and place in docs/ that says more. */
const pageOf = (code: Finding['code']): string =>
  code === 'H230' || ANALYSES.some((analysis) => analysis.code === code) ? `check.md#${code.toLowerCase()}` : 'errors.md';

function resultOf(finding: Finding, rules: readonly string[], texts: Map<string, string>): object {
  const { code, severity, message, remedy, related = [], silenced } = finding;
  return {
    ruleId: code,
    ruleIndex: rules.indexOf(code),
    level: severity,
    message: { text: remedy === undefined ? message : `${message}; ${remedy}` },
    locations: [locationOf(finding, texts)],
    ...(related.length === 0 ? {} : { relatedLocations: related.map((place, id) => ({ id, ...locationOf(place, texts) })) }),
    ...(silenced === undefined ? {} : { suppressions: [{ kind: 'inSource', justification: silenced }] }),
  };
}

function locationOf({ file, pointer }: Pick<Finding, 'file' | 'pointer'>, texts: Map<string, string>): Record<string, unknown> {
  const { line, column } = spotOf(textOf(file, texts), pointer);
  return {
    physicalLocation: {
      artifactLocation: { uri: file.split(sep).map(encodeURIComponent).join('/') },
      region: { startLine: line, startColumn: column },
    },
    logicalLocations: [{ fullyQualifiedName: `${file}#${pointer}` }],
  };
}

/** The text of a file; empty if it cannot be read, which is a finding already. */
function textOf(file: string, texts: Map<string, string>): string {
  let text = texts.get(file);
  if (text === undefined) {
    try {
      text = readFileSync(resolve(file), 'utf8');
    } catch {
      text = '';
    }
    texts.set(file, text);
  }
  return text;
}
