/** All that the API answers, in one table. See docs/api.md. */
import { approve, listAdvice, reject } from './advice.ts';
import { pause, reload, resume } from './control.ts';
import { addElements, deleteElement } from './elements.ts';
import { answerMetrics } from './metrics.ts';
import { answerObservations, answerPush } from './observations.ts';
import { READING } from './reading.ts';
import type { Route } from './server.ts';

export const ROUTES: readonly Route[] = [
  ...READING,
  { method: 'GET', path: '/metrics', answer: answerMetrics },
  { method: 'POST', path: '/observations', roles: ['feed'], answer: answerObservations },
  { method: 'POST', path: '/push/:probe', roles: ['feed'], answer: answerPush },
  { method: 'POST', path: '/elements', answer: addElements },
  { method: 'DELETE', path: '/elements/*', answer: deleteElement },
  { method: 'POST', path: '/pause', answer: pause },
  { method: 'POST', path: '/resume', answer: resume },
  { method: 'GET', path: '/advice', answer: listAdvice },
  { method: 'POST', path: '/advice/:id/approve', roles: ['approve'], answer: approve },
  { method: 'POST', path: '/advice/:id/reject', roles: ['approve'], answer: reject },
  { method: 'POST', path: '/reload', roles: ['operate', 'author'], answer: reload },
];
