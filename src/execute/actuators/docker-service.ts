/** The replicas of a swarm service. The engine takes a change only of the version that was read, so that nothing of another is overwritten. */
import type { Order, Result } from './actuator.ts';
import type { Docker } from './docker-container.ts';
import { LABEL, sizeOf } from './docker-pool.ts';
import { refused, succeeded } from './results.ts';

/** The part of GET /services/NAME that is used here; the rest of Spec is sent back as it came. */
interface Service {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: Readonly<Record<string, unknown>> & {
    readonly Labels?: Readonly<Record<string, string>>;
    readonly Mode: { readonly Replicated?: { readonly Replicas: number } };
  };
}

const MOST = 1_000_000;
const pathOf = (name: string): string => `/services/${encodeURIComponent(name)}`;

function replicas({ context }: Docker, order: Order, value: number): Pick<Result, 'observations'> {
  const { element, resource } = order.command;
  return { observations: [{ element, property: resource, value, time: context.clock.now(), source: context.name }] };
}

export async function scaleService(docker: Docker, name: string, order: Order, signal: AbortSignal): Promise<Result> {
  const to = sizeOf(order, MOST);
  if (typeof to !== 'number') return to;
  const service = await docker.engine.read<Service>(pathOf(name), signal);
  if (!service) return refused(`there is no service ${name}`);
  const { ID, Version, Spec } = service;
  const now = Spec.Mode.Replicated?.Replicas;
  if (now === undefined) return refused(`the service ${name} is not replicated`);
  const detail = `${name}: ${now} to ${to} replicas`;
  // Done by this command before; who has changed it since shall not be undone.
  if (now === to || Spec.Labels?.[LABEL.command] === order.command.id) return succeeded(detail, replicas(docker, order, now));
  const body = { ...Spec, Labels: { ...Spec.Labels, [LABEL.command]: order.command.id }, Mode: { Replicated: { Replicas: to } } };
  await docker.engine.call(
    { method: 'POST', path: `${pathOf(ID)}/update`, query: { version: String(Version.Index) }, body, signal },
    [200],
  );
  const after = await docker.engine.read<Service>(pathOf(ID), signal);
  return succeeded(detail, replicas(docker, order, after?.Spec.Mode.Replicated?.Replicas ?? to));
}

/** After a restart: the service carries the id of the command that changed it last. */
export async function inquireService(docker: Docker, name: string, order: Order, signal: AbortSignal): Promise<Result | undefined> {
  const service = await docker.engine.read<Service>(pathOf(name), signal);
  if (service?.Spec.Labels?.[LABEL.command] !== order.command.id) return undefined;
  return succeeded(`${name}: asked by the id of the command`, replicas(docker, order, service.Spec.Mode.Replicated?.Replicas ?? 0));
}
