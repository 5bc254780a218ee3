/** The published schema in VS Code's own JSON service: words of conditions are completed, and wrong ones are marked. */
import { publishedSchemas } from '../../src/documents/publish.ts';
import { Editor } from './service.ts';

const editor = new Editor(publishedSchemas()['policies.schema.json']!);
const file = (condition: string): string =>
  `{"policies":[{"name":"p","scope":{"type":"t"},"conditions":{"all":[${condition}]},"actions":[{"command":"notify"}]}]}`;

test('operators are completed, those of json-rules-engine and ours', async () => {
  const offers = await editor.offers(file('{"fact":"load","operator":"|","value":1}'));
  expect(offers).toEqual(expect.arrayContaining(['equal', 'doesNotContain', 'between', 'matches', 'changed', 'stale']));
});

test.each([
  ['{"fact":"load","operator":"greaterThan","value":3}', []],
  ['{"fact":"tags","operator":"someFact:not:in","value":["a"]}', []],
  ['{"fact":"load","operator":"not:changed","value":"10s"}', []],
  ['{"fact":"load","operator":"between","value":[1,2]}', []],
  ['{"fact":"load","operator":"lessThan","value":{"fact":"limit"}}', []],
  ['{"fact":"load","operator":"greaterThen","value":3}', ['"greaterThen"']],
  ['{"fact":"load","operator":"sum:equal","value":3}', ['"sum:equal"']],
  ['{"fact":"load","operator":"swap:changed","value":"1s"}', ['"swap:changed"']],
  ['{"fact":"load","operator":"greaterThan","value":"3"}', ['"3"']],
  ['{"fact":"load","operator":"not:in","value":3}', ['3']],
  ['{"fact":"load","operator":"between","value":[1]}', ['[1]']],
  ['{"fact":"load","operator":"changed","value":"soon"}', ['"soon"']],
  ['{"fact":"load","operator":"stale","value":1}', ['1']],
  ['{"fact":"load","operator":"equal","value":1,"priority":0}', ['0']],
])('%s', async (condition, marked) => {
  expect((await editor.problems(file(condition))).map((problem) => problem.marked)).toEqual(marked);
});
