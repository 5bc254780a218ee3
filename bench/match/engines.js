/** The engines: each is given rules, by falling priority, and says which match facts. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Engine } from 'json-rules-engine';
import { parseCondition } from '../../dist/analyze/parse.js';
import { Matcher } from '../../dist/match/matcher.js';
import { Matches } from '../../dist/match/matches.js';

const VERSIONS = { 'json-logic-engine': '5.0.7', '@gorules/zen-engine': '0.54.0' };

const wrong = (code, pointer, message) => {
  throw new Error(`${code} at ${pointer}: ${message}`);
};

/** Ours, on the conditions of policies as they are read from a file. */
export function homeostat(rules) {
  const matcher = new Matcher(rules.map(({ conditions }) => parseCondition(conditions, {}, wrong, '', {})));
  return { matcher, matches: new Matches(matcher) };
}

export function jsonRulesEngine(rules) {
  const engine = new Engine(rules.map(({ name, priority, conditions }) => ({ name, priority, conditions, event: { type: name } })));
  const place = new Map(rules.map(({ name }, i) => [name, i]));
  return async (facts) => {
    const { events } = await engine.run(facts);
    // Within a priority it answers in the order in which promises settle.
    return events.map(({ type }) => place.get(type)).sort((a, b) => a - b);
  };
}

/** Installs the other two into a temporary folder. Returns what makes them, and how to take the folder away. */
export async function others() {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-engines-'));
  mkdirSync(folder, { recursive: true });
  const packages = Object.entries(VERSIONS).map(([name, version]) => `${name}@${version}`);
  execFileSync('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--silent', ...packages], { stdio: 'ignore' });
  const load = (file) => import(pathToFileURL(join(folder, 'node_modules', file)).href);
  const { LogicEngine } = await load('json-logic-engine/dist/esm/index.js');
  const zen = await load('@gorules/zen-engine/index.js');
  return {
    engines: { 'json-logic-engine': jsonLogicEngine(LogicEngine), '@gorules/zen-engine': zenEngine((zen.default ?? zen).ZenEngine) },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

const SIGNS = { greaterThan: '>', greaterThanInclusive: '>=', lessThan: '<', lessThanInclusive: '<=' };

/** Each rule compiled to a function. */
const jsonLogicEngine = (LogicEngine) => (rules) => {
  const engine = new LogicEngine();
  const compiled = rules.map(({ conditions }) =>
    engine.build({ and: conditions.all.map(({ fact, operator, value }) => ({ [SIGNS[operator]]: [{ var: fact }, value] })) }),
  );
  return (facts) => {
    const found = [];
    for (let i = 0; i < compiled.length; i++) if (compiled[i](facts)) found.push(i);
    return found;
  };
};

/** A decision table with a column for each fact, of which all rows that fit are collected. */
const zenEngine = (ZenEngine) => (rules) => {
  const fields = [...new Set(rules.flatMap(({ conditions }) => conditions.all.map(({ fact }) => fact)))].sort();
  const at = { x: 0, y: 0 };
  const decision = new ZenEngine().createDecision({
    nodes: [
      { id: 'in', type: 'inputNode', name: 'in', position: at },
      {
        id: 'table',
        type: 'decisionTableNode',
        name: 'table',
        position: at,
        content: {
          hitPolicy: 'collect',
          inputs: fields.map((field) => ({ id: field, name: field, field })),
          outputs: [{ id: 'n', name: 'n', field: 'n' }],
          rules: rules.map(({ conditions }, i) => ({
            _id: String(i),
            n: String(i),
            ...Object.fromEntries(fields.map((field) => [field, ''])),
            ...Object.fromEntries(conditions.all.map(({ fact, operator, value }) => [fact, `${SIGNS[operator]} ${value}`])),
          })),
        },
      },
      { id: 'out', type: 'outputNode', name: 'out', position: at },
    ],
    edges: [
      { id: 'a', type: 'edge', sourceId: 'in', targetId: 'table' },
      { id: 'b', type: 'edge', sourceId: 'table', targetId: 'out' },
    ],
  });
  return async (facts) => {
    const { result } = await decision.evaluate(facts);
    return (result ?? []).map(({ n }) => n);
  };
};
