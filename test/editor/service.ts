/** VS Code's own JSON service, with the schemas of a project, on a text with a cursor. */
import { createRequire } from 'node:module';
import type { Diagnostic, JSONSchema } from 'vscode-json-languageservice';

const require = createRequire(import.meta.url);
const { getLanguageService, TextDocument } = require('vscode-json-languageservice') as typeof import('vscode-json-languageservice');

const SCHEMA = 'file:///schema.json';
const FILE = 'file:///file.json';

export interface Problem {
  /** The text that is marked. */
  readonly marked: string;
  readonly message: string;
}

/** A schema that a file names as its `$schema`, wherever it says it lies, is this one; so it is for a file that names none. */
export class Editor {
  readonly #service: ReturnType<typeof getLanguageService>;

  constructor(schema: object) {
    this.#service = getLanguageService({
      schemaRequestService: async () => JSON.stringify(schema),
      workspaceContext: { resolveRelativePath: (path) => `file:///${path.split('/').at(-1)}` },
    });
    this.#service.configure({
      validate: true,
      allowComments: false,
      schemas: [{ uri: SCHEMA, fileMatch: ['*'], schema: schema as JSONSchema }],
    });
  }

  /** What is offered at the cursor `|`, without quotes. */
  async offers(text: string): Promise<string[]> {
    const offset = text.indexOf('|');
    const document = TextDocument.create(FILE, 'json', 1, text.replace('|', ''));
    const list = await this.#service.doComplete(document, document.positionAt(offset), this.#service.parseJSONDocument(document));
    return (list?.items ?? []).map(({ label }) => label.replaceAll('"', ''));
  }

  async problems(text: string): Promise<Problem[]> {
    const document = TextDocument.create(FILE, 'json', 1, text);
    const found: Diagnostic[] = await this.#service.doValidation(document, this.#service.parseJSONDocument(document));
    return found.map(({ range, message }) => ({
      marked: document.getText(range),
      message: typeof message === 'string' ? message : message.value,
    }));
  }
}
