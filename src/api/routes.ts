/** All that the API answers, in one table. See docs/api.md. */
import { READING } from './reading.ts';
import type { Route } from './server.ts';

export const ROUTES: readonly Route[] = [...READING];
