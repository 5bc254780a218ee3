/** Makes the manager file of the image: that of an example, with what services.json says laid over it. `node merge.js EXAMPLE SERVICES > FILE` */
import { readFileSync } from 'node:fs';

const [example, services] = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const { $schema: _schema, ...rest } = example;
process.stdout.write(`${JSON.stringify({ ...rest, ...services }, null, 2)}\n`);
