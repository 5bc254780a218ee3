/** The probe: prints what the site measures, a name and a value a line. */
import { connected } from './client.js';
import { measured } from './manage.js';

const { ask, close } = await connected();
for (const [name, value] of Object.entries(await measured(ask))) console.log(`${name} ${value}`);
close();
